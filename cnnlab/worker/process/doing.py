"""Doing one job of any kind to its end, which is told whatever happens: the last line of defence.

0    it finished, or was stopped        11   the disk is full
1    an error                           12   nobody wanted it any more
10   the config or the data is wrong    20   the memory doesn't suffice
30   the loss is no number any more     75   a newer attempt has taken over; nothing was written
"""

import contextlib
import errno
import importlib
import json
import logging
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import (
    BadInputError,
    CancelledError,
    ChoiceNeededError,
    CnnlabError,
    DiskFullError,
    FencedError,
    StorageError,
    TrainingError,
)
from cnnlab.files import disk_errors, read_json, write_json
from cnnlab.jobs.kind import Kind, to_json
from cnnlab.jobs.state import Stage
from cnnlab.jobs.table import KINDS
from cnnlab.machine import memory_shortage
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.job_folder import CANCELLED, JobFolder
from cnnlab.worker.process.channel import Job
from cnnlab.worker.process.homes import working_at
from cnnlab.worker.process.on_node import is_on_node
from cnnlab.worker.process.work import TakeReady, Work, nothing_ready

EXIT_CODES = {
    "config": 10, "disk": 11, "cancelled": 12, "memory": 20, "not_finite": 30, "error": 1,
}  # fmt: skip
"""By the cause of a failure."""

EXIT_FENCED = 75
"""A newer attempt has taken over; nothing more was written."""

LAST_RESORT_SECONDS = 60.0
"""So long after its limit a worker ends itself, where no supervisor has done it with a word."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_RESERVE_BYTES = 64 * 1024
_log = logging.getLogger("cnnlab.worker")


def do_job(
    job: Job, wait_for_training: Callable[[], object], take_ready: TakeReady = nothing_ready
) -> int:
    """Do a job and write into its folder how it ended; the exit code says the same.

    Args:
        job: of any kind.
        wait_for_training: returns once `cnnlab.training` is loaded.
        take_ready: gives what this process has made ready, see `Work`.
    """
    files = job.files
    signal.signal(signal.SIGTERM, lambda *_: _end_early(files))
    _log.info("%s %s, process %d", job.kind_name, job.run, os.getpid())
    started = time.monotonic()
    try:
        result = _result(job, files, wait_for_training, take_ready)
        result["seconds"] = time.monotonic() - started
        if isinstance(files, Attempt) and files.is_fenced():
            raise FencedError("A newer attempt of this run has taken over.")
        write_json(files.result, result)
    except FencedError as error:
        _log.error("%s", error)
        return EXIT_FENCED
    except StorageError as error:  # not even the result can be written
        _log.error("%s", error)
        return EXIT_CODES["disk"]
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _log.info("%s %s", result["status"], result.get("message") or "")
    return EXIT_CODES[result["cause"]] if "cause" in result else 0


def _end_early(files: JobFolder) -> None:
    """What SIGTERM means: a training stops after its step; other work is cancelled, or ends.

    On a node it comes from whoever looks after that: somebody else will go on with a training too.
    """
    if isinstance(files, Attempt) and not is_on_node():
        files.ask_to_stop()
    elif not isinstance(files, Attempt) and files.is_stop_asked():
        raise CancelledError(CANCELLED)
    else:  # from outside: somebody else will do it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


def _result(
    job: Job, files: JobFolder, wait_for_training: Callable[[], object], take_ready: TakeReady
) -> dict[str, Any]:
    """Do the job and say how it ended, whatever happens.

    Raises:
        FencedError: a newer attempt has taken over.
    """
    try:
        with (
            working_at(files.folder),
            _reserve(files.folder),
            contextlib.closing(files.recorder()) as recorder,
            _limits(job.kind),
        ):
            request = job.kind.read_request(_asked(job.kind, files))
            answer = _function(job.kind)(
                Work(request, files, recorder, job.device, wait_for_training, take_ready)
            )
            result = _finished(job.kind, answer)
            json.dumps(result, allow_nan=False)  # what can't be written is an error of this job
            return result
    except FencedError:
        raise
    except CancelledError as error:
        return {"status": Stage.CANCELLED, "cause": "cancelled", "message": str(error)}
    except CnnlabError as error:
        _log.error("%s", error)
        return _failure(_cause(error), str(error)) | _room(error) | _choices(error)
    except Exception as error:  # the last line of defence: the job must say how it ended
        _log.exception("unexpected error")
        return _failure(*_cause_in_words(error, job.kind, files)) | _room(error)


def _asked(kind: Kind, files: JobFolder) -> dict[str, Any]:
    """The request; an attempt of an earlier version has none, and asks for nothing special.

    With `--preflight` the folder of an attempt may be tried out, which has its config alone.
    """
    config = files.folder / "config.json"
    if files.request.exists():
        return read_json(files.request)
    if kind is KINDS["preflight"] and config.exists():
        return {"config": read_json(config)}
    return {}


def _function(kind: Kind) -> Callable[[Work], object]:
    module, _, name = kind.function.partition(":")
    return getattr(importlib.import_module(module), name)


def _finished(kind: Kind, answer: object) -> dict[str, Any]:
    """The content of the result file; a training says itself how it ended."""
    if kind.folder is Attempt:
        return to_json(answer)
    return {"status": Stage.FINISHED, "answer": to_json(answer)}


@contextlib.contextmanager
def _limits(kind: Kind) -> Iterator[None]:
    """Hold the kind's limits of time and memory within this context.

    Who takes too long ends by a signal, as if it was killed: it may hang where no Python runs.
    """
    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    if kind.memory_limit_bytes is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (_data_bytes() + kind.memory_limit_bytes, most))
    limit = kind.time_limit_seconds
    signal.setitimer(signal.ITIMER_REAL, 0.0 if limit is None else limit + LAST_RESORT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))


def _data_bytes() -> int:
    """What counts against the limit of memory already."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:"))


