"""`python -m cnnlab.runner`: the supervisor's process, one per home folder."""

import argparse
import functools
import logging

from cnnlab import settings
from cnnlab.files import take_lock
from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.chosen import chosen_executor
from cnnlab.runner.executors.this_machine import list_gpus, study_slots
from cnnlab.runner.service import serve
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.storage.home import open_home


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
        cpu_slots=int(settings.setting(settings.RUNS_AT_ONCE, 1)),
        study_slots=int(settings.setting(settings.RUNS_AT_ONCE, study_slots())),
    )
    stall_seconds = settings.setting(settings.STALL_SECONDS, STALL_SECONDS)
    executor = functools.partial(chosen_executor, home.root, capacity=capacity)
    serve(home, lock, executor, stall_seconds=stall_seconds)


if __name__ == "__main__":
    main()
