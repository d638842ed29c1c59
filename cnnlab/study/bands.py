"""Mean curves over the seeds of an arm, with their 95 % bands."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
Histories = Mapping[int, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Band:
    """One metric of one arm over the epochs that all of its begun seeds have reached.

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


def band(histories: Histories, metric: str) -> Band:
    """The mean of a metric over seeds, epoch by epoch (Student's t, no pooling over epochs).

    Epochs that only some of the begun seeds have reached are left out: the mean would jump where a
    seed drops out.

    Args:
        histories: epoch records as JSON values, by seed; empty ones haven't begun.
        metric: key of a record, or `gap` for clean train accuracy minus validation accuracy.
    """
    curves = [curve(records, metric) for records in histories.values() if records]
    shared = min(map(len, curves), default=0)
    if not shared:
        return Band([], [], [], [], 0)
    values = np.array([values[:shared] for values in curves], dtype=float)
    mean = values.mean(axis=0)
    count = len(curves)
    half = np.zeros(shared)
    if count > 1:
        quantile = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)
        half = quantile * values.std(axis=0, ddof=1) / math.sqrt(count)
    return Band(
        list(range(shared)), mean.tolist(), (mean - half).tolist(), (mean + half).tolist(), count
    )


def curve(records: Sequence[Mapping[str, Any]], metric: str) -> list[float]:
    """A metric over the epochs of one run; NaN where it isn't known."""
    return [value_of(record, metric) for record in records]


def value_of(record: Mapping[str, Any], metric: str) -> float:
    """A metric of one epoch record; NaN where it isn't known.

    Args:
        record: as JSON values; empty where no epoch is finished.
        metric: key of a record, or `gap` for clean train accuracy minus validation accuracy.
    """
    if metric == "gap":
        return value_of(record, "clean_accuracy") - value_of(record, "val_accuracy")
    value = record.get(metric)
    return math.nan if value is None else float(value)
