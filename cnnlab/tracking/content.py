"""What a server is told of a run: parameters, points, tags, status, files.

All of it follows from what is stored, so that it can be sent again and is the same.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.exports.table import KERAS
from cnnlab.jobs.kinds.export import export_folder, read_export
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.tracking.server import Point

RUN_TAG, STUDY_TAG, DATASET_TAG = "cnnlab.run", "cnnlab.study", "cnnlab.dataset"
REPORT_TAG = "cnnlab.report"

_STATUSES = {
    Status.QUEUED: "SCHEDULED",
    Status.RUNNING: "RUNNING",
    Status.INTERRUPTED: "SCHEDULED",  # it goes on by itself
    Status.FINISHED: "FINISHED",
    Status.STOPPED: "KILLED",  # MLflow: by its user
    Status.FAILED: "FAILED",
}
"""MLflow's words."""

_LONGEST_PARAMETER, _LONGEST_TAG, _LONGEST_NAME = 6000, 5000, 250
_NOT_MEASURED = ("epoch", "weights")


@dataclass(frozen=True)
class SentFile:
    """A file to be kept with a run, and the folder there."""

    path: Path
    folder: str

    @property
    def name(self) -> str:
        """What tells it from the run's other files."""
        return f"{self.folder}/{self.path.name}"

    def state(self) -> str:
        """Changes when the file does; empty where it is gone."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_size} {found.st_mtime_ns}"


@dataclass(frozen=True)
class Content:
    """What there is to tell of a run, or of a study as a whole.

    Attributes:
        subject: its id.
        name: what it is called.
        experiment: name of the experiment that it belongs into, and the tag by which that is known.
        tag: by which the run is known at the server.
        started_ms: when it began, milliseconds since the epoch of all clocks.
        ended_ms: likewise; None before that.
        status: MLflow's word.
        tags: what it is.
        parameters: its config, by dotted field.
        history: of its finished epochs.
        kept: what its kept model does, by metric.
        kept_epoch: whose weights that has, 0-based.
        files: to be kept with it.
    """

    subject: str
    name: str
    experiment: tuple[str, tuple[str, str]]
    tag: tuple[str, str]
    started_ms: int
    ended_ms: int | None
    status: str
    tags: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    history: Sequence[EpochRecord] = ()
    kept: Mapping[str, float] = field(default_factory=dict)
    kept_epoch: int = 0
    files: Sequence[SentFile] = ()

    def points(self, first: int, started_ms: int) -> Iterator[Point]:
        """The numbers of the epochs from `first` (0-based) on, as of a run that began then.

        Their times are what the epochs took, so that they don't change from one try to the next.
        """
        seconds = 0.0
        for record in self.history:
            seconds += record["seconds"] + (record.get("evaluation_seconds") or 0.0)
            if record["epoch"] >= first:
                at_ms = started_ms + round(1000 * seconds)
                for name, value in epoch_numbers(record).items():
                    yield Point(name, value, record["epoch"] + 1, at_ms)

    def kept_points(self, started_ms: int) -> Iterator[Point]:
        """The numbers of the kept model."""
        for name, value in self.kept.items():
            yield Point(name, value, self.kept_epoch + 1, started_ms)


def epoch_numbers(record: EpochRecord) -> dict[str, float]:
    """The finite numbers of an epoch by their names in the contract, and the gap."""
    values: dict[str, Any] = {
        name: value for name, value in record.items() if name not in _NOT_MEASURED
    }
    if record["clean_accuracy"] is not None and record["val_accuracy"] is not None:
        values["gap"] = record["clean_accuracy"] - record["val_accuracy"]
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def kept_numbers(result: RunResult | Nothing) -> dict[str, float]:
    """What the kept model does on the validation images, by a name that begins with `kept_`."""
    report = result.get("report")
    if report is None:
        return {}
    macro: Mapping[str, Any] = report["macro"]
    values = {"accuracy": report["accuracy"], "cross_entropy": report["cross_entropy"]}
    values |= {f"{name}_macro": macro[name] for name in ("precision", "recall", "f1")}
    if "calibration" in report:
        values["calibration_error"] = report["calibration"]["ece"]
    numbers = {f"kept_{name}": float(value) for name, value in values.items() if value is not None}
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a config by their dotted names; lists are one value."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def as_text(value: object) -> str:
    """A field's value: text as it is, all else as JSON has it."""
    return value if isinstance(value, str) else json.dumps(value)


def run_content(
    run: Run, attempt: Attempt, *, dataset: str, study: str | None, version: str, documents: Path
) -> Content:
    """What there is to tell of a run.

    Args:
        run: as it stands.
        attempt: the newest one that has begun.
        dataset: what its dataset is called.
        study: what its study is called; None where it belongs to none.
        version: of this program.
        documents: the folder of those that are sent with it; it may be missing.

    Raises:
        StorageError: its files are damaged.
    """
    facts: WorkerFacts | Nothing = attempt.started() or {}
    result: RunResult | Nothing = attempt.read_result() or {}
    started_ms = _milliseconds(run.started_at or run.created_at)
    status, seed = _STATUSES[run.status], run.config.get("training", {}).get("seed")
    parameters = {
        name: as_text(value)[:_LONGEST_PARAMETER] or "-" for name, value in flat(run.config)
    }
    return Content(
        subject=run.id,
        name=(f"{run.arm}, seed {seed}" if run.study else run.name)[:_LONGEST_NAME],
        experiment=_experiment(run, dataset, study),
        tag=(RUN_TAG, run.id),
        started_ms=started_ms,
        ended_ms=_milliseconds(run.ended_at) if run.status.is_ended else None,
        status=status,
        tags=_tags(run, facts, result, dataset=dataset, study=study, version=version),
        parameters=parameters,
        history=attempt.history(),
        kept=kept_numbers(result),
        kept_epoch=result.get("model_epoch") or result.get("best_epoch") or 0,
        files=list(_files(attempt, documents)) if run.status.is_ended else (),
    )


