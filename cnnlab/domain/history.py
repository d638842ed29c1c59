"""The history of a run: one record of metrics for every finished epoch."""

from collections.abc import Sequence
from typing import TypeVar

from cnnlab.domain.records.training import EpochRecord, Nothing

Value = TypeVar("Value")


def best_epoch(records: Sequence[EpochRecord]) -> int | None:
    """0-based epoch with the highest validation accuracy; ties go to the lower cross-entropy.

    Args:
        records: in any order.
    """

    def rank(record: EpochRecord) -> tuple[float, float, int]:
        accuracy, cross_entropy = record["val_accuracy"], record["val_cross_entropy"]
        return (
            -1.0 if accuracy is None else accuracy,
            -float("inf") if cross_entropy is None else -cross_entropy,
            -record["epoch"],
        )

    return max(records, key=rank)["epoch"] if records else None


def gap(record: EpochRecord | Nothing) -> float | None:
    """Clean train accuracy minus validation accuracy, or None where one is unknown."""
    clean, validation = record.get("clean_accuracy"), record.get("val_accuracy")
    return None if clean is None or validation is None else clean - validation


def without_weights(record: EpochRecord) -> EpochRecord:
    """The record without its weights by layer, which are longer than all the rest."""
    short = record.copy()
    short.pop("weights", None)
    return short


def reached(losses: Sequence[float]) -> float:
    """What a few losses in a row came down to: the least of the last three, as one may go up."""
    return min(losses[-3:])


def thin(values: Sequence[Value], limit: int) -> list[Value]:
    """At most `limit` of the values, evenly spaced, the first and the last kept."""
    if len(values) <= limit:
        return list(values)
    stride = (len(values) - 1) / (limit - 1)
    return [values[round(index * stride)] for index in range(limit)]
