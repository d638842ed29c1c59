"""Runs as a table: a row for each, with every field of its config."""

import json
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from cnnlab.documents.table_file import Column, Kind, Row, Value
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import StorageError
from cnnlab.domain.history import gap
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run
from cnnlab.domain.words import unit_in_brackets
from cnnlab.fields import extra, walk
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.tables.chosen import Chosen, iterate_runs
from cnnlab.lab.workplace import workplace

_CONFIG = "config."


def _kind_of(info: FieldInfo) -> Kind:
    """Of the values of a config field; what may be several kinds, or has parts, is text."""
    annotation = info.annotation
    is_union = get_origin(annotation) in (Union, UnionType)
    kinds = set(get_args(annotation) if is_union else (annotation,)) - {NoneType}
    if kinds == {bool}:
        return "flag"
    if kinds == {int}:
        return "integer"
    return "number" if kinds in ({float}, {int, float}) else "text"


def _config_column(name: str, info: FieldInfo) -> Column:
    label = unit_in_brackets(extra(info, "label") or name, extra(info, "unit"))
    return Column(f"{_CONFIG}{name}", _kind_of(info), f"Config: {label}.")


_FIELDS = dict(walk(RunConfig))

_SCORES = {
    "val_accuracy": "validation accuracy, 0..1",
    "val_cross_entropy": "validation cross-entropy in nats",
    "clean_accuracy": "clean train accuracy, 0..1",
    "gap": "clean train minus validation accuracy, -1..1",
}

RUN_COLUMNS = (
    Column("run", "text", "Id."),
    Column("name", "text", "What it is called."),
    Column("status", "text", "Where it stands."),
    Column("message", "text", "Why it ended, for a failure what to do next."),
    Column("problem", "text", "What of it can't be read, so that its numbers are missing here."),
    Column("dataset", "text", "Id of the version of the dataset."),
    Column("dataset_name", "text", "What that is called."),
    Column("study", "text", "Id of the study that it belongs to; empty for none."),
    Column("arm", "text", "Name of its arm there."),
    Column("search", "text", "Id of the search that it belongs to; empty for none."),
    Column("trial", "integer", "Number of its trial there; 0 is the start setting."),
    Column("tags", "text", "Of its model, with commas between."),
    Column("note", "text", "What its user wrote of it."),
    Column("starred", "flag", "Whether its user gave it a star."),
    Column("attempt", "integer", "Number of the attempt that counts, from 1."),
    Column("created_at", "text", "ISO 8601, UTC."),
    Column("started_at", "text", "ISO 8601, UTC."),
    Column("ended_at", "text", "ISO 8601, UTC."),
    Column("forked_from", "text", "Id of the run that it was forked from; empty for none."),
    Column("forked_epoch", "integer", "Epoch of that, counted from 0."),
    Column("changed_by_hand", "flag", "Whether a dial was turned while it trained."),
    Column("device", "text", "What it ran on, in words."),
    Column("threads", "integer", "Of the CPU."),
    Column("cnnlab_version", "text", "Of the program that trained it."),
    Column("bits_version", "integer", "Counts the program's changes of its numbers."),
    Column("parameters", "integer", "Of the network, those that aren't trained included."),
    Column("train_images", "integer", "How many train."),
    Column("validation_images", "integer", "How many judge."),
    Column("batch_size", "integer", "Images of a step."),
    Column("steps_per_epoch", "integer", "Updates of the weights."),
    Column("epochs", "integer", "Finished ones."),
    Column("training_seconds", "number", "Wall time of the training part of all epochs."),
    Column("seconds", "number", "Wall time of its worker, everything included."),
    Column("best_epoch", "integer", "With the best validation accuracy, counted from 0."),
    Column("model_epoch", "integer", "Whose weights the model has, counted from 0."),
    *(Column(f"best_{name}", "number", f"At the best epoch: {meaning}.")
      for name, meaning in _SCORES.items()),
    *(Column(f"last_{name}", "number", f"At the last epoch: {meaning}.")
      for name, meaning in _SCORES.items()),
    Column("model_accuracy", "number", "Of the model on the validation images, 0..1."),
    Column("model_cross_entropy", "number", "Likewise, in nats."),
    Column("model_macro_f1", "number", "Likewise, 0..1."),
    Column("model_calibration_error", "number", "Likewise: expected calibration error, 0..1."),
    Column("init_checksum", "text", "Of the initial weights."),
    Column("weights_checksum", "text", "Of the weights after the last epoch."),
    *(_config_column(name, info) for name, info in _FIELDS.items()),
)  # fmt: skip