def study_content(study: Study, *, version: str, documents: Path) -> Content:
    """What there is to tell of a study as a whole: its plan and its report, as a run of its own.

    Args:
        study: which.
        version: of this program.
        documents: the folder of its report.
    """
    began_ms = _milliseconds(study.created_at)
    tags = {
        REPORT_TAG: study.id,
        STUDY_TAG: study.id,
        DATASET_TAG: study.dataset,
        "cnnlab.version": version,
        "cnnlab.arms": ", ".join(arm.name for arm in study.arms),
        "cnnlab.seeds": ", ".join(map(str, study.seeds)),
        "cnnlab.primary": study.primary,
        "cnnlab.judged_at": study.judged_at,
        "cnnlab.margin": f"{study.margin:g}",
        "cnnlab.scope": study.scope,
    }
    return Content(
        subject=study.id,
        name=f"Report: {study.name}"[:_LONGEST_NAME],
        experiment=_of_study(study.id, study.name),
        tag=(REPORT_TAG, study.id),
        started_ms=began_ms,
        ended_ms=began_ms,
        status="FINISHED",
        tags={name: text[:_LONGEST_TAG] for name, text in tags.items()},
        files=list(_documents(documents)),
    )


def _of_study(study: str, name: str | None) -> tuple[str, tuple[str, str]]:
    return f"{(name or 'Study')[:_LONGEST_NAME]} ({study})", (STUDY_TAG, study)


def _experiment(run: Run, dataset: str, study: str | None) -> tuple[str, tuple[str, str]]:
    """That of its study, whose runs are to be compared; else that of its dataset."""
    if run.study is not None:
        return _of_study(run.study, study)
    return f"{dataset[:_LONGEST_NAME]} ({run.dataset})", (DATASET_TAG, run.dataset)


def _tags(
    run: Run,
    facts: WorkerFacts | Nothing,
    result: RunResult | Nothing,
    *,
    dataset: str,
    study: str | None,
    version: str,
) -> dict[str, str]:
    best = f"{run.best_epoch + 1}" if run.best_epoch is not None else None
    seed = run.config.get("training", {}).get("seed")
    tags: dict[str, object] = {
        RUN_TAG: run.id,
        "cnnlab.name": run.name,
        "cnnlab.tags": ", ".join(run.tags) or None,
        "cnnlab.status": run.status.value,
        "cnnlab.message": run.message,
        "cnnlab.version": version,
        DATASET_TAG: run.dataset,
        "cnnlab.dataset_name": dataset,
        "cnnlab.dataset_hash": run.dataset.rpartition("-")[2],
        STUDY_TAG: run.study,
        "cnnlab.study_name": study,
        "cnnlab.arm": run.arm,
        "cnnlab.search": run.search,
        "cnnlab.trial": run.trial,
        "cnnlab.seed": seed,
        "cnnlab.attempt": run.attempt,
        "cnnlab.changed_by_hand": "yes" if run.changed_by_hand else None,
        "cnnlab.forked_from": run.origin and f"{run.origin['run']} after {run.origin['epoch'] + 1}",
        "cnnlab.best_epoch": best,
        "cnnlab.device": run.device,
        "cnnlab.init_checksum": facts.get("init_checksum"),
        "cnnlab.batch_order_checksum": facts.get("batch_order_checksum"),
        "cnnlab.weights_checksum": result.get("weights_checksum"),
        "cnnlab.parameters": facts.get("parameters"),
        "cnnlab.train_images": facts.get("train_images"),
        "cnnlab.validation_images": facts.get("validation_images"),
        **{f"cnnlab.version.{name}": text for name, text in facts.get("versions", {}).items()},
    }
    return {name: str(value)[:_LONGEST_TAG] for name, value in tags.items() if value is not None}


def _files(attempt: Attempt, documents: Path) -> Iterator[SentFile]:
    """Config, result, the model where it was prepared, and documents."""
    for path in (attempt.config, attempt.result):
        if path.exists():
            yield SentFile(path, "run")
    prepared = read_export(attempt, KERAS).is_ready
    models = [attempt.model, *([export_folder(attempt, KERAS).folder / "model.keras"] * prepared)]
    model = next(filter(Path.exists, models), None)
    if model is not None:
        yield SentFile(model, "model")
    yield from _documents(documents)


def _documents(folder: Path) -> Iterator[SentFile]:
    if folder.exists():
        yield from (SentFile(path, "report") for path in sorted(folder.glob("[!.]*")))


def _milliseconds(moment: str | None) -> int:
    return round(1000 * datetime.fromisoformat(moment).timestamp()) if moment else 0
