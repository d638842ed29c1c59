"""Where workers run: a port, and the adapter for processes of this machine."""

import contextlib
import os
import signal
from pathlib import Path
from typing import Protocol

from cnnlab.domain.errors import RunStateError
from cnnlab.files import take_lock
from cnnlab.runner.process import start_process
from cnnlab.storage.attempt import Attempt


class Executor(Protocol):
    """Starts, watches and ends the worker of an attempt."""

    def start(self, run: str, attempt: Attempt) -> None:
        """Start the worker; `is_alive` holds from the moment this returns."""

    def is_alive(self, attempt: Attempt) -> bool:
        """Whether any process of the attempt lives."""

    def kill(self, attempt: Attempt) -> None:
        """End every process of the attempt at once; none left is fine."""


class LocalExecutor:
    """Workers as processes of this machine.

    Args:
        home: the home folder they work on.
        module: the worker's module; tests start a light one.
    """

    def __init__(self, home: Path, module: str = "cnnlab.worker") -> None:
        self._home = home
        self._module = module

    def start(self, run: str, attempt: Attempt) -> None:
        """Start the worker with the lock in its hands, so that there is no moment without it.

        Raises:
            RunStateError: a worker of this attempt lives already.
        """
        lock = take_lock(attempt.lock)
        if lock is None:
            raise RunStateError(f"The run {run} has a worker already.")
        arguments = ["--run", run, "--attempt", str(attempt.folder), "--lock-fd", str(lock)]
        try:
            pid = start_process(
                self._module,
                arguments,
                home=self._home,
                stdout=attempt.log,
                stderr=attempt.log,
                pass_fds=[lock],
            )
            os.write(lock, str(pid).encode())
        finally:
            os.close(lock)

    def is_alive(self, attempt: Attempt) -> bool:
        """Whether a process holds the attempt's lock."""
        return attempt.is_alive()

    def kill(self, attempt: Attempt) -> None:
        """Kill the worker's process group; its lock proves that the pid is still its own."""
        if attempt.is_alive():
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.killpg(int(attempt.lock.read_text()), signal.SIGKILL)
