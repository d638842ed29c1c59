"""Intervals of measures that need only which class each image is taken for.

The images of a part are a draw of which is fixed how many of each class there are (cnnlab splits
class by class). The bootstrap that draws so again leaves out the truth too often where a model is
nearly always right or a class has few images: its percentiles hold it in 80 to 95 % at 300 images,
with bias correction and acceleration in 83 to 95 %. So the population is tilted instead (Efron
1981, Can. J. Statist. 9, nonparametric tilting): the interval ends where, in a population that is
like the images but has more or fewer of those that count for the measure, what was measured would
be 1.96 standard errors off. The standard error is that of the tilted population, as in Wilson's
interval, which this is for a share. Held truths: `tests/benchmarks/judged_intervals.py`.
"""

import numpy as np

from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.shares import Z, measured
from cnnlab.judging.label_measures import Counts, counts_of, label_measures

_SUPPOSED_IMAGES = 1.0
"""Of each class, beside its own: right as often as all images are, else taken for any other class
alike. What was never seen can so become more frequent."""
_FARTHEST = 12.0
"""Standard errors that an end is searched for."""
_HALVINGS = 24
_STEP = 1e-3


def label_measures_with_intervals(confusion: np.ndarray) -> dict[str, Measured]:
    """Each measure of `label_measures`.

    Args:
        confusion: (classes, classes) int counts, at least one image; a row is a true class.
    """
    values = {name: float(found) for name, found in label_measures(counts_of(confusion)).items()}
    present = np.flatnonzero(confusion.sum(axis=1))
    family = _Tilted(_population(confusion)[present], confusion.sum(axis=1)[present], present)
    low, high = (family.ends(values, way) for way in (-1, 1))
    return {
        name: measured(value, min(low[name], value), max(high[name], value))
        for name, value in values.items()
    }


class _Tilted:
    """Populations in which the images that raise a measure are rarer or more frequent.

    The first axis of all arrays is the measure, each with a population of its own.

    Args:
        population: (present, classes) float, shares of each class that are taken for each class.
        images: (present,) int, of each class that has any.
        present: (present,) their labels.
    """

    def __init__(self, population: np.ndarray, images: np.ndarray, present: np.ndarray) -> None:
        self._population, self._images, self._present = population, images[:, None], present
        influences = _influences(population * self._images, present)
        # Each class has spent one image on its own shares; with few images a class half at most.
        total = int(images.sum())
        self._spent = total / max(total - len(images), total / 2)
        self._names = list(influences)
        self._influences = np.stack(list(influences.values()))
        self._errors = np.sqrt(self._variances(population))

    def ends(self, values: dict[str, float], way: int) -> dict[str, float]:
        """Where the intervals of measured values end: below for -1, above for 1.

        At the value itself where it isn't a number, or nothing could be otherwise.
        """
        measures = np.array([values[name] for name in self._names])
        near, far = np.zeros(len(measures)), np.full(len(measures), way * _FARTHEST)
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            tilted = self._tilted(middle)
            off = self._measures(tilted) - measures
            is_inside = (off * way < 0) | (off**2 <= Z**2 * self._variances(tilted))
            near, far = np.where(is_inside, middle, near), np.where(is_inside, far, middle)
        ends = self._measures(self._tilted(near))
        is_known = (self._errors > 0) & np.isfinite(measures)
        return dict(zip(self._names, np.where(is_known, ends, measures).tolist(), strict=True))

    def _tilted(self, by: np.ndarray) -> np.ndarray:
        """Moved by about so many standard errors, (measures,)."""
        steps = np.divide(by, self._errors, out=np.zeros_like(by), where=self._errors > 0)
        weights = self._population * np.exp(steps[:, None, None] * self._influences)
        found: np.ndarray = weights / weights.sum(axis=-1, keepdims=True)
        return found

    def _variances(self, population: np.ndarray) -> np.ndarray:
        means = (population * self._influences).sum(axis=-1, keepdims=True)
        squares = (population * self._influences**2).sum(axis=-1, keepdims=True)
        found: np.ndarray = ((squares - means**2) * self._images).sum(axis=(-2, -1))
        np.maximum(found * self._spent, 0, out=found)
        return found

    def _measures(self, population: np.ndarray) -> np.ndarray:
        found = label_measures(_counts(population * self._images, self._present))
        return np.array([found[name][row] for row, name in enumerate(self._names)])


def _population(confusion: np.ndarray) -> np.ndarray:
    """(classes, classes) shares of each row, smoothed by the supposed images."""
    classes, images = len(confusion), confusion.sum(axis=1)
    half = _SUPPOSED_IMAGES / 2
    right = (np.trace(confusion) + half) / (images.sum() + 2 * half)
    supposed = np.full((classes, classes), (1 - right) / max(classes - 1, 1))
    np.fill_diagonal(supposed, right)
    found: np.ndarray = confusion + _SUPPOSED_IMAGES * supposed
    found /= found.sum(axis=1, keepdims=True)
    return found


def _influences(rows: np.ndarray, present: np.ndarray) -> dict[str, np.ndarray]:
    """(present, classes) of each measure: what one image more in a cell adds to it.

    Less what it adds in the mean of its row: a row stays as long as it is.

    Args:
        rows: (present, classes) float counts, none 0.
        present: labels of the rows.
    """
    counts, classes = _counts(rows, present), rows.shape[1]
    steps = _STEP * np.concatenate([np.eye(classes), -np.eye(classes)])
    still = np.zeros_like(steps)
    moved = label_measures(
        Counts(
            counts.hits + np.concatenate([steps, still]),
            counts.images,
            counts.predicted + np.concatenate([still, steps]),
        )
    )
    found = {}
    for name, values in moved.items():
        hit, hit_less, predicted, predicted_less = np.split(values, 4)
        influence = np.tile((predicted - predicted_less) / (2 * _STEP), (len(rows), 1))
        influence[np.arange(len(rows)), present] += (hit - hit_less)[present] / (2 * _STEP)
        mean = (influence * rows).sum(axis=1, keepdims=True) / rows.sum(axis=1, keepdims=True)
        found[name] = influence - mean
    return found


def _counts(rows: np.ndarray, present: np.ndarray) -> Counts:
    """Of matrices (..., present, classes) that have the rows of the classes with images only."""
    hits, images = np.zeros(rows.shape[:-2] + rows.shape[-1:]), np.zeros(rows.shape[-1])
    hits[..., present] = rows[..., np.arange(len(present)), present]
    # A row is as long in all matrices.
    images[present] = rows.reshape(-1, *rows.shape[-2:])[0].sum(axis=-1)
    return Counts(hits, images, rows.sum(axis=-2))
