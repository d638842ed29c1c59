"""Workers as processes of this machine, and all that only this machine knows of them."""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from cnnlab.domain.errors import RunStateError
from cnnlab.files import take_lock
from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.oom_kills import count_oom_kills
from cnnlab.runner.executors.warm_workers import WarmWorkers
from cnnlab.runner.notes import Loss
from cnnlab.runner.process import note_pid, start_process
from cnnlab.settings import WARM_WORKERS, setting
from cnnlab.storage.home import named_home
from cnnlab.worker.process.channel import Job

_log = logging.getLogger(__name__)


class LocalExecutor:
    """Workers as processes of this machine; `CNNLAB_WARM_WORKERS=0` has none of them wait.

    Args:
        root: the home folder they work on.
        module: the worker's module; tests start a light one.
        capacity: the devices to give; by default the CPU, to one run at a time.
        clock: seconds on a clock that never jumps.
        oom_kills: how many processes the kernel has ended for want of memory.
    """

    def __init__(
        self,
        root: Path,
        module: str = "cnnlab.worker",
        *,
        capacity: Capacity | None = None,
        clock: Callable[[], float] = time.monotonic,
        oom_kills: Callable[[], int] = count_oom_kills,
    ) -> None:
        self._home = named_home(root)
        self._module = module
        self._capacity = capacity or Capacity()
        self._oom_kills = oom_kills
        self._lost_for_memory: dict[tuple[str, int], int] = {}
        self._has_live_runs = False
        self._warm: WarmWorkers | None = None
        if setting(WARM_WORKERS, 1) != 0:
            self._warm = WarmWorkers(module, self._home, clock)

    def capacity(self) -> Capacity:
        """What this executor was given: the devices of a machine stay."""
        return self._capacity

    def start(self, job: Job) -> None:
        """Start the worker with the lock in its hands, so that there is no moment without it.

        Raises:
            RunStateError: a worker of this job lives already.
            StorageError: its folder can't be written.
            OSError: no process can be started.
        """
        self._has_live_runs = True
        self._give(job)

    def is_alive(self, job: Job) -> bool:
        """Whether a process holds the job's lock.

        Raises:
            StorageError: the lock can't be opened.
        """
        alive = job.files.is_alive()
        self._has_live_runs |= alive
        return alive

    def kill(self, job: Job) -> None:
        """Kill the worker's process group; its lock proves that the pid is still its own."""
        if job.files.is_alive():
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.killpg(int(job.files.lock.read_text()), signal.SIGKILL)

    def baseline(self) -> int:
        """The kernel's count of processes ended for want of memory."""
        return self._oom_kills()

    def why_lost(self, job: Job, baseline: int) -> Loss:
        """Compare the kernel's count; one kill explains one loss, as far as we have lived."""
        start = job.folder, baseline  # the tries of a job may share a folder
        if start in self._lost_for_memory:
            return Loss.MEMORY
        kills = self._oom_kills()
        explained = sum(count > baseline for count in self._lost_for_memory.values())
        if kills - explained <= baseline:
            return Loss.KILLED
        self._lost_for_memory[start] = kills
        return Loss.MEMORY

    def keep_warm(self) -> bool:
        """Keep a worker ready; say whether one waits."""
        training, self._has_live_runs = self._has_live_runs, False
        return self._warm is not None and self._warm.keep(training=training)

    def close(self) -> None:
        """Let the worker that waits go."""
        if self._warm is not None:
            self._warm.close()

    def _give(self, job: Job) -> None:
        lock = take_lock(job.files.lock)
        if lock is None:
            raise RunStateError(f"The job {job.run} has a worker already.")
        try:
            if self._warm is not None and job.kind.needs_keras:
                self._warm.give(job, lock)
            else:
                self._start_cold(job, lock)
        finally:
            os.close(lock)

    def _start_cold(self, job: Job, lock: int) -> None:
        log = job.files.log
        pid = start_process(
            self._module,
            [*job.options(), "--lock-fd", str(lock)],
            home=self._home.root,
            log=log,
            pass_fds=[lock],
        )
        note_pid(lock, pid)
