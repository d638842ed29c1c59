"""What the folders of a home say of its datasets and runs: the truth, where a database is lost.

When a run began and ended is taken from the dates of its files: close, and wrong in a copied home.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted
from cnnlab.files import disk_errors, read_json
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.storage.datasets import DATASET_FILE
from cnnlab.storage.home import Home
from cnnlab.storage.runs.store import summarize
from cnnlab.storage.studies import read_study

_INTERRUPTED = "Its worker is gone without a word; it starts again from its last checkpoint."
_STOPPED = "Stopped before it could tidy up."

Read = TypeVar("Read", Dataset, Run, Study)


@dataclass(frozen=True)
class LeftOut:
    """A folder that can't be listed, and why, in one sentence."""

    folder: str
    reason: str


@dataclass
class Inventory:
    """What was found.

    Attributes:
        datasets: those whose folders can be read.
        runs: likewise.
        studies: likewise.
        left_out: folders that can't be read.
    """

    datasets: list[Dataset] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    studies: list[Study] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def statuses(self) -> dict[str, int]:
        """Number of runs by status."""
        return dict(Counter(run.status.value for run in self.runs))

    @property
    def words(self) -> str:
        """How much was found, and how much of it can't be read."""
        statuses = ", ".join(f"{count} {status}" for status, count in self.statuses.items())
        parts = [
            counted(len(self.datasets), "dataset"),
            counted(len(self.runs), "run") + (f" ({statuses})" if statuses else ""),
            counted(len(self.studies), "study", "studies"),
        ]
        if self.left_out:
            parts.append(f"{counted(len(self.left_out), 'folder')} that can't be read")
        return ", ".join(parts)


def take_inventory(home: Home) -> Inventory:
    """Read the folders of all datasets and runs; what can't be read is in nobody's way."""
    found = Inventory()
    found.datasets += _read_all(home.datasets, _read_dataset, found.left_out)
    found.runs += _read_all(home.runs, _read_run, found.left_out)
    found.studies += _read_all(home.studies, read_study, found.left_out)
    return found


def _read_all(parent: Path, read: Callable[[Path], Read], left_out: list[LeftOut]) -> list[Read]:
    """What the folders in a folder hold; those that can't be read are noted."""
    found = []
    for folder in visible_folders(parent):
        try:
            found.append(read(folder))
        except StorageError as error:
            left_out.append(LeftOut(str(folder), str(error)))
        except (KeyError, TypeError, ValueError) as error:
            reason = f"What it says of itself is damaged ({type(error).__name__}: {error})."
            left_out.append(LeftOut(str(folder), reason))
    return found


def visible_folders(folder: Path) -> list[Path]:
    """The folders in a folder by name, without what a killed process left half done."""
    with disk_errors(folder):
        entries = sorted(folder.iterdir())
    return [entry for entry in entries if entry.is_dir() and not entry.name.startswith(".")]


def _read_dataset(folder: Path) -> Dataset:
    dataset = Dataset.from_json(read_json(folder / DATASET_FILE))
    if dataset.id != folder.name:
        raise StorageError(f"It holds the dataset {dataset.id!r}: rename it to that or delete it.")
    return dataset


def as_it_stands(run: Run, attempt: Attempt) -> Run:
    """A run as its worker's lock says, where its row still says that it is running.

    Nobody has noted yet that the worker is gone: the supervisor that will may have to be started.

    Args:
        run: its row.
        attempt: the one that counts. One without a lock file has no worker of this machine yet.
    """
    if run.status is not Status.RUNNING or not attempt.lock.exists() or attempt.is_alive():
        return run
    try:
        return replace(run, **_progress(attempt), **_state(attempt, {}))
    except StorageError:  # its files are damaged: the supervisor will say of it what is wrong
        return run


def _read_run(folder: Path) -> Run:
    names = {path.name.removeprefix("attempt-"): path for path in folder.glob("attempt-*")}
    attempts = {int(name): Attempt(path) for name, path in names.items() if name.isdecimal()}
    run = _as_it_says(folder, attempts)
    if not attempts:
        return _waiting(run)
    newest = max(attempts)
    attempt = attempts[newest]
    try:
        run = replace(run, **_progress(attempt))
        if newest < run.attempt or (run.origin and not _has_begun(attempt)):
            return _waiting(run)
        begun = _date(attempt.lock if attempt.lock.exists() else attempt.config)
        said = {"status": run.status, "message": run.message} if newest == run.attempt else {}
        run = replace(run, attempt=newest, started_at=begun)
        return replace(run, **_state(attempt, said))
    except StorageError as error:  # as the supervisor does with a run that can't be followed
        status = Status.RUNNING if attempt.is_alive() else Status.FAILED
        return replace(run, attempt=newest, status=status, message=str(error))


def _as_it_says(folder: Path, attempts: dict[int, Attempt]) -> Run:
    """The run without its attempts; one without `run.json` has its id for a name."""
    try:
        return Run(**load_run_file(folder) | {"id": folder.name})
    except StorageError as error:
        if not attempts:
            raise StorageError(f"It holds no attempt and can't be queued again. {error}") from error
    config = attempts[max(attempts)].read_config()
    return Run(
        id=folder.name,
        name=folder.name,
        dataset=config.get("dataset", ""),
        config=config,
        status=Status.RUNNING,
        created_at=_created_at(folder),
    )


def _waiting(run: Run) -> Run:
    """A run whose next attempt hasn't begun: in the queue, unless a user took it from there."""
    return run if run.status.is_ended else replace(run, status=Status.QUEUED, message=None)


def _has_begun(attempt: Attempt) -> bool:
    """Whether a worker was ever started; the folder of a fork is filled before that."""
    return attempt.lock.exists() or attempt.result.exists()


def _progress(attempt: Attempt) -> dict[str, Any]:
    """What an attempt's events say."""
    events = attempt.read_events()
    started = [row["facts"] for row in events if row["kind"] == "started"]
    return {
        "device": started[-1].get("device") if started else None,
        "changed_by_hand": any(row["kind"] == "dials" for row in events),
        **summarize([row["record"] for row in events if row["kind"] == "epoch"]),
    }


def _state(attempt: Attempt, said: dict[str, Any]) -> dict[str, Any]:
    """Whether an attempt runs, or how it ended and when.

    Args:
        attempt: one that has begun.
        said: status and message in the run's own file, if that is about this attempt: a user may
            have stopped it when its worker was lost already.
    """
    if attempt.is_alive():
        return {"status": Status.RUNNING, "message": None}
    result = attempt.read_result()
    if result is not None and result.get("disk_full"):
        return {"status": Status.INTERRUPTED, "message": result.get("message")}
    if result is not None:
        ended = {"status": Status(result["status"]), "message": result.get("message")}
        return ended | {"ended_at": _date(attempt.result)}
    last = _date(attempt.events if attempt.events.exists() else attempt.config)
    if said and said["status"].is_ended:
        return said | {"ended_at": last}
    if attempt.is_stop_asked():
        return {"status": Status.STOPPED, "message": _STOPPED, "ended_at": last}
    return {"status": Status.INTERRUPTED, "message": _INTERRUPTED}


def _created_at(folder: Path) -> str:
    """The date in a run's id."""
    with contextlib.suppress(ValueError):
        moment = datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        return moment.isoformat(timespec="milliseconds")
    return _date(folder)


def _date(path: Path) -> str:
    """When a file was last written, or its folder if it isn't there: ISO 8601, UTC."""
    there = path if path.exists() else path.parent
    return datetime.fromtimestamp(there.stat().st_mtime, UTC).isoformat(timespec="seconds")
