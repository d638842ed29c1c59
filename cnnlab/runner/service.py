"""The supervisor's process: it works as long as there is a reason to, and is alone in its home."""

import logging
import os
import time
from collections.abc import Callable

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.jobs.asking import queue_is_empty
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.handed_on import take_over
from cnnlab.runner.process import note_pid
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.runner.supervisor import Supervisor
from cnnlab.runner.wake_up import WakeUpPipe
from cnnlab.storage.home import Home
from cnnlab.storage.index.rebuild import ensure_index, open_index
from cnnlab.storage.runs import RunStore
from cnnlab.storage.searches import SearchStore
from cnnlab.storage.space.leftovers import remove_leftovers
from cnnlab.storage.space.reserve import tend_reserve

POLL_SECONDS = 0.1
"""Between two rounds, unless somebody wakes us: who launches a run does."""

IDLE_SECONDS = 30.0
"""The supervisor leaves after so long without a reason to stay; whoever launches a run starts one.
A worker that is kept ready is such a reason."""

TIDY_SECONDS = 10.0
"""How often what killed processes left is looked for."""

_AFTER_ERROR_SECONDS = 1.0
_log = logging.getLogger(__name__)


def serve(
    home: Home,
    lock: int | None,
    make_executor: Callable[[], Executor],
    *,
    stall_seconds: float = STALL_SECONDS,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Supervise the runs of a home until there is nothing left to do.

    Args:
        home: the home folder.
        lock: descriptor of the supervisor's lock; None if another supervisor holds it.
        make_executor: where workers run.
        stall_seconds: how long a worker may show no sign of life.
        idle_seconds: how long to stay without a reason.
    """
    if lock is None:
        return
    engine = open_index(home)
    store = RunStore(engine, home)
    while lock is not None:
        note_pid(lock, os.getpid())
        executor, pipe = make_executor(), WakeUpPipe(home.supervisor_pipe)
        supervisor = Supervisor(home, store, executor, stall_seconds=stall_seconds)
        try:
            _work(home, supervisor, pipe, idle_seconds)
        finally:
            executor.close()
            pipe.close()
        os.close(lock)
        if not home.root.exists():
            break
        # Who asked for work between the last round and this line saw the lock taken: go on then.
        active = store.list(Status.QUEUED, Status.RUNNING, Status.INTERRUPTED, limit=1)
        is_needed = bool(active or SearchStore(home).due()) or not queue_is_empty(home)
        lock = take_lock(home.supervisor_lock) if is_needed else None
    engine.dispose()


def _work(home: Home, supervisor: Supervisor, pipe: WakeUpPipe, idle_seconds: float) -> None:
    busy, idle_since, tidied_at = True, time.monotonic(), -TIDY_SECONDS
    while busy or time.monotonic() - idle_since < idle_seconds:
        if not home.root.exists():
            _log.warning("the home folder is gone, and with it all there was to do")
            return
        try:
            if time.monotonic() - tidied_at >= TIDY_SECONDS:
                tidied_at = time.monotonic()
                remove_leftovers(home)
            busy, pause = supervisor.tick(), POLL_SECONDS
        except Exception:  # such as a full disk: what is due is due again in the next round
            _log.exception("this round wasn't complete")
            tend_reserve(home.root)
            busy, pause = True, _AFTER_ERROR_SECONDS
            _bring_index_back(home)
        if busy:
            idle_since = time.monotonic()
        if take_over(pipe.wait(pause)):
            supervisor.see_settings()


def _bring_index_back(home: Home) -> None:
    """Where the database was deleted under us, make it again; else nothing happens."""
    try:
        ensure_index(home)
    except StorageError:
        _log.exception("the index can't be made again")
