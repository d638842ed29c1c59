"""A named pipe that wakes the supervisor, so that a launch doesn't wait for its next round.

Where the home folder's file system knows no named pipes, nothing wakes it, and all takes a little
longer.
"""

import contextlib
import logging
import os
import select
import stat
import time
from pathlib import Path

from cnnlab.storage.home import Home

_log = logging.getLogger(__name__)


_CALL = "\n@{}\n"


def call_of(home: Home) -> bytes:
    """What the supervisor is told where there is something to do in a workspace."""
    return _CALL.format(home.workspace).encode()


def who_calls(told: bytes) -> set[str]:
    """The workspaces that were named in what came through the pipe."""
    lines = told.decode(errors="replace").splitlines()
    return {line.removeprefix("@") for line in lines if line.startswith("@")}


def wake_up(pipe: Path, message: bytes = b"!") -> None:
    """Wake the supervisor that listens; without one, or beyond this machine, nothing happens.

    Args:
        pipe: the named pipe that it listens to; a file in its place is left as it is.
        message: what it is told; of at most `select.PIPE_BUF` bytes, so that no two mix.
    """
    with contextlib.suppress(OSError):  # nobody listens, or it was woken a thousand times
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, message)
        finally:
            os.close(descriptor)


class WakeUpPipe:
    """The end that listens.

    Args:
        path: of the named pipe; made unless it is there.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        try:
            with contextlib.suppress(FileExistsError):
                os.mkfifo(path, 0o600)
            if path.is_fifo():
                # For writing too: without a writer it would count as ended, and never be silent.
                self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            _log.warning("nothing wakes the supervisor, launches take 0.1 s longer: %s", error)

    def wait(self, seconds: float) -> bytes:
        """Sleep for so long, or until somebody calls `wake_up`; return what was told."""
        if self._descriptor is None:
            time.sleep(seconds)
        elif select.select([self._descriptor], [], [], seconds)[0]:
            return os.read(self._descriptor, 2**16)
        return b""

    def close(self) -> None:
        """Listen no longer."""
        if self._descriptor is not None:
            os.close(self._descriptor)
