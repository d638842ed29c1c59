"""`python -m cnnlab.runner`: the supervisor's process, one per home folder."""

import argparse
import logging
import os
import time

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.runner.executor import LocalExecutor
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.database import open_database
from cnnlab.storage.home import open_home
from cnnlab.storage.runs import RunStore

POLL_SECONDS = 0.1
IDLE_SECONDS = 30.0
"""The supervisor leaves after so long without work; whoever launches a run starts a new one."""


def main() -> None:
    """Work until there is nothing left to do, unless another supervisor is at it."""
    parser = argparse.ArgumentParser(prog="cnnlab.runner")
    parser.add_argument("--lock-fd", type=int, help="the supervisor's lock, taken by who starts it")
    lock = parser.parse_args().lock_fd
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    home = open_home()
    lock = take_lock(home.supervisor_lock) if lock is None else lock
    while lock is not None:
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        store = RunStore(open_database(home.database))
        _work(Supervisor(home, store, LocalExecutor(home.root), slots=_runs_at_once()))
        os.close(lock)
        # A run launched between the last look and this line saw the lock taken: look once more.
        active = store.list(Status.QUEUED, Status.RUNNING)
        lock = take_lock(home.supervisor_lock) if active else None


def _runs_at_once() -> int:
    wanted = os.environ.get("CNNLAB_RUNS_AT_ONCE", "1")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    logging.warning("CNNLAB_RUNS_AT_ONCE must be 1 or more, 1 is taken. Received: %r", wanted)
    return 1


def _work(supervisor: Supervisor) -> None:
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < IDLE_SECONDS:
        try:
            busy = supervisor.tick()
        except CnnlabError:  # such as a full disk: what is due is due again in the next round
            logging.exception("this round failed")
            busy = True
        if busy:
            idle_since = time.monotonic()
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main()
