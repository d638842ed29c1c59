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
from cnnlab.runner.executors.warm_workers import WarmWorkers, note_pid
from cnnlab.runner.notes import Loss
from cnnlab.runner.preflights import Stage, fail_preflight, list_preflights
from cnnlab.runner.process import start_process
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.worker.channel import Job

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
        self._home = Home(root)
        self._module = module
        self._capacity = capacity or Capacity()
        self._oom_kills = oom_kills
        self._lost_for_memory: dict[str, int] = {}
        self._has_live_runs = False
        self._preflights_done = 0
        self._warm: WarmWorkers | None = None
        if os.environ.get("CNNLAB_WARM_WORKERS", "1") != "0":
            self._warm = WarmWorkers(module, self._home, clock)

    def capacity(self) -> Capacity:
        """What this executor was given: the devices of a machine stay."""
        return self._capacity

    def start(self, job: Job) -> None:
        """Start the worker with the lock in its hands, so that there is no moment without it.

        Raises:
            RunStateError: a worker of this attempt lives already.
            StorageError: its folder can't be written.
            OSError: no process can be started.
        """
        self._has_live_runs = True
        self._make_room()
        self._give(job)

    def is_alive(self, job: Job) -> bool:
        """Whether a process holds the attempt's lock.

        Raises:
            StorageError: the lock can't be opened.
        """
        alive = job.attempt.is_alive()
        self._has_live_runs |= alive
        return alive

    def kill(self, job: Job) -> None:
        """Kill the worker's process group; its lock proves that the pid is still its own."""
        if job.attempt.is_alive():
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.killpg(int(job.attempt.lock.read_text()), signal.SIGKILL)

    def baseline(self) -> int:
        """The kernel's count of processes ended for want of memory."""
        return self._oom_kills()

    def why_lost(self, job: Job, baseline: int) -> Loss:
        """Compare the kernel's count; one kill explains one loss, as far as we have lived."""
        if job.folder in self._lost_for_memory:
            return Loss.MEMORY
        kills = self._oom_kills()
        explained = sum(count > baseline for count in self._lost_for_memory.values())
        if kills - explained <= baseline:
            return Loss.KILLED
        self._lost_for_memory[job.folder] = kills
        return Loss.MEMORY

    def keep_warm(self) -> bool:
        """Keep a worker ready, and start a pre-flight that waits; whether to stay for either."""
        tries_out = self.serve_preflights()
        training, self._has_live_runs = self._has_live_runs, False
        waits = self._warm is not None and self._warm.keep(training=training)
        return tries_out or waits

    def serve_preflights(self) -> bool:
        """Start the next pre-flight unless one runs; say whether any waits or runs.

        On a GPU it waits for the runs' end: two processes would fight for the memory.
        """
        asked = self._preflights_asked()
        if asked == self._preflights_done:
            return False
        listed = list_preflights(self._home)
        waiting, running = listed[Stage.WAITING], listed[Stage.RUNNING]
        if not waiting and not running:
            self._preflights_done = asked
        elif not running and not (self._has_live_runs and self._capacity.gpus):
            self._start_preflight(waiting[0])
        return bool(waiting or running)

    def close(self) -> None:
        """Let the worker that waits go."""
        if self._warm is not None:
            self._warm.close()

    def _start_preflight(self, attempt: Attempt) -> None:
        job = _preflight(attempt)
        try:
            self._give(job)
        except RunStateError:
            _log.info("the pre-flight %s is being asked for right now", job.run)
        except OSError as error:
            _log.exception("the pre-flight %s can't be started", job.run)
            fail_preflight(attempt, f"The worker can't be started: {error}")

    def _preflights_asked(self) -> int:
        """A number that changes whenever one is asked for; 0 where there never was any."""
        try:
            return self._home.preflights.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _make_room(self) -> None:
        """End the pre-flight that runs where a run needs the GPU's memory."""
        if self._preflights_asked() == self._preflights_done or not self._capacity.gpus:
            return
        for attempt in list_preflights(self._home)[Stage.RUNNING]:
            self.kill(_preflight(attempt))

    def _give(self, job: Job) -> None:
        lock = take_lock(job.attempt.lock)
        if lock is None:
            raise RunStateError(f"The run {job.run} has a worker already.")
        try:
            if self._warm is not None:
                self._warm.give(job, lock)
            else:
                self._start_cold(job, lock)
        finally:
            os.close(lock)

    def _start_cold(self, job: Job, lock: int) -> None:
        log = job.attempt.log
        pid = start_process(
            self._module,
            [*job.options(), "--lock-fd", str(lock)],
            home=self._home.root,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
        )
        note_pid(lock, pid)


def _preflight(attempt: Attempt) -> Job:
    return Job(attempt.folder.name, str(attempt.folder), is_preflight=True)
