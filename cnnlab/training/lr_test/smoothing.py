"""Losses made smooth while they come, and when there are enough of them."""

import math

KEPT = 0.98
"""Share of the mean that a step keeps in a test of 100 steps, as in fastai."""

DIVERGED = 4.0
"""A smoothed loss of so many times the lowest one has diverged, as in fastai."""


class SmoothedLoss:
    """The exponential mean of losses, corrected for its beginning at 0, as fastai has it.

    Source: `AvgSmoothLoss` in fastai/learner.py, `LRFinder` in fastai/callback/schedule.py.

    Attributes:
        values: after each loss; as many as there are finite losses.
        noise_left: standard deviation of the mean, of losses that are independent noise with 1.
        has_diverged: whether a loss isn't finite, or the mean is far above its lowest value.
    """

    def __init__(self, steps: int) -> None:
        """Begin without a loss.

        Args:
            steps: planned; with fewer than 100 the mean forgets faster, so that it reaches back
                over the same share of the rates.
        """
        self._kept = KEPT ** (100 / steps)
        self.noise_left = math.sqrt((1 - self._kept) / (1 + self._kept))
        self._mean, self._lowest = 0.0, math.inf
        self.values: list[float] = []
        self.has_diverged = False

    def add(self, loss: float) -> None:
        """Take the loss of the next step."""
        if not math.isfinite(loss):
            self.has_diverged = True
            return
        self._mean = self._kept * self._mean + (1 - self._kept) * loss
        value = self._mean / (1 - self._kept ** (len(self.values) + 1))
        self.values.append(value)
        self._lowest = min(self._lowest, value)
        self.has_diverged = value > DIVERGED * self._lowest
