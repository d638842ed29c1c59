"""The supervisor's process: one for an installation; it works as long as there is a reason to."""

import logging
import os
import time
from collections.abc import Callable

from cnnlab.files import take_lock
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.handed_on import take_over
from cnnlab.runner.process import note_pid
from cnnlab.runner.sharing.limits import Limits, RegisteredQuotas
from cnnlab.runner.sharing.served import Served
from cnnlab.runner.sharing.turns import Turns
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.runner.supervisor import Supervisor
from cnnlab.runner.wake_up import WakeUpPipe, who_calls
from cnnlab.storage.home import Home
from cnnlab.storage.space.reserve import tend_reserve

POLL_SECONDS = 0.1
"""Between two rounds, unless somebody wakes us: who launches a run does."""

IDLE_SECONDS = 30.0
"""The supervisor leaves after so long without a reason to stay; whoever launches a run starts one.
A worker that is kept ready is such a reason."""

_log = logging.getLogger(__name__)


def serve(
    home: Home,
    lock: int | None,
    make_executor: Callable[[], Executor],
    *,
    stall_seconds: float = STALL_SECONDS,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Supervise the runs of all workspaces of an installation until there is nothing left to do.

    Args:
        home: of the installation.
        lock: descriptor of the supervisor's lock; None if another supervisor holds it.
        make_executor: where workers run.
        stall_seconds: how long a worker may show no sign of life.
        idle_seconds: how long to stay without a reason.

    Raises:
        StorageError: the database can't be opened, and there is no other workspace.
    """
    while lock is not None:
        note_pid(lock, os.getpid())
        executor, pipe = make_executor(), WakeUpPipe(home.supervisor_pipe)
        served = Served(home, executor, stall_seconds=stall_seconds)
        quotas = RegisteredQuotas(home)
        supervisor = Supervisor(
            served.workspaces, executor, Turns(home), Limits(quotas), served.knows_all
        )
        try:
            _work(home, served, supervisor, pipe, idle_seconds)
        finally:
            executor.close()
            pipe.close()
            quotas.close()
            os.close(lock)
        # Who asked for work between the last round and this line saw the lock taken: go on then.
        is_needed = home.installation.exists() and served.is_needed()
        served.close()
        lock = take_lock(home.supervisor_lock) if is_needed else None


def _work(
    home: Home, served: Served, supervisor: Supervisor, pipe: WakeUpPipe, idle_seconds: float
) -> None:
    called: set[str] = set()
    busy, idle_since = True, time.monotonic()
    while busy or time.monotonic() - idle_since < idle_seconds:
        if not home.installation.exists():
            _log.warning("the home folder is gone, and with it all there was to do")
            return
        served.look(called)
        served.raise_if_none()
        try:
            busy = supervisor.tick()
        except Exception:  # such as a full disk: what is due is due again in a later round
            _log.exception("this round wasn't complete")
            tend_reserve(home.root)
            busy = True
        served.settle()
        if busy:
            idle_since = time.monotonic()
        told = pipe.wait(POLL_SECONDS)
        called = who_calls(told)
        if take_over(told):
            supervisor.see_settings()
