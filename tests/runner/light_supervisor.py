"""The supervisor's process with light workers: `python -m tests.runner.light_supervisor`."""

import argparse
import functools
import logging
import os
from pathlib import Path

from cnnlab.files import take_lock, write_json
from cnnlab.runner import silence
from cnnlab.runner.devices import Capacity
from cnnlab.runner.service import serve
from cnnlab.storage.home import open_home
from tests.runner.executors.listed import EXECUTORS
from tests.runner.executors.plain import PlainExecutor
from tests.runner.forked import ADDRESS, fork_light_processes


class InstantExecutor(PlainExecutor):
    """Runs that are over as soon as they are started; the file `starts` tells of each start."""

    def __init__(self, home, capacity):
        super().__init__(capacity)
        self._starts = home.root / "starts"

    def start(self, job):
        with self._starts.open("a") as file:
            file.write(f"{job.run}\n")
        write_json(job.files.result, {"status": "finished"})

    def is_alive(self, job):
        return False

    def kill(self, job):
        raise AssertionError("nothing to kill")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--instant", action="store_true")
    parser.add_argument("--executor", choices=EXECUTORS, default="local")
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--stall-seconds", type=float, default=300)
    parser.add_argument("--stop-grace-seconds", type=float, default=60)
    parser.add_argument("--idle-seconds", type=float, default=30)
    given = parser.parse_args()
    if Path(os.environ.get(ADDRESS, "/nowhere")).exists():
        fork_light_processes()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    silence.STOP_GRACE_SECONDS = given.stop_grace_seconds
    home = open_home()
    capacity = Capacity(cpu_slots=given.slots)
    light = functools.partial(
        EXECUTORS[given.executor], home.root, "tests.runner.light_worker", capacity=capacity
    )
    serve(
        home,
        take_lock(home.supervisor_lock),
        functools.partial(InstantExecutor, home, capacity) if given.instant else light,
        stall_seconds=given.stall_seconds,
        idle_seconds=given.idle_seconds,
    )


if __name__ == "__main__":
    main()
