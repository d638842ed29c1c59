"""What arms measured beside their curves, over seeds: robustness, calibration, weights, memory."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cnnlab.domain.records.result import CalibrationBin, Evaluation
from cnnlab.domain.records.training import ComparedMetric, EpochRecord, Nothing, WeightRow
from cnnlab.domain.words import with_unit
from cnnlab.study.measures.bands import Histories

Evaluations = Mapping[int, Evaluation]
"""Evaluations of an arm's runs, by seed."""


@dataclass(frozen=True)
class Strength:
    """Accuracy of one arm under one distortion.

    Attributes:
        distortion: such as `rotation`.
        strength: 0 is the same images as they are.
        unit: of the strength.
        values: accuracy 0..1 by seed.
    """

    distortion: str
    strength: float
    unit: str
    values: dict[int, float]

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return math.fsum(self.values.values()) / len(self.values)

    @property
    def shown(self) -> str:
        """The strength with its unit."""
        return with_unit(f"{self.strength:g}", self.unit)


@dataclass(frozen=True)
class Bin:
    """One bin of confidence, over all seeds.

    Attributes:
        images: predictions that fell into it; each seed judges the same images.
        confidence: mean probability of the predicted class, 0..1.
        accuracy: share that was right, 0..1.
    """

    images: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far confidence and accuracy of one arm are apart.

    Attributes:
        errors: expected calibration error by seed, 0..1.
        bins: those with images, by rising confidence.
    """

    errors: dict[int, float]
    bins: list[Bin]

    @property
    def error(self) -> float:
        """Mean of the seeds' errors: that of the pooled bins would hide what differs by seed."""
        return math.fsum(self.errors.values()) / len(self.errors)

    @property
    def overconfidence(self) -> float:
        """Mean confidence minus accuracy, -1..1; positive is too sure."""
        images = sum(found.images for found in self.bins)
        excess = (found.images * (found.confidence - found.accuracy) for found in self.bins)
        return math.fsum(excess) / images


def measured_of(evaluation: Evaluation | None, metric: ComparedMetric) -> float:
    """What a run's kept model was measured at; NaN where it wasn't.

    Args:
        evaluation: at the end of the run.
        metric: `robustness` is the mean accuracy over all distortions at all strengths,
            `calibration` the expected calibration error; both 0..1.
    """
    if evaluation is None:
        return math.nan
    if metric == "calibration":
        return (evaluation.get("calibration") or {"ece": math.nan})["ece"]
    rows = evaluation.get("robustness") or []
    return math.fsum(row["accuracy"] for row in rows) / len(rows) if rows else math.nan


def telling_strengths(of_arms: Iterable[Evaluations]) -> list[Strength]:
    """Of each distortion the strength at which the arms differ most; which arm's row is chance.

    Args:
        of_arms: evaluations of each arm's runs.
    """
    rows: dict[str, dict[float, list[Strength]]] = {}
    for evaluations in of_arms:
        for kind, of_kind in robustness_of(evaluations).items():
            for row in of_kind:
                if row.strength:
                    rows.setdefault(kind, {}).setdefault(row.strength, []).append(row)
    return [max(by_strength.values(), key=_spread)[0] for by_strength in rows.values()]


def _spread(rows: list[Strength]) -> float:
    means = [row.mean for row in rows]
    return max(means) - min(means)


def robustness_of(evaluations: Evaluations) -> dict[str, list[Strength]]:
    """Accuracy by distortion and rising strength; empty where no run measured it.

    Strength 0 is there where the runs measured the undistorted images too.
    """
    values: dict[str, dict[float, dict[int, float]]] = {}
    units: dict[str, str] = {}
    for seed, evaluation in evaluations.items():
        clean = evaluation.get("robustness_undistorted")
        for row in evaluation.get("robustness") or []:
            of_kind = values.setdefault(row["distortion"], {})
            units[row["distortion"]] = row["unit"]
            of_kind.setdefault(row["strength"], {})[seed] = row["accuracy"]
            if clean is not None:
                of_kind.setdefault(0.0, {})[seed] = clean
    return {
        name: [
            Strength(name, strength, units[name], of_seeds)
            for strength, of_seeds in sorted(of_kind.items())
        ]
        for name, of_kind in values.items()
    }


def calibration_of(evaluations: Evaluations) -> Calibration | None:
    """Calibration over the seeds that measured it; None where none did."""
    found = {
        seed: evaluation["calibration"]
        for seed, evaluation in evaluations.items()
        if evaluation.get("calibration")
    }
    by_edge: dict[float, list[CalibrationBin]] = {}
    for measured in found.values():
        for row in measured["bins"]:
            if row["images"]:
                by_edge.setdefault(round(row["low"], 6), []).append(row)
    if not by_edge:
        return None
    errors = {seed: measured["ece"] for seed, measured in found.items()}
    return Calibration(errors, [_pooled(rows) for _, rows in sorted(by_edge.items())])


def _pooled(rows: list[CalibrationBin]) -> Bin:
    """The mean over bins, all of which have images."""
    images = sum(row["images"] for row in rows)
    confidence = math.fsum(row["images"] * (row["confidence"] or 0.0) for row in rows)
    accuracy = math.fsum(row["images"] * (row["accuracy"] or 0.0) for row in rows)
    return Bin(images, confidence / images, accuracy / images)


def weight_layers(histories: Iterable[Histories]) -> list[str]:
    """The layers whose weights any of the arms measured, in the order of the network."""
    found: dict[str, None] = {}
    for of_arm in histories:
        for records in of_arm.values():
            if records:
                found |= dict.fromkeys(row["layer"] for row in records[-1].get("weights") or [])
    return list(found)


def layer_histories(histories: Histories, layer: str) -> dict[int, list[WeightRow | Nothing]]:
    """Norm and share near zero of one layer's weights by seed: records for `band`.

    Seeds that didn't measure it are left out.
    """
    found = {}
    for seed, records in histories.items():
        rows = [_row_of(record, layer) for record in records]
        if any(rows):
            found[seed] = rows
    return found


def _row_of(record: EpochRecord, layer: str) -> WeightRow | Nothing:
    return next((row for row in record.get("weights") or [] if row["layer"] == layer), {})


def memorization_histories(histories: Histories) -> dict[int, list[EpochRecord]]:
    """Histories of the runs that were trained on wrong labels and measured what became of them."""
    return {
        seed: list(records)
        for seed, records in histories.items()
        if records and records[-1].get("memorized") is not None
    }
