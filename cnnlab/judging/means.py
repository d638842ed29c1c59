"""The mean of a number that each image has, with its interval."""

import numpy as np

from cnnlab.domain.records.judgement import Measured
from cnnlab.judging.intervals import CONFIDENCE, measured, undefined
from cnnlab.judging.resampling import resampled_means


def mean_with_interval(values: np.ndarray, labels: np.ndarray) -> Measured:
    """Mean over the images, with a bootstrap interval.

    Args:
        values: (N,) float.
        labels: (N,) int: images are drawn again class by class.
    """
    return percentile_interval(float(values.mean()), resampled_means(values, labels))


def percentile_interval(value: float, drawn: np.ndarray) -> Measured:
    """The middle 95 % of what resamples give.

    Args:
        value: of the images themselves; the interval holds it.
        drawn: (resamples,) float; those that are NaN don't count.
    """
    if not np.isfinite(value):
        return undefined()
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return measured(value, min(float(low), value), max(float(high), value))
