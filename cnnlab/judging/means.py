"""The mean of a number that each image has, with its bootstrap interval.

How far the mean of a resample lies from that of all images, in its own standard errors, is alike in
resamples and in draws (Efron and Tibshirani 1993, chapter 12: bootstrap-t). The percentiles of the
means themselves hold the truth in 88 to 96 % at 300 images, least where few images have most of the
loss. There a resample without these says that anything may be: then what the values can be at most
gives the limit.
"""

import numpy as np

from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.shares import CONFIDENCE, measured, wilson

RESAMPLES = 2_000
"""For intervals at 95 %: the 50 outermost on each side. Of many images there are fewer: their
mean is so nearly normal that its quantiles are known by fewer."""
_FEWEST_RESAMPLES = 300
_DRAWS = 4_000_000
"""Images that are drawn in all, if that isn't too few resamples."""
_BLOCK = 500_000
_SEED = 0x3EA45
_UNKNOWN = 1e12
"""Standard errors that a resample is off whose images are all alike, by unit of the values."""


def mean_with_interval(
    values: np.ndarray, labels: np.ndarray, least: float, most: float
) -> Measured:
    """Mean over the images; the same for the same values and labels.

    Args:
        values: (N,) float.
        labels: (N,) int: images are drawn again class by class, as many of each as there are.
        least: that a value can be.
        most: likewise. Values in between waver less than if all were the one or the other, so the
            interval is never wider than that of a share.
    """
    value, error = _mean_and_error(values, labels)
    if most <= least:
        return measured(value, value, value)
    share = min(max((value - least) / (most - least), 0.0), 1.0)
    widest = wilson(share * len(values), len(values))
    assert widest["low"] is not None and widest["high"] is not None
    low, high = (least + (most - least) * end for end in (widest["low"], widest["high"]))
    if error > 0:
        means, errors = _drawn_again(values, labels)
        tail = (1 - CONFIDENCE) / 2
        off = np.divide(means - value, errors, out=_UNKNOWN * (means - value), where=errors > 0)
        below, above = np.quantile(off, [1 - tail, tail])
        low, high = max(low, value - below * error), min(high, value - above * error)
    return measured(value, min(low, value), max(high, value))


def _mean_and_error(values: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    order = np.argsort(labels, kind="stable")
    mean, error = _means(values[order][None], np.bincount(labels))
    return float(mean[0]), float(error[0])


def _drawn_again(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of each resample."""
    ordered = values[np.argsort(labels, kind="stable")]
    sizes = np.bincount(labels)
    size = np.repeat(sizes, sizes)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    generator = np.random.default_rng([_SEED, len(labels)])
    wanted = int(np.clip(_DRAWS // len(labels), _FEWEST_RESAMPLES, RESAMPLES))
    rows = max(1, _BLOCK // len(labels))
    blocks = []
    for done in range(0, wanted, rows):
        shape = (min(rows, wanted - done), len(labels))
        place = (generator.random(shape, dtype=np.float32) * size.astype(np.float32)).astype(int)
        # A float32 just below 1 may be rounded up to the size.
        blocks.append(_means(ordered[start + np.minimum(place, size - 1)], sizes))
    means, errors = (np.concatenate(found) for found in zip(*blocks, strict=True))
    return means, errors


def _means(ordered: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of each row, whose values are of one class after the other.

    Args:
        ordered: (rows, N) float.
        sizes: images of each class; a class with one image has no spread of its own.
    """
    sizes = sizes[sizes > 0]
    starts = np.cumsum(sizes) - sizes
    sums, squares = (
        np.add.reduceat(found, starts, axis=1) for found in (ordered, np.square(ordered))
    )
    variance = np.maximum(squares - sums**2 / sizes, 0) / np.maximum(sizes - 1, 1)
    images = sizes.sum()
    return sums.sum(axis=1) / images, np.sqrt(variance @ sizes) / images
