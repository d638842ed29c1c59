"""Mean curves over the seeds of an arm, with their 95 % bands."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from cnnlab.domain.records.training import CurveMetric, EpochRecord

CONFIDENCE = 0.95
POSSIBLE: dict[CurveMetric, tuple[float, float]] = {
    "accuracy": (0.0, 1.0),
    "clean_accuracy": (0.0, 1.0),
    "val_accuracy": (0.0, 1.0),
    "gap": (-1.0, 1.0),
    "loss": (0.0, math.inf),
    "cross_entropy": (0.0, math.inf),
    "clean_cross_entropy": (0.0, math.inf),
    "val_cross_entropy": (0.0, math.inf),
    "penalty": (0.0, math.inf),
    "memorized": (0.0, 1.0),
    "rescued": (0.0, 1.0),
}
"""The least and the largest value of a metric: no band leaves them."""
Histories = Mapping[int, Sequence[EpochRecord]]
"""The epochs of each run of an arm, by seed."""

Rows = Mapping[int, Sequence[Mapping[str, object]]]
"""Epoch records, or what was measured of a layer in each epoch, by seed."""


@dataclass(frozen=True)
class Band:
    """One metric of one arm over the epochs that those of its seeds have reached.

    Attributes:
        epochs: 0-based.
        mean: over the seeds.
        low: lower end of the t interval of the mean; equal to `mean` where there is one seed only.
        high: upper end.
        seeds: how many it rests on.
    """

    epochs: list[int]
    mean: list[float]
    low: list[float]
    high: list[float]
    seeds: int


def band(histories: Rows, metric: CurveMetric) -> Band:
    """The mean of a metric over seeds, epoch by epoch (Student's t, no pooling over epochs).

    It is over the seeds that have got furthest, where two or more have got equally far: one that
    has just begun, or failed early, doesn't cut the others short. Else it is over all that have
    begun, as far as the last of them has got: the mean would jump where a seed drops out.

    Args:
        histories: by seed; empty ones haven't begun.
        metric: what of them.
    """
    curves = _comparable([curve(records, metric) for records in histories.values() if records])
    shared = min(map(len, curves), default=0)
    if not shared:
        return Band([], [], [], [], 0)
    values = np.array([values[:shared] for values in curves], dtype=float)
    mean = values.mean(axis=0)
    count = len(curves)
    half = np.zeros(shared)
    if count > 1:
        quantile = scipy.special.stdtrit(count - 1, (1 + CONFIDENCE) / 2)
        half = quantile * values.std(axis=0, ddof=1) / math.sqrt(count)
    least, most = POSSIBLE.get(metric, (-math.inf, math.inf))
    low, high = np.maximum(mean - half, np.minimum(least, mean)), mean + half
    high = np.minimum(high, np.maximum(most, mean))
    return Band(list(range(shared)), mean.tolist(), low.tolist(), high.tolist(), count)


def _comparable(curves: list[list[float]]) -> list[list[float]]:
    longest = max(map(len, curves), default=0)
    furthest = [values for values in curves if len(values) == longest]
    return furthest if len(furthest) > 1 else curves


def curve(records: Sequence[Mapping[str, object]], metric: CurveMetric) -> list[float]:
    """A metric over the epochs of one run; NaN where it isn't known."""
    return [value_of(record, metric) for record in records]


def value_of(record: Mapping[str, object], metric: CurveMetric) -> float:
    """A metric of one epoch; NaN where it isn't known.

    Args:
        record: empty where no epoch is finished.
        metric: what of it.
    """
    if metric == "gap":
        return value_of(record, "clean_accuracy") - value_of(record, "val_accuracy")
    value = record.get(metric)
    return float(value) if isinstance(value, int | float) else math.nan
