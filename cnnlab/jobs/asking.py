"""Asking for work, and taking it back: the one door to the queue of jobs.

jobs/<kind>/<key>/    the folders of jobs that belong to nobody else
jobs/queue/<name>     one file for each job that waits or runs: its kind and its folder

The folder is the truth; the queue only tells the supervisor where to look.
"""

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cnnlab.domain.errors import DamagedError, StorageError
from cnnlab.files import disk_errors, read_json, remove_folder, take_lock, write_json
from cnnlab.jobs.kind import Kind, to_json
from cnnlab.jobs.state import Stage, end_job, stage_of
from cnnlab.jobs.table import KINDS
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import CANCELLED, JobFolder

Request = TypeVar("Request")
Answer = TypeVar("Answer")

ENDING_SECONDS = 3.0
"""A worker that has said how its job ended holds the lock for at most about so long."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueuedJob:
    """A job that waits or runs.

    Attributes:
        kind: of the job.
        files: its folder.
        name: its folder below the home, which names its run where it has one.
        asked_at: when it was asked for, nanoseconds since the epoch.
        entry: its file in the queue.
    """

    kind: Kind[Any, Any]
    files: JobFolder
    name: str
    asked_at: int
    entry: Path


def job_folder(home: Home, kind: Kind[Any, Any], key: str) -> JobFolder:
    """The folder of a job that belongs to nobody else.

    Args:
        home: the home folder.
        kind: of the job.
        key: names what is asked: the same key is the same job.
    """
    return kind.folder(home.jobs / kind.name / key)


def ask(
    home: Home,
    kind: Kind[Request, Answer],
    files: JobFolder,
    request: Request,
    *,
    again: bool = False,
    anew: bool = False,
) -> bool:
    """Have something done, unless that was done or is being done.

    Args:
        home: the home folder.
        kind: what is to be done.
        files: where; below the home. The same folder is the same job.
        request: what exactly.
        again: whether to do it again where it didn't finish; a resident one, wherever it ended.
        anew: whether to do it again where it finished with another request.

    Returns:
        Whether this is what was or is done; else a worker has done, or is at, another request.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    with disk_errors(files.folder):
        files.folder.mkdir(parents=True, exist_ok=True)
    is_other = anew and not _is_asked(files, request)
    is_settled = not is_other and _is_settled(files, again=again, is_resident=kind.is_resident)
    lock = None if is_settled else _take_over(files)
    if lock is None:
        return _is_asked(files, request)
    try:
        is_ended = stage_of(files).is_ended
        if is_ended:
            files.forget_tries()
        if is_ended or not _is_asked(files, request):
            write_json(files.request, to_json(request))
        _enter(home, kind, files)
    finally:
        os.close(lock)
    if kind.kept is not None:
        _delete_old(kind, files.folder.parent, kind.kept)
    return True


def keep_queued(home: Home, kind: Kind[Any, Any], files: JobFolder) -> None:
    """Enter a job again whose entry got lost; for whoever sees that it hasn't ended.

    A crash or a full disk may come between the request and its entry. What can't be written now is
    tried again at the next look.
    """
    try:
        if files.request.exists():
            _enter(home, kind, files)
    except StorageError as error:
        _log.warning("%s can't be queued: %s", files.folder, error)


def cancel(files: JobFolder) -> None:
    """Have a job ended that nobody wants any more; one that has ended stays as it is.

    One that waits has ended when this returns; one that runs, soon after the supervisor looks.

    Raises:
        StorageError: the disk is full.
    """
    stage = stage_of(files)
    if stage.is_ended or not files.request.exists():
        return
    files.ask_to_stop()
    lock = _take(files) if stage is Stage.WAITING else None
    if lock is None:
        return  # the supervisor sees to it
    try:
        if stage_of(files) is Stage.WAITING:
            end_job(files, Stage.CANCELLED, CANCELLED)
    finally:
        os.close(lock)


def queue_is_empty(home: Home) -> bool:
    """Whether no job waits or runs."""
    return next(queued_jobs(home), None) is None


def queued_jobs(home: Home) -> Iterator[QueuedJob]:
    """All jobs that wait or run, in no order; entries that lead nowhere are removed."""
    folder = _queue(home)
    for entry in folder.glob("*.json") if folder.exists() else ():
        try:
            job = _read(home, entry)
        except (DamagedError, KeyError, TypeError):  # or of a version that knew other kinds
            entry.unlink(missing_ok=True)
        except (StorageError, OSError) as error:  # gone since, or can't be read at the moment
            _log.warning("%s can't be read: %s", entry, error)
        else:
            if job.files.request.exists():
                yield job
            else:  # deleted, as with the run that it belonged to
                entry.unlink(missing_ok=True)


def _read(home: Home, entry: Path) -> QueuedJob:
    values = read_json(entry)
    kind, name = KINDS[values["kind"]], values["folder"]
    return QueuedJob(kind, kind.folder(home.root / name), name, entry.stat().st_mtime_ns, entry)


def _queue(home: Home) -> Path:
    return home.jobs / "queue"


def _is_settled(files: JobFolder, *, again: bool, is_resident: bool) -> bool:
    """Whether a job has ended and stays so; it counts as used, because the newest are kept."""
    stage = stage_of(files)
    if not stage.is_ended or (again and (is_resident or stage is not Stage.FINISHED)):
        return False
    with disk_errors(files.request):
        os.utime(files.request)
    return True


def _is_asked(files: JobFolder, request: object) -> bool:
    try:
        asked = read_json(files.request) if files.request.exists() else None
    except DamagedError:
        return False
    return bool(asked == json.loads(json.dumps(to_json(request))))


def _take(files: JobFolder) -> int | None:
    lock = take_lock(files.lock)
    if lock is not None:
        os.ftruncate(lock, 0)  # the process id is that of a worker that is gone
    return lock


def _take_over(files: JobFolder) -> int | None:
    """The job's lock; None if a worker is at it."""
    end = time.monotonic() + ENDING_SECONDS
    while (lock := _take(files)) is None and stage_of(files).is_ended and time.monotonic() < end:
        time.sleep(0.02)
    return lock


def _enter(home: Home, kind: Kind[Any, Any], files: JobFolder) -> None:
    folder = files.folder.relative_to(home.root).as_posix()
    name = hashlib.sha256(folder.encode()).hexdigest()[:16]
    queue = _queue(home)
    with disk_errors(queue):
        queue.mkdir(parents=True, exist_ok=True)
    if not (queue / f"{name}.json").exists():  # else it keeps its place
        write_json(queue / f"{name}.json", {"kind": kind.name, "folder": folder})


def _delete_old(kind: Kind[Any, Any], beside: Path, kept: int) -> None:
    """Delete the oldest folders of ended jobs beyond so many; one that is being made stays."""
    there = [folder for folder in beside.glob(kind.named) if not folder.name.startswith(".")]
    found = [(_asked_at(kind.folder(folder)), folder) for folder in there]
    asked = sorted((at, folder) for at, folder in found if at is not None)
    too_many = len(asked) - kept
    for _, folder in asked:
        if too_many <= 0:
            return
        try:
            if stage_of(kind.folder(folder)).is_ended:
                remove_folder(folder)
                too_many -= 1
        except StorageError as error:  # what was asked is asked all the same
            _log.warning("%s can't be deleted: %s", folder, error)


def _asked_at(files: JobFolder) -> int | None:
    """Nanoseconds since the epoch; None where nothing is asked, or somebody has deleted it."""
    try:
        return files.request.stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return None
