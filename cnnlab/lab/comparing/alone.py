"""What each of several compared runs is worth by itself, at the epoch at which it is compared."""

from dataclasses import dataclass

from cnnlab.domain.history import gap
from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import ReliabilityBin
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.records.training import EpochRecord, Nothing, WeightRow
from cnnlab.judging.calibration import calibration_error, reliability_bins
from cnnlab.judging.intervals.shares import undefined, wilson
from cnnlab.judging.pairs import right
from cnnlab.lab.study.run_records import History


@dataclass(frozen=True)
class Alone:
    """How good a run is on its validation images.

    Attributes:
        accuracy: 0..1 with its interval, which isn't known where what it said isn't kept.
        cross_entropy: nats; None where it isn't known.
        gap: clean train minus validation accuracy; None where it isn't known.
        calibration_error: 0..1; None where what it said isn't kept.
        reliability: how often it is right against how sure it is; empty then.
        weights: norm of each kernel; empty where they weren't measured.
    """

    accuracy: Measured
    cross_entropy: float | None
    gap: float | None
    calibration_error: float | None
    reliability: list[ReliabilityBin]
    weights: list[WeightRow]


def alone_of(history: History, epoch: int | None, said: Predictions | None) -> Alone:
    """Measure a run at the epoch at which it is compared.

    Args:
        history: its epoch records.
        epoch: 0-based; None before the first is finished.
        said: of its validation images after it, where that is known.
    """
    record: EpochRecord | Nothing = next((one for one in history if one["epoch"] == epoch), {})
    weights = record.get("weights") or []
    if said is None:
        accuracy: Measured = {"value": record.get("val_accuracy"), "low": None, "high": None}
        return Alone(accuracy, record.get("val_cross_entropy"), gap(record), None, [], weights)
    return _of_said(said, record, weights)


def _of_said(said: Predictions, record: EpochRecord | Nothing, weights: list[WeightRow]) -> Alone:
    images = len(said.labels)
    bins = reliability_bins(said.probabilities, said.labels) if images else []
    losses = cross_entropies(said.probabilities, said.labels)
    return Alone(
        accuracy=wilson(int(right(said).sum()), images) if images else undefined(),
        cross_entropy=float(losses.mean()) if images else None,
        gap=gap(record),
        calibration_error=calibration_error(bins) if bins else None,
        reliability=bins,
        weights=weights,
    )
