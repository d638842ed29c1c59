"""`python -m cnnlab.worker`: the process that trains; one attempt of a run, or one after another.

With `--spare` it loads TensorFlow and waits for its first job and, on a CPU, for further ones.
"""

import argparse
import contextlib
import errno
import gc
import importlib
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NoReturn

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import (
    BadInputError,
    CnnlabError,
    FencedError,
    StorageError,
    TrainingError,
)
from cnnlab.domain.run import Status
from cnnlab.files import disk_errors, write_json
from cnnlab.storage.attempt import Attempt, AttemptRecorder
from cnnlab.worker.channel import LOADED, Job, JobChannel, serve_jobs
from cnnlab.worker.run import load_data, train, try_out

EXIT_CODES = {"config": 10, "disk": 11, "memory": 20, "not_finite": 30, "error": 1}
"""By the cause of a failure."""

EXIT_FENCED = 75
"""A newer attempt has taken over; nothing more was written."""

_MODULES = (
    "cnnlab.training.judging.evaluate",
    "cnnlab.training.judging.reference",
    "cnnlab.training.loop.fit",
    "cnnlab.training.preflight.preflight",
    "cnnlab.training.loop.session",
    "pyarrow.dataset",  # pyarrow itself loads it when an index is read
)
_RESERVE_BYTES = 64 * 1024
_log = logging.getLogger("cnnlab.worker")


def main() -> int:
    """Do the job of the command line, or wait for jobs; the exit code says how it ended."""
    parser = argparse.ArgumentParser(prog="cnnlab.worker")
    parser.add_argument("--spare", type=int, help="socket over which jobs come")
    parser.add_argument("--run", help="id of the run, shown in process lists")
    parser.add_argument("--attempt", help="folder of the attempt")
    parser.add_argument("--lock-fd", type=int, help="held until this process ends")
    parser.add_argument("--device", help="takes the place of the config's")
    parser.add_argument("--preflight", action="store_true", help="only try the config out")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # It warns of functions that are compiled again and again, which each run of a process does.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # A closed terminal, or a Ctrl-C meant for somebody else, ends no run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if given.spare is None:
        job = Job(given.run, given.attempt, given.device, given.preflight)
        return _do(job, _start_loading(lambda: True))
    channel = JobChannel(given.spare)
    loading = _start_loading(lambda: channel.was_used)
    loading.add_done_callback(lambda loaded: _tell_loaded(loaded, channel))
    return serve_jobs(channel, lambda job: _do(job, loading), lambda: _tidy(loading))


def _start_loading(is_awaited: Callable[[], bool]) -> Future:
    """Import TensorFlow and all of training in a thread, and rehearse if there is time for it.

    The half a million objects that this makes stay for good: Python's garbage collector is kept
    from looking through them again and again, now and in every run.

    Args:
        is_awaited: whether a job waits for it already.

    Returns:
        Its result is what a job must leave as it was for the next one.
    """
    loading = Future()

    def load() -> None:
        gc.disable()
        try:
            for module in _MODULES:
                importlib.import_module(module)
            if not is_awaited():
                _rehearse()
        except BaseException as error:  # raised again where the result is asked for
            loading.set_exception(error)
        else:
            gc.freeze()
            loading.set_result(_surroundings())
        finally:
            gc.enable()

    threading.Thread(target=load, name="cnnlab-loading", daemon=True).start()
    return loading


def _surroundings() -> tuple[Any, ...]:
    return Path.cwd(), dict(os.environ), list(logging.getLogger().handlers)


def _tell_loaded(loading: Future, channel: JobChannel) -> None:
    if loading.exception() is None:
        channel.tell(LOADED)
    else:  # a job that is there already says so in its result
        _log.error("TensorFlow can't be loaded", exc_info=loading.exception())
        channel.give_up()


def _rehearse() -> None:
    from cnnlab.training.loop.session import rehearse  # noqa: PLC0415 - it is loaded by then

    rehearse()


def _tidy(loading: Future) -> bool:
    from cnnlab.training.loop.session import end_session  # noqa: PLC0415

    return end_session() and loading.result() == _surroundings()


def _do(job: Job, loading: Future) -> int:
    """Do a job and write into its folder how it ended; the exit code says the same."""
    attempt = job.attempt
    if not job.is_preflight:
        signal.signal(signal.SIGTERM, lambda *_: attempt.ask_to_stop())
    _log.info("run %s, process %d", job.run, os.getpid())
    started = time.monotonic()
    try:
        result = _result(job, attempt, loading) | {"seconds": time.monotonic() - started}
        if attempt.is_fenced():
            raise FencedError("A newer attempt of this run has taken over.")
        write_json(attempt.result, result)
    except FencedError as error:
        _log.error("%s", error)
        return EXIT_FENCED
    except StorageError as error:  # not even the result can be written
        _log.error("%s", error)
        return EXIT_CODES["disk"]
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _log.info("%s %s", result["status"], result.get("message") or "")
    return EXIT_CODES[result["cause"]] if result["status"] == Status.FAILED else 0


def _result(job: Job, attempt: Attempt, loading: Future) -> dict[str, Any]:
    """Do the job and say how it ended, whatever happens.

    Raises:
        FencedError: a newer attempt has taken over.
    """
    try:
        with _reserve(attempt), contextlib.closing(AttemptRecorder(attempt)) as recorder:
            config = load_config(attempt.read_config())
            data = load_data(config, recorder, loading.result)
            if job.is_preflight:
                result = try_out(config, data, recorder)
            else:
                result = train(config, data, attempt, recorder, job.device)
            json.dumps(result, allow_nan=False)  # what can't be written is an error of this run
            return result
    except FencedError:
        raise
    except CnnlabError as error:
        _log.error("%s", error)
        return _failure(_cause(error), str(error))
    except Exception as error:  # the last line of defence: the run must say how it ended
        _log.exception("unexpected error")
        return _failure(*_cause_in_words(error, attempt))


@contextlib.contextmanager
def _reserve(attempt: Attempt) -> Iterator[None]:
    """Keep some disk space within this context, so that on a full disk the result has room."""
    path = attempt.folder / "reserve"
    try:
        with disk_errors(path), path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _RESERVE_BYTES)
        yield
    finally:
        path.unlink(missing_ok=True)


def _failure(cause: str, message: str) -> dict[str, Any]:
    return {"status": Status.FAILED, "cause": cause, "message": message}


def _cause(error: CnnlabError) -> str:
    if isinstance(error, BadInputError):
        return "config"
    if isinstance(error, StorageError):
        return "disk"
    known = isinstance(error, TrainingError) and error.cause in EXIT_CODES
    return error.cause if known else "error"


def _cause_in_words(error: Exception, attempt: Attempt) -> tuple[str, str]:
    """Cause and message of an error that nobody has put into words yet."""
    if isinstance(error, MemoryError):
        return "memory", (
            "The memory of this machine doesn't suffice: lower training.batch_size or image.size, "
            "or take a smaller network."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk", (
            f"The disk is full at {error.filename or attempt.folder}: free some space, then resume "
            "the run; everything stored before is kept."
        )
    return "error", f"Unexpected error ({type(error).__name__}: {error!s:.200}); see the run's log."


def _leave(code: int) -> NoReturn:
    """End at once: all that counts is on the disk, and TensorFlow takes its time to tidy up."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
