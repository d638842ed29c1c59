"""What the losses of one test suggest, and whether they fall at all."""

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from cnnlab.training.lr_test.smoothing import SmoothedLoss
from cnnlab.training.lr_test.valley import valley

LEAST_FALL = 5.0
"""How far a smoothed loss must fall, in standard deviations of what noise alone makes of it.

Losses that are nothing but noise fell so far in all of three tests once in a hundred times (4,000
draws of 40 steps; a test has 60 by now); the least of 36 tests on six sets of images was 9.
"""

_ROUNDED = 1e-6
"""Share of a loss that a sum in float32 may be off."""

_LEFT_OUT_FIRST, _LEFT_OUT_LAST = 0.1, 0.05
"""Shares of the steps at the ends of a curve that don't count, as in fastai."""

_NORMAL = statistics.NormalDist().inv_cdf(0.75) * math.sqrt(2)
"""Median distance of two values that are drawn from a normal distribution of deviation 1."""


def smoothed(losses: Sequence[float], steps: int) -> SmoothedLoss:
    """The losses of a test, smoothed.

    Args:
        losses: as far as it came.
        steps: planned.
    """
    smooth = SmoothedLoss(steps)
    for loss in losses:
        smooth.add(loss)
    return smooth


def suggested_rate(losses: Sequence[float], rates: Sequence[float]) -> float | None:
    """The rate of the valley in the smoothed losses.

    Args:
        losses: of each step, as far as the test came; only the last one may not be finite.
        rates: of all steps, rising.

    Returns:
        None where the losses don't fall.
    """
    smooth, steps = smoothed(losses, len(rates)), len(rates)
    first = int(_LEFT_OUT_FIRST * steps)
    values = smooth.values[first : max(first, len(smooth.values) - int(_LEFT_OUT_LAST * steps))]
    if not values:
        return None
    lowest = values.index(min(values))
    fall = max(values[: lowest + 1]) - values[lowest]
    noise = _deviation(losses[: first + lowest + 1]) * smooth.noise_left
    if fall <= max(LEAST_FALL * noise, _ROUNDED * abs(values[lowest])):
        return None
    return rates[first + valley(values)]


def _deviation(losses: Sequence[float]) -> float:
    """Standard deviation of the noise in a curve, from the distances of neighbours."""
    distances = [abs(later - earlier) for earlier, later in pairwise(losses)]
    return statistics.median(distances) / _NORMAL if distances else 0.0
