"""What the accuracy of a run's best epoch is worth, in words: it was chosen by the same images."""

import math
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.words import counted, percent, percent_range, points
from cnnlab.study.measures.cross_fitting import cross_fit

_Z = 1.959964
"""Of a 95 % interval."""

_DECIMALS, _SHOWN = 3, 0.0005
"""Shares are shown to a tenth of a percent; what is less isn't seen."""


@dataclass(frozen=True)
class Optimism:
    """The best epoch of a run, and what is to be expected of it on other images of this kind.

    Attributes:
        epoch: 0-based, the best one.
        epochs: how many there were to choose from.
        accuracy: of this epoch on the validation images, 0..1.
        expected: cross-fitted accuracy, 0..1; None where it can't be measured.
        low: of the 95 % interval of what is expected, from as many images as there are; as `high`
            None where `expected` is.
        high: likewise.
        images: how many judge; None where that isn't known.
        why_unknown: the rest of the sentence `by how much`, where it can't be measured.
    """

    epoch: int
    epochs: int
    accuracy: float
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    images: int | None = None
    why_unknown: str = ""

    @property
    def difference(self) -> float | None:
        """By how much the accuracy is too good, 0..1; None where it can't be measured."""
        return None if self.expected is None else max(0.0, self.accuracy - self.expected)

    @property
    def words(self) -> str:
        """What is shown of it: a sentence or three."""
        if self.epochs == 1:
            return f"Epoch 1: {percent(self.accuracy)}, the only one, so none was chosen."
        best = (
            f"Best epoch {self.epoch + 1}: {percent(self.accuracy)}. "
            "The validation images chose this epoch"
        )
        if self.expected is None:
            return f"{best}, so that is somewhat too good; by how much {self.why_unknown}."
        # Of the numbers as they are shown: a reader may subtract them.
        shown = round(self.accuracy, _DECIMALS) - round(self.expected, _DECIMALS)
        if shown < _SHOWN:
            return f"{best}, which makes no difference here. Judged {self._by(self.accuracy)}."
        return (
            f"{best}, so that is about {points(shown)} too good. Without that choice: "
            f"{percent(self.expected)}; judged {self._by(self.expected)}."
        )

    def _by(self, accuracy: float) -> str:
        """What else is possible: few images judge roughly."""
        images = self.images or 0
        given = percent_range(*_wilson(accuracy, images))
        return f"by {counted(images, 'validation image')} it may be anything from {given}"


def optimism_of(
    best: int, accuracy: float, right: np.ndarray, cross_entropies: np.ndarray
) -> Optimism:
    """Measure how much too good the accuracy of the best epoch is.

    Args:
        best: 0-based, the best epoch.
        accuracy: its own, 0..1.
        right: (epochs, N) bool, of each image after every epoch.
        cross_entropies: (epochs, N) float, likewise in nats.
    """
    epochs, images = right.shape
    if images < 2:
        return Optimism(best, epochs, accuracy, why_unknown="a single image can't tell")
    expected = cross_fit(right, cross_entropies).accuracy
    low, high = _wilson(expected, images)
    return Optimism(best, epochs, accuracy, expected, low, high, images)


def _wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share found in so many cases (Wilson 1927; never leaves 0..1)."""
    square = _Z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
