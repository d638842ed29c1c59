"""`python -m cnnlab.runner`: the supervisor's process, one per home folder."""

import argparse
import functools
import logging
import os
from collections.abc import Callable
from typing import TypeVar

from cnnlab.files import take_lock
from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.executors.this_machine import list_gpus, study_slots
from cnnlab.runner.service import serve
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.storage.home import open_home

Number = TypeVar("Number", int, float)


def main() -> None:
    """Work until there is nothing left to do, unless another supervisor is at it."""
    parser = argparse.ArgumentParser(prog="cnnlab.runner")
    parser.add_argument("--lock-fd", type=int, help="the supervisor's lock, taken by who starts it")
    lock = parser.parse_args().lock_fd
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    home = open_home()
    lock = take_lock(home.supervisor_lock) if lock is None else lock
    capacity = Capacity(
        list_gpus(),
        cpu_slots=_setting("CNNLAB_RUNS_AT_ONCE", int, 1),
        study_slots=_setting("CNNLAB_RUNS_AT_ONCE", int, study_slots()),
    )
    stall_seconds = _setting("CNNLAB_STALL_SECONDS", float, STALL_SECONDS)
    executor = functools.partial(LocalExecutor, home.root, capacity=capacity)
    serve(home, lock, executor, stall_seconds=stall_seconds)


def _setting(name: str, kind: Callable[[str], Number], default: Number) -> Number:
    """A number from the environment, 1 or more."""
    text = os.environ.get(name, str(default))
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if value >= 1:
        return value
    logging.warning("%s must be 1 or more, %s is taken. Received: %r", name, default, text)
    return default


if __name__ == "__main__":
    main()
