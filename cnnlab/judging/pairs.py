"""Two models judged on the same images, against each other; several such pairs at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnnlab.domain.holm import holm
from cnnlab.domain.metrics import confusion_matrix, cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.paired import mcnemar_p, mean_of_differences, paired_difference

LEVEL = 0.05
"""Probability of any false claim about accuracy among all pairs that are compared together."""

PairVerdict = Literal["first_better", "second_better", "cannot_tell"]


@dataclass(frozen=True)
class Pair:
    """What two models do with the same images; differences are second minus first.

    Attributes:
        both: images that both get right.
        only_first: that only the first gets right.
        only_second: likewise.
        neither: that none gets right.
        difference: of the accuracies, -1..1, with its own 95 % interval.
        cross_entropy: difference of the mean cross-entropies in nats; below 0 the second is better.
        p: exact, of McNemar's test, for this pair alone.
        p_adjusted: after Holm's correction for all pairs that are compared together.
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    difference: Measured
    cross_entropy: Measured
    p: float
    p_adjusted: float

    @property
    def images(self) -> int:
        """How many there are."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def verdict(self) -> PairVerdict:
        """Which of these two models is right more often, if that can be told."""
        if self.p_adjusted > LEVEL:
            return "cannot_tell"
        return "first_better" if self.only_first > self.only_second else "second_better"


def compare_pairs(pairs: Sequence[tuple[Predictions, Predictions]]) -> list[Pair]:
    """Compare two models at a time.

    Args:
        pairs: first and second, each of the same images in the same order, at least one image;
            all that somebody may look at, because the correction is for these.
    """
    counted = [_counts(first, second) for first, second in pairs]
    p_values = [mcnemar_p(only_first, only_second) for _, only_first, only_second, _ in counted]
    adjusted = holm(p_values) if p_values else []
    return [
        Pair(
            *counts,
            paired_difference(counts[1], counts[2], sum(counts)),
            mean_of_differences(_losses(second) - _losses(first)),
            p,
            p_adjusted,
        )
        for (first, second), counts, p, p_adjusted in zip(
            pairs, counted, p_values, adjusted, strict=True
        )
    ]


def right(said: Predictions) -> np.ndarray:
    """(N,) bool, of each image."""
    found: np.ndarray = said.probabilities.argmax(axis=1) == said.labels
    return found


def confusion_difference(first: Predictions, second: Predictions) -> np.ndarray:
    """(classes, classes) int64: counts of the second minus those of the first, row by true class.

    Args:
        first: of some images.
        second: of the same images.
    """
    difference: np.ndarray = _confusion(second) - _confusion(first)
    return difference


def _confusion(said: Predictions) -> np.ndarray:
    classes = said.probabilities.shape[1]
    return confusion_matrix(said.probabilities.argmax(axis=1), said.labels, classes)


def are_same_images(first: Predictions, second: Predictions) -> bool:
    """Whether both are of the same images, by the same labels."""
    return np.array_equal(first.positions, second.positions) and np.array_equal(
        first.labels, second.labels
    )


def _counts(first: Predictions, second: Predictions) -> tuple[int, int, int, int]:
    one, other = right(first), right(second)
    cells = np.bincount(2 * ~one + ~other, minlength=4)
    both, only_first, only_second, neither = (int(count) for count in cells)
    return both, only_first, only_second, neither


def _losses(said: Predictions) -> np.ndarray:
    return cross_entropies(said.probabilities, said.labels)
