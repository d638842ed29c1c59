"""The runs as TensorBoard reads them: a folder for each, with one file of the attempt that counts.

tensorboard/<dataset>/<name> <id>/events.out.tfevents.<seconds>.cnnlab.<attempt>
tensorboard/<study> <id>/<arm>, seed <seed> <id>/...

A folder has its run's id, so that names which a disk can't tell apart share none: what else lies in
it is an earlier attempt's.
All of it can be made again from the runs' own folders. The worker that trains writes it as it goes
on; what goes wrong is logged, once, and the run goes on without.
"""

import contextlib
import logging
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.errors import CnnlabError, FencedError, StorageError
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.files import disk_errors, write_atomically
from cnnlab.settings import TENSORBOARD, setting
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.storage.home import Home
from cnnlab.storage.studies import read_study
from cnnlab.tracking import event_file
from cnnlab.tracking.content import as_text, epoch_numbers, flat, kept_numbers
from cnnlab.tracking.event_pictures import as_png, confusion_picture, mistakes_picture

_TAGS = {
    "val_accuracy": "accuracy/validation",
    "clean_accuracy": "accuracy/clean train",
    "accuracy": "accuracy/train as seen in training",
    "gap": "accuracy/gap (clean train minus validation)",
    "val_cross_entropy": "cross-entropy/validation",
    "clean_cross_entropy": "cross-entropy/clean train",
    "cross_entropy": "cross-entropy/train as seen in training",
    "loss": "optimized/loss",
    "penalty": "optimized/penalty",
    "learning_rate": "optimized/learning rate",
    "seconds": "speed/seconds of training",
    "evaluation_seconds": "speed/seconds of evaluation",
    "images_per_second": "speed/images per second",
    "memorized": "label noise/memorized",
    "rescued": "label noise/rescued",
}
"""Of the metrics of an epoch; one group has its charts side by side."""

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST_NAME_BYTES = 80
_KEPT_FILE = re.compile(r"events\.out\.tfevents\.\d+\.cnnlab\.\d+")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Named:
    """A run's attempt and what is known of the run from its folder."""

    home: Home
    attempt: Attempt
    values: dict[str, Any]

    @property
    def id(self) -> str:
        """Of the run."""
        return str(self.values["id"])

    @property
    def config(self) -> dict[str, Any]:
        """Of the run, as JSON values."""
        found: dict[str, Any] = self.values["config"]
        return found


def named(home: Home, attempt: Attempt) -> Named:
    """An attempt with what its run's folder says.

    Raises:
        StorageError: the run's file is missing or damaged.
    """
    return Named(home, attempt, load_run_file(attempt.folder.parent))


def place_of(run: Named, root: Path) -> Path:
    """The folder of a run: the one that it has, else a readable one.

    Args:
        run: which.
        root: the folder of all runs.
    """
    study, seed = run.values["study"], run.config.get("training", {}).get("seed")
    if study is None:
        name = f"{_safe(run.values['name'])} {run.id}"
        known = root.glob(f"*/* {run.id}")
        return next(known, root / _safe(run.values["dataset"]) / name)
    try:
        title = _safe(read_study(run.home.study(study)).name)
    except StorageError:
        title = "Study"
    group = next(root.glob(f"* {study}"), root / f"{title} {study}")
    name = f"{_safe(run.values['arm'] or 'arm')}, seed {seed} {run.id}"
    return next(group.glob(f"* {run.id}"), group / name)


class EventWriter:
    """Writes the file of an attempt that trains; after the first trouble nothing more.

    Args:
        home: the home folder.
        attempt: of a run.
    """

    def __init__(self, home: Home, attempt: Attempt) -> None:
        self._home = home
        self._attempt = attempt
        self._file: Any = None

    def begin(self) -> None:
        """Write what is known so far in place of what an earlier attempt wrote."""
        try:
            self._run = named(self._home, self._attempt)
            history = self._attempt.history()
            folder = place_of(self._run, self._home.tensorboard)
            folder.mkdir(parents=True, exist_ok=True)
            number = self._attempt.number
            path = folder / f"events.out.tfevents.{time.time():010.0f}.cnnlab.{number}"
            write_atomically(path, lambda file: _write_all(file, _beginning(self._run, history)))
            for other in folder.iterdir():
                if _KEPT_FILE.fullmatch(other.name) and other != path:
                    other.unlink(missing_ok=True)
            self._file = path.open("ab", buffering=0)
        except Exception:
            self._give_up()

    def epoch(self, record: EpochRecord) -> None:
        """Write a finished epoch."""
        self._append(_epoch_event(record, time.time()))

    def end(self, result: RunResult) -> None:
        """Write how the attempt ended, with pictures, and close the file."""
        if self._file is not None:
            try:
                for event in _ending(self._run, result, time.time()):
                    self._append(event)
            except Exception:
                self._give_up()
        self.close()

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _append(self, event: bytes) -> None:
        if self._file is None:
            return
        try:
            event_file.write_record(self._file, event)
        except Exception:
            self._give_up()

    def _give_up(self) -> None:
        """Whatever it is, such as a full disk: the run goes on."""
        _log.warning("TensorBoard's file can't be written; the run goes on", exc_info=True)
        self.close()


