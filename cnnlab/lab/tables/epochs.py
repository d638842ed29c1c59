"""Epochs and steps as tables: a row for each of every run."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from cnnlab.documents.table_file import Column, Row
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.errors import StorageError
from cnnlab.domain.history import gap
from cnnlab.domain.records.training import EpochMetric, EpochRecord
from cnnlab.domain.run import Run
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.tables.chosen import Chosen, iterate_runs

_METRICS: tuple[EpochMetric, ...] = get_args(EpochMetric)

_OF_RUN = (
    Column("study", "text", "Id of the study that the run belongs to; empty for none."),
    Column("arm", "text", "Name of its arm there."),
    Column("seed", "integer", "Of the training: initial weights, order, augmentation."),
    Column("run", "text", "Id of the run."),
)
_EPOCH = Column("epoch", "integer", "Counted from 0.")

_MEANINGS: dict[EpochMetric, str] = {
    "loss": "The optimized objective: smoothed or mixed target, focal loss, class weights and "
    "penalty included.",
    "cross_entropy": "In nats, over the epoch as seen in training, regularizers on.",
    "accuracy": "0..1, likewise.",
    "penalty": "The L1 and L2 part of the loss after the epoch.",
    "clean_cross_entropy": "In nats, on a fixed part of the training images, regularizers off.",
    "clean_accuracy": "0..1, likewise.",
    "val_cross_entropy": "In nats, on the validation images, without the penalty.",
    "val_accuracy": "0..1, on the validation images.",
    "learning_rate": "At the last step of the epoch.",
    "seconds": "Wall time of the training part of the epoch.",
    "images_per_second": "Training images per second in that time.",
    "evaluation_seconds": "Wall time of the clean metrics and the validation after it.",
    "memorized": "0..1, under label noise: share of the wrong labels that are learnt by heart.",
    "rescued": "0..1, under label noise: share of those images that are said rightly.",
}

EPOCH_COLUMNS = (
    *_OF_RUN,
    Column("name", "text", "What the run is called."),
    Column("status", "text", "Where the run stands."),
    _EPOCH,
    *(Column(metric, "number", _MEANINGS[metric]) for metric in _METRICS),
    Column("gap", "number", "Clean train accuracy minus validation accuracy, -1..1."),
)

STEP_COLUMNS = (
    *_OF_RUN,
    _EPOCH,
    Column("step", "integer", "Counted from 0 in its epoch."),
    Column("loss", "number", "Mean since the epoch began, of the optimized objective."),
    Column("cross_entropy", "number", "In nats, likewise."),
    Column("accuracy", "number", "0..1, likewise."),
    Column("images_per_second", "number", "Since the row before."),
    Column("learning_rate", "number", "At this step."),
    Column("seconds", "number", "Since the epoch began."),
)
_OF_STEP = (
    "epoch", "step", "loss", "cross_entropy", "accuracy", "images_per_second", "learning_rate",
    "seconds",
)  # fmt: skip


def epoch_rows(chosen: Chosen) -> Iterator[Row]:
    """A row for each run and finished epoch.

    Raises:
        StorageError: a history is damaged, of a run that was named.
    """
    for run in iterate_runs(chosen):
        if not run.last:
            continue
        for record in _read(run, chosen):
            metrics = (record.get(metric) for metric in _METRICS)
            yield (*_about(run), run.name, run.status, record["epoch"], *metrics, gap(record))


def step_rows(chosen: Chosen) -> Iterator[Row]:
    """A row for each run and step of which something was told, some a second.

    Raises:
        StorageError: a file is damaged, of a run that was named.
    """
    for run in iterate_runs(chosen):
        try:
            for record in newest_attempt(run).iterate_steps():
                told: Mapping[str, Any] = record
                yield (*_about(run), *(told.get(name) for name in _OF_STEP))
        except StorageError:
            if not chosen.is_everything:
                raise


def _about(run: Run) -> Row:
    return run.study, run.arm, value_at(run.config, "training.seed"), run.id


def _read(run: Run, chosen: Chosen) -> list[EpochRecord]:
    """Its epochs; in a table of everything, the table of runs says whose are damaged."""
    try:
        return newest_attempt(run).history()
    except StorageError:
        if not chosen.is_everything:
            raise
        return []
