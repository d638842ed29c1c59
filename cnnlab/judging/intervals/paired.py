"""Two models on the same images: whether one is right more often, and by how much."""

import math

import numpy as np
import scipy

from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.shares import CONFIDENCE, Z, measured, undefined

_HALVINGS = 60
_NO_SPREAD = 1e-9
"""Nats: differences that vary less are equal but for rounding in floating point."""


def mcnemar_p(only_first: int, only_second: int) -> float:
    """How likely a split at least as uneven is if both models are right equally often.

    McNemar's test (1947, Psychometrika 12), exact: of the images that only one of the two gets
    right, each is as likely either one's. With few of these images it claims in less than the
    level.

    Args:
        only_first: images that only the first model gets right.
        only_second: likewise.

    Returns:
        Two-sided p value, 0..1.
    """
    fewer, images = min(only_first, only_second), only_first + only_second
    return min(1.0, 2 * float(scipy.special.bdtr(fewer, images, 0.5)))


def paired_difference(only_first: int, only_second: int, images: int) -> Measured:
    """Accuracy of the second model minus that of the first, with Tango's score interval.

    Tango 1998 (Statist. Med. 17, 891): of the usual ones the one that keeps its level with few
    images (Fagerland, Lydersen and Laake 2014, Statist. Med. 33, 2850). It has a width even where
    no image tells the two apart. How often it holds the truth says the exhaustive test of it.

    Args:
        only_first: images that only the first model gets right.
        only_second: likewise.
        images: all of them; with 0 nothing is defined.
    """
    if not images:
        return undefined()
    counts = only_first, only_second, images
    value = (only_second - only_first) / images
    return measured(value, _end(*counts, value, -1.0), _end(*counts, value, 1.0))


def _end(only_first: int, only_second: int, images: int, value: float, outside: float) -> float:
    """Where the supposed differences end, on the way to `outside`, that the images don't refute."""
    inside = value
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        off = only_second - only_first - images * middle
        if off**2 <= Z**2 * _variance(only_first, only_second, images, middle):
            inside = middle
        else:
            outside = middle
    return inside


def _variance(only_first: int, only_second: int, images: int, difference: float) -> float:
    """Of `only_second - only_first`, by the likeliest shares that differ by `difference`.

    Equations 7 and 8 of Tango: the share of images that only the first gets right solves
    a x^2 + b x + c = 0.
    """
    a = 2 * images
    b = (2 * images - only_second + only_first) * difference - only_first - only_second
    c = -only_first * difference * (1 - difference)
    share = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    return max(0.0, images * (2 * share + difference * (1 - difference)))


def mean_of_differences(differences: np.ndarray) -> Measured:
    """Mean over the images with the paired t interval (Student 1908).

    For cross-entropies. Where few images have most of the loss it holds the truth less often: of
    four kinds of made models in 87 to 99 % of draws at 30 to 100 images, in 94 to 98 % at 300. The
    bootstrap-t that `judging/means.py` has for one model was worse there, 67 to 96 %.

    Args:
        differences: (N,) float, one for each image; without two nothing is known of chance, nor
            where all are equal.
    """
    count = len(differences)
    if not count:
        return undefined()
    mean = float(differences.mean(dtype=np.float64))
    spread = float(differences.std(ddof=1, dtype=np.float64)) if count > 1 else 0.0
    if spread <= _NO_SPREAD:
        return {"value": mean, "low": None, "high": None}
    reach = (
        float(scipy.special.stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * spread / math.sqrt(count)
    )
    return measured(mean, mean - reach, mean + reach)