@contextlib.contextmanager
def events_of(home: Home, attempt: Attempt) -> Iterator[EventWriter]:
    """What writes the file of an attempt that trains within this context.

    It writes nothing where `CNNLAB_TENSORBOARD` is 0. A training that fails has failed there too.
    """
    writer = EventWriter(home, attempt)
    if setting(TENSORBOARD, 1):
        writer.begin()
    try:
        yield writer
    except FencedError:  # the newer attempt writes
        raise
    except Exception as error:
        writer.end({"status": Status.FAILED, "message": str(error)})
        raise
    finally:
        writer.close()


def write_event_file(run: Named, root: Path, *, started_at: float) -> Path:
    """Write the whole file of a run's attempt anew.

    Args:
        run: whose.
        root: the folder of all runs.
        started_at: when it began, seconds since the epoch of all clocks.

    Returns:
        The folder.

    Raises:
        CnnlabError: the run's files are damaged, or the disk is full.
    """
    folder, result = place_of(run, root), run.attempt.read_result()
    history = run.attempt.history()
    name = f"events.out.tfevents.{started_at:010.0f}.cnnlab.{run.attempt.number}"
    seconds = sum(_seconds(record) for record in history)

    def events() -> Iterator[bytes]:
        yield from _beginning(run, history, started_at)
        if result is not None:
            yield from _ending(run, result, started_at + seconds)

    found = list(events())
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / name, lambda file: _write_all(file, iter(found)))
    for other in folder.iterdir():
        if _KEPT_FILE.fullmatch(other.name) and other.name != name:
            other.unlink(missing_ok=True)
    return folder


def remove_events(home: Home, run: str) -> None:
    """Remove what there is of a run that will be deleted; it can be made again until then."""
    with contextlib.suppress(StorageError):
        folder = place_of(named(home, Attempt(home.attempt(run, 1))), home.tensorboard)
        shutil.rmtree(folder, ignore_errors=True)


def remove_study_events(home: Home, study: str) -> None:
    """Remove what there is of the runs of a study."""
    for folder in home.tensorboard.glob(f"* {study}"):
        shutil.rmtree(folder, ignore_errors=True)


def _write_all(file: Any, events: Iterator[bytes]) -> None:  # noqa: ANN401 - an open file
    for event in events:
        event_file.write_record(file, event)


def _beginning(
    run: Named, history: list[EpochRecord], started_at: float | None = None
) -> Iterator[bytes]:
    at = time.time() - sum(map(_seconds, history)) if started_at is None else started_at
    yield event_file.first_event(at)
    yield event_file.restart(at, 1)
    hparams = {name: _hparam(value) for name, value in flat(run.config)}
    yield event_file.begin_session(at, hparams, _trial(run))
    for record in history:
        at += _seconds(record)
        yield _epoch_event(record, at)


def _epoch_event(record: EpochRecord, at: float) -> bytes:
    numbers = epoch_numbers(record)
    values = {tag: numbers[name] for name, tag in _TAGS.items() if name in numbers}
    return event_file.scalars(at, record["epoch"] + 1, values)


def _ending(run: Named, result: RunResult, at: float) -> Iterator[bytes]:
    step = (result.get("model_epoch") or 0) + 1
    kept = {
        f"kept model/{name.removeprefix('kept_').replace('_', ' ')}": value
        for name, value in kept_numbers(result).items()
    }
    if kept:
        yield event_file.scalars(at, step, kept)
    yield from _pictures(run, result, step, at)
    succeeded = result["status"] in (Status.FINISHED, Status.STOPPED)
    yield event_file.end_session(at, succeeded=succeeded)


def _pictures(run: Named, result: RunResult, step: int, at: float) -> Iterator[bytes]:
    report = result.get("report")
    if report is None:
        return
    index, prepared = ImageIndex(run.home.dataset(run.values["dataset"])), run.config["image"]
    try:
        mistakes = mistakes_picture(
            index,
            report["top_losses"],
            size=prepared["size"],
            color=prepared["color"],
            resize=prepared["resize"],
        )
    except CnnlabError:  # the dataset is gone
        mistakes = None
    shown = {
        "validation/confusion": (confusion_picture(report), "A row is a true class."),
        "validation/worst": (mistakes, "The largest losses: what the model says, and what it is."),
    }
    for tag, (picture, words) in shown.items():
        if picture is not None:
            yield event_file.image(at, step, tag, as_png(picture), picture.size, words)


def _trial(run: Named) -> str:
    """What a run is called among the hyper-parameters; no two are called alike."""
    study = run.values["study"]
    if study is None:
        return f"{_safe(run.values['name'])} {run.id}"
    return f"{_safe(run.values['arm'] or 'arm')}, seed {run.config['training']['seed']} {run.id}"


def _hparam(value: object) -> object:
    return value if isinstance(value, bool | int | float) else as_text(value)


def _seconds(record: EpochRecord) -> float:
    return record["seconds"] + (record.get("evaluation_seconds") or 0.0)


def _safe(name: str) -> str:
    """A name that any disk takes, and that doesn't hide."""
    text = _NOT_IN_NAMES.sub("-", name).strip(" .")
    return text.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore").strip() or "run"
