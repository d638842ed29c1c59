"""Where workers run: a port, and the adapter for processes of this machine."""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cnnlab.domain.errors import RunStateError
from cnnlab.files import take_lock
from cnnlab.runner.devices import list_gpus
from cnnlab.runner.preflights import Stage, fail_preflight, list_preflights
from cnnlab.runner.process import start_process
from cnnlab.runner.warm import WarmWorkers, note_pid
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.worker.channel import Job

_log = logging.getLogger(__name__)


class Executor(Protocol):
    """Starts, watches and ends the worker of an attempt."""

    def start(self, run: str, attempt: Attempt, device: str | None = None) -> None:
        """Start the worker; `is_alive` holds from the moment this returns.

        Args:
            run: its id.
            attempt: of the run.
            device: takes the place of the config's, unless None.
        """

    def is_alive(self, attempt: Attempt) -> bool:
        """Whether any process of the attempt lives."""

    def kill(self, attempt: Attempt) -> None:
        """End every process of the attempt at once; none left is fine."""

    def keep_warm(self) -> bool:
        """Do what makes later starts fast; say whether there is a reason to stay.

        To be called once in a round, after all of the round's other calls.
        """

    def close(self) -> None:
        """Let go what nobody needs; workers that have a job bring it to the end."""


class LocalExecutor:
    """Workers as processes of this machine; `CNNLAB_WARM_WORKERS=0` has none of them wait.

    Args:
        root: the home folder they work on.
        module: the worker's module; tests start a light one.
        clock: seconds on a clock that never jumps.
    """

    def __init__(
        self,
        root: Path,
        module: str = "cnnlab.worker",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = Home(root)
        self._module = module
        self._has_live_runs = False
        self._preflights_done = 0
        self._warm: WarmWorkers | None = None
        if os.environ.get("CNNLAB_WARM_WORKERS", "1") != "0":
            self._warm = WarmWorkers(module, self._home, clock)

    def start(self, run: str, attempt: Attempt, device: str | None = None) -> None:
        """Start the worker with the lock in its hands, so that there is no moment without it.

        Raises:
            RunStateError: a worker of this attempt lives already.
        """
        self._has_live_runs = True
        self._make_room()
        self._give(Job(run, str(attempt.folder), device))

    def is_alive(self, attempt: Attempt) -> bool:
        """Whether a process holds the attempt's lock."""
        alive = attempt.is_alive()
        self._has_live_runs |= alive
        return alive

    def kill(self, attempt: Attempt) -> None:
        """Kill the worker's process group; its lock proves that the pid is still its own."""
        if attempt.is_alive():
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.killpg(int(attempt.lock.read_text()), signal.SIGKILL)

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
        elif not running and not (self._has_live_runs and self._has_gpus):
            self._start_preflight(waiting[0])
        return bool(waiting or running)

    def close(self) -> None:
        """Let the worker that waits go."""
        if self._warm is not None:
            self._warm.close()

    def _start_preflight(self, attempt: Attempt) -> None:
        key = attempt.folder.name
        try:
            self._give(Job(key, str(attempt.folder), is_preflight=True))
        except RunStateError:
            _log.info("the pre-flight %s is being asked for right now", key)
        except OSError as error:
            _log.exception("the pre-flight %s can't be started", key)
            fail_preflight(attempt, f"The worker can't be started: {error}")

    def _preflights_asked(self) -> int:
        """A number that changes whenever one is asked for; 0 where there never was any."""
        try:
            return self._home.preflights.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _make_room(self) -> None:
        """End the pre-flight that runs where a run needs the GPU's memory."""
        if self._preflights_asked() == self._preflights_done or not self._has_gpus:
            return
        for attempt in list_preflights(self._home)[Stage.RUNNING]:
            self.kill(attempt)

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

    @cached_property
    def _has_gpus(self) -> bool:
        return bool(list_gpus())
