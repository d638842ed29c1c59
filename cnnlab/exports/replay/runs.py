"""What single runs measured, from what they said of their validation images."""

import math
from typing import Any

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.exports.replay import arithmetic
from cnnlab.exports.replay.agreement import Agreement
from cnnlab.exports.replay.stored import Said, StoredRun, read
from cnnlab.judging.judge import judge
from cnnlab.judging.suspects import find_suspects
from cnnlab.study.chance.optimism import optimism_of

_KEPT = 1e-3
"""Kept cross-entropies are off by at most 0.05 % each: their means and what is made of them too."""

_NEED_IMAGES = {"slices", "slices_tried", "slices_looked_at", "flipped_labels", "seconds"}
"""What of a judgement rests on how images look, or on the moment."""

_TRAINING_SIDE = (
    "loss, cross-entropy and accuracy as seen in training, clean train metrics, penalty and times: "
    "they are taken from the histories, because only training again could give them (--train)"
)


def check_run(run: StoredRun, class_names: list[str], found: Agreement) -> None:
    """Compare every validation number of a run with what it said of each image."""
    name = f"run {run.folder.name}"
    said = run.said
    if said is None:
        found.notes.append(f"{name}: what it said of each validation image isn't in the bundle")
        return
    _check_history(run, said, name, found)
    if report := run.result.get("report"):
        _check_evaluation(run, said, report, class_names, found)
    _check_judgement(run, name, found)
    if (shown := run.values.get("best_epoch_words")) and len(said.epochs) == len(run.history):
        best = run.values["best_epoch"]
        words = optimism_of(
            best, run.history[best]["val_accuracy"], said.right, said.cross_entropies
        ).words
        found.check("best epochs in words", name, shown, words)


def _check_history(run: StoredRun, said: Said, name: str, found: Agreement) -> None:
    for row, epoch in enumerate(said.epochs):
        record = run.history[epoch]
        what, part = f"{name}, epoch {epoch + 1}", "histories"
        accuracy = float(said.right[row].mean())
        loss = float(said.cross_entropies[row].mean(dtype=np.float64))
        found.check(part, f"{what}, accuracy", record["val_accuracy"], accuracy, tolerance=1e-6)
        found.check(
            part, f"{what}, cross-entropy", record["val_cross_entropy"], loss, tolerance=_KEPT
        )
    if run.history and all(record["val_accuracy"] is not None for record in run.history):
        accuracies, losses = (
            [_number(record[key]) for record in run.history]
            for key in ("val_accuracy", "val_cross_entropy")
        )
        best = arithmetic.best_epoch(accuracies, losses)
        found.check("histories", f"{name}, best epoch", run.values["best_epoch"], best)


def _check_judgement(run: StoredRun, name: str, found: Agreement) -> None:
    """The judgement on the validation images, from the probabilities that it rests on."""
    said, path = run.folder / "validation.npz", run.folder / "judgement.json"
    if not said.exists() or not path.exists():
        return
    told = read(path)
    with np.load(said) as stored:
        predictions = Predictions(
            *(stored[key] for key in ("positions", "labels", "probabilities"))
        )
    suspects = find_suspects(predictions, told["classes"])
    again: dict[str, Any] = {
        **judge(
            predictions,
            told["classes"],
            split=told["split"],
            model_epoch=told["model_epoch"],
            suspects=suspects,
        )
    }
    for key in sorted(told.keys() - _NEED_IMAGES):
        found.check(
            "judgements on validation images", f"{name}, {key}", told[key], again.get(key),
            tolerance=1e-6,
        )  # fmt: skip
    right = float((predictions.probabilities.argmax(axis=1) == predictions.labels).mean())
    accuracy = told["measures"]["accuracy"]["value"]
    found.check("judgements by textbook formulas", f"{name}, accuracy", accuracy, right)


def _number(value: float | None) -> float:
    return math.inf if value is None else value


def _check_evaluation(
    run: StoredRun, said: Said, report: dict[str, Any], names: list[str], found: Agreement
) -> None:
    part, what = "final evaluations", f"run {run.folder.name}"
    epoch = run.result.get("model_epoch")
    if epoch is None or epoch not in said.others:
        found.notes.append(f"{what}: which epoch its model is of isn't known")
        return
    predicted = said.judged[epoch].predicted
    probabilities = said.probabilities(epoch)
    counts = arithmetic.confusion(predicted, said.labels, said.classes)
    rows: list[dict[str, Any]] = [
        {"class": name, "images": sum(counts[one]), **_scores(arithmetic.scores(counts, one))}
        for one, name in enumerate(names)
    ]
    there = [row for row in rows if row["images"]]
    computed = {
        "accuracy": float((predicted == said.labels).mean()),
        "confusion": counts,
        "per_class": rows,
        "macro": {
            key: arithmetic.mean([row[key] for row in there])
            for key in ("precision", "recall", "f1")
        },
    }
    for key, value in computed.items():
        found.check(part, f"{what}, {key}", report[key], value)
    loss = float(said.judged[epoch].true_losses.mean(dtype=np.float64))
    found.check(part, f"{what}, cross-entropy", report["cross_entropy"], loss, tolerance=_KEPT)
    if correct := report.get("val_correct"):
        bits = "".join("1" if right else "0" for right in predicted == said.labels)
        found.check(part, f"{what}, which images are right", correct, bits)
    if kept := report.get("calibration"):
        error = arithmetic.calibration_error(probabilities, said.labels, len(kept["bins"]))
        # An image whose confidence lies within rounding of the edge of a bin may change the bin.
        found.check(
            part, f"{what}, calibration error", kept["ece"], error,
            tolerance=_KEPT + 2 / len(said.labels),
        )  # fmt: skip


def _scores(scores: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("precision", "recall", "f1"), scores, strict=True))


def note_training_side(found: Agreement) -> None:
    """Say what no file of the bundle can prove without training."""
    found.notes.append(_TRAINING_SIDE)