@contextlib.contextmanager
def _reserve(folder: Path) -> Iterator[None]:
    """Keep some disk space within this context, so that on a full disk the result has room."""
    path = folder / "reserve"
    try:
        with disk_errors(path), path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _RESERVE_BYTES)
        yield
    finally:
        path.unlink(missing_ok=True)


def _failure(cause: str, message: str) -> dict[str, Any]:
    return {"status": Stage.FAILED, "cause": cause, "message": message}


def _room(error: Exception) -> dict[str, Any]:
    """That a failure is over as soon as there is room on the disk, where it is."""
    if not isinstance(error, DiskFullError) and getattr(error, "errno", None) not in _FULL:
        return {}
    return {"disk_full": True}


def _choices(error: CnnlabError) -> dict[str, Any]:
    """What may be chosen so that the job can be done, where that is all that is missing."""
    if not isinstance(error, ChoiceNeededError) or not error.choices:
        return {}
    return {"message": error.question, "choices": error.choices}


def _cause(error: CnnlabError) -> str:
    if isinstance(error, BadInputError):
        return "config"
    if isinstance(error, StorageError):
        return "disk"
    if isinstance(error, TrainingError) and error.cause in EXIT_CODES:
        return error.cause
    return "error"


def _cause_in_words(error: Exception, kind: Kind, files: JobFolder) -> tuple[str, str]:
    """Cause and message of an error that nobody has put into words yet."""
    again, log = ("resume the run", "the run's") if kind.folder is Attempt else ("try again", "its")
    if isinstance(error, ImportError) and (shortage := memory_shortage(str(error))):
        return "memory", shortage
    if isinstance(error, MemoryError):
        return "memory", f"The memory doesn't suffice: {kind.memory_advice}."
    if isinstance(error, OSError) and error.errno in _FULL:
        return "disk", (
            f"The disk is full at {error.filename or files.folder}: free some space, then {again}; "
            "everything stored before is kept."
        )
    return "error", f"Unexpected error ({type(error).__name__}: {error!s:.200}); see {log} log."
