"""One class against the rest: how its images stand when all are ordered by its probability."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Ranking:
    """What counts as the class from each threshold on.

    Attributes:
        thresholds: (T,) float, the distinct probabilities of the class, the highest first.
        hits: (T,) int64, images of the class with at least this probability.
        false_alarms: (T,) int64, images of other classes with at least this probability.
    """

    thresholds: np.ndarray
    hits: np.ndarray
    false_alarms: np.ndarray

    @property
    def positives(self) -> int:
        """Images of the class."""
        return int(self.hits[-1])

    @property
    def negatives(self) -> int:
        """Images of the other classes."""
        return int(self.false_alarms[-1])

    @cached_property
    def precision(self) -> np.ndarray:
        """(T,) float64, share of the class among the images from each threshold on."""
        found: np.ndarray = self.hits / (self.hits + self.false_alarms)
        return found

    @property
    def roc_area(self) -> float:
        """How often an image of the class has a higher probability of it than another one.

        NaN where the class or the rest has no image.
        """
        if not self.positives or not self.negatives:
            return float("nan")
        above = np.repeat(self._above_negatives, np.diff(self.hits, prepend=0))
        return float(above.mean())

    @property
    def roc_area_error(self) -> float:
        """Standard error of the area (DeLong et al. 1988, Biometrics 44); NaN as the area.

        0 where every image of the class has the higher probability.
        """
        if not self.positives or not self.negatives:
            return float("nan")
        of_hits = _variance(self._above_negatives, np.diff(self.hits, prepend=0))
        of_alarms = _variance(self._below_positives, np.diff(self.false_alarms, prepend=0))
        return float(np.sqrt(of_hits / self.positives + of_alarms / self.negatives))

    @property
    def average_precision(self) -> float:
        """Mean over the images of the class of the precision from their probability on.

        NaN where the class or the rest has no image.
        """
        if not self.positives or not self.negatives:
            return float("nan")
        return float(np.diff(self.hits, prepend=0) @ self.precision / self.positives)

    @property
    def average_precision_error(self) -> float:
        """Standard error of the average precision by what each image adds to it (delta method).

        An image of the class adds the precision at its own place, and raises the precision at all
        places below; one of another class lowers it there.
        """
        if not self.positives or not self.negatives:
            return float("nan")
        of_class, of_rest = (
            np.diff(counts, prepend=0) for counts in (self.hits, self.false_alarms)
        )
        share = of_class / self.positives / (self.hits + self.false_alarms) ** 2
        raised = self.precision + _from_here_on(share * self.false_alarms) * self.positives
        lowered = _from_here_on(share * self.hits) * self.negatives
        variance = _variance(raised, of_class) / self.positives
        return float(np.sqrt(variance + _variance(lowered, of_rest) / self.negatives))

    @property
    def _above_negatives(self) -> np.ndarray:
        """(T,) share of the rest with a lower probability; equal ones count half."""
        before = self.false_alarms - np.diff(self.false_alarms, prepend=0)
        found: np.ndarray = 1 - (self.false_alarms + before) / (2 * self.negatives)
        return found

    @property
    def _below_positives(self) -> np.ndarray:
        """(T,) share of the class with a higher probability; equal ones count half."""
        before = self.hits - np.diff(self.hits, prepend=0)
        found: np.ndarray = (self.hits + before) / (2 * self.positives)
        return found


def rank(probabilities: np.ndarray, is_class: np.ndarray) -> Ranking:
    """Order images by the probability of one class.

    Args:
        probabilities: (N,) float, of the class, N at least 1.
        is_class: (N,) bool, whether the image shows it.
    """
    order = np.argsort(-probabilities, kind="stable")
    ordered, true = probabilities[order], is_class[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    hits = np.cumsum(true, dtype=np.int64)[last]
    return Ranking(ordered[last], hits, last + 1 - hits)


def _variance(values: np.ndarray, counts: np.ndarray) -> float:
    """Of values that occur so often each; 0 with one value only."""
    total = int(counts.sum())
    if total < 2:
        return 0.0
    mean = values @ counts / total
    return float((values - mean) ** 2 @ counts / (total - 1))


def _from_here_on(values: np.ndarray) -> np.ndarray:
    """Sums of each value and all after it."""
    found: np.ndarray = np.cumsum(values[::-1])[::-1]
    return found