def run_rows(chosen: Chosen) -> Iterator[Row]:
    """A row for each run.

    Raises:
        StorageError: its files are damaged, of a run that was named.
    """
    names = {dataset.id: dataset.name for dataset in workplace().datasets.list()}
    for run in iterate_runs(chosen):
        try:
            told = _told(run)
        except StorageError as error:
            if not chosen.is_everything:
                raise
            told = {"problem": str(error)}
        told |= _of_row(run) | {"dataset_name": names.get(run.dataset)}
        yield tuple(told.get(column.name) for column in RUN_COLUMNS)


def _of_row(run: Run) -> dict[str, Value]:
    """What the database knows of it."""
    origin = run.origin
    told: dict[str, Value] = {
        "run": run.id,
        "tags": ", ".join(run.tags),
        "forked_from": origin["run"] if origin else None,
        "forked_epoch": origin["epoch"] if origin else None,
        "best_epoch": run.best_epoch,
    }
    for name in (
        "name", "status", "message", "dataset", "study", "arm", "search", "trial", "attempt",
        "created_at", "started_at", "ended_at", "changed_by_hand", "device", "note", "starred",
    ):  # fmt: skip
        told[name] = getattr(run, name)
    for name in _FIELDS:
        told[f"{_CONFIG}{name}"] = _cell(value_at(run.config, name))
    return told | _scores("best", run.best) | _scores("last", run.last)


def _scores(which: str, record: EpochRecord | Nothing) -> dict[str, Value]:
    values: Mapping[str, Any] = {**record, "gap": gap(record)}
    return {f"{which}_{name}": values.get(name) for name in _SCORES}


def _cell(value: Any) -> Value:  # noqa: ANN401 - any config value
    """A value of a config; what has parts as JSON."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def _told(run: Run) -> dict[str, Value]:
    """What its attempt has told."""
    attempt = newest_attempt(run)
    facts: WorkerFacts | Nothing = {}
    epochs, seconds = 0, 0.0
    for row in attempt.read_events():
        if row["kind"] == "started" and not facts:
            facts = row["facts"]
        elif row["kind"] == "epoch":
            epochs, seconds = epochs + 1, seconds + row["record"]["seconds"]
    told = {"epochs": epochs, "training_seconds": seconds if epochs else None}
    return told | _of_facts(facts) | _of_result(attempt.read_result() or {})


def _of_facts(facts: WorkerFacts | Nothing) -> dict[str, Value]:
    names = (
        "threads", "bits_version", "parameters", "train_images", "validation_images", "batch_size",
        "steps_per_epoch", "init_checksum",
    )  # fmt: skip
    told: dict[str, Value] = {name: facts.get(name) for name in names}  # type: ignore[misc]
    return told | {"cnnlab_version": facts.get("versions", {}).get("cnnlab")}


def _of_result(result: RunResult | Nothing) -> dict[str, Value]:
    told: dict[str, Value] = {
        "seconds": result.get("seconds"),
        "model_epoch": result.get("model_epoch"),
        "weights_checksum": result.get("weights_checksum"),
    }
    report = result.get("report")
    if not report:
        return told
    calibration = report.get("calibration")
    return told | {
        "model_accuracy": report["accuracy"],
        "model_cross_entropy": report["cross_entropy"],
        "model_macro_f1": report["macro"]["f1"],
        "model_calibration_error": calibration["ece"] if calibration else None,
    }
