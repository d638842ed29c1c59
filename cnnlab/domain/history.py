"""The history of a run: one record of metrics for every finished epoch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class EpochRecord:
    """Metrics of one finished epoch; None where a value can't be known or isn't finite.

    Attributes:
        epoch: 0-based.
        loss: the optimized objective: smoothed or mixed target, penalty included.
        cross_entropy: nats, mean over the epoch as seen in training (augmentation and dropout on,
            weights still moving).
        accuracy: likewise, 0..1.
        penalty: the L1 / L2 part of the loss after the epoch.
        clean_cross_entropy: nats, on a fixed part of the training images with everything off. Both
            clean metrics judge by the labels that the run is trained on: under label noise by the
            flipped ones too.
        clean_accuracy: likewise, 0..1; the gap is this minus `val_accuracy`.
        val_cross_entropy: nats, on the validation images; never holds the penalty.
        val_accuracy: likewise, 0..1.
        learning_rate: at the last step of the epoch.
        seconds: wall time of the training part, evaluation not counted.
        evaluation_seconds: wall time of the clean metrics and the validation after it.
        images_per_second: training images per second in that time.
        memorized: under label noise, the share 0..1 of a fixed part of the training images with a
            flipped label for which the model, everything off, says the wrong label that it was
            trained on; None without label noise.
        rescued: likewise, the share for which it says the true label.
        weights: of every kernel {`layer`, `norm` (L2), `near_zero` (share of the weights whose
            magnitude is below 1e-3)}: the weights that the evaluation used; empty where they
            weren't measured, and missing in histories of earlier versions like the two above.
    """

    epoch: int
    loss: float | None
    cross_entropy: float | None
    accuracy: float | None
    penalty: float | None
    clean_cross_entropy: float | None
    clean_accuracy: float | None
    val_cross_entropy: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float
    images_per_second: float
    evaluation_seconds: float = 0.0
    memorized: float | None = None
    rescued: float | None = None
    weights: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return asdict(self)


def best_epoch(records: Sequence[dict[str, Any]]) -> int | None:
    """0-based epoch with the highest validation accuracy; ties go to the lower cross-entropy.

    Args:
        records: epoch records as JSON values.
    """

    def rank(record: dict[str, Any]) -> tuple[float, float, int]:
        accuracy, cross_entropy = record["val_accuracy"], record["val_cross_entropy"]
        return (
            -1.0 if accuracy is None else accuracy,
            -float("inf") if cross_entropy is None else -cross_entropy,
            -record["epoch"],
        )

    return max(records, key=rank)["epoch"] if records else None


def gap(record: dict[str, Any]) -> float | None:
    """Clean train accuracy minus validation accuracy, or None where one is unknown."""
    clean, validation = record.get("clean_accuracy"), record.get("val_accuracy")
    return None if clean is None or validation is None else clean - validation


def reached(losses: Sequence[float]) -> float:
    """What a few losses in a row came down to: the least of the last three, as one may go up."""
    return min(losses[-3:])


def thin(values: Sequence[float], limit: int) -> list[float]:
    """At most `limit` of the values, evenly spaced, the first and the last kept."""
    if len(values) <= limit:
        return list(values)
    step = (len(values) - 1) / (limit - 1)
    return [values[round(index * step)] for index in range(limit)]
