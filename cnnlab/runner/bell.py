"""A bell that wakes the supervisor, so that a launch doesn't wait for its next look round."""

import contextlib
import os
import select
from pathlib import Path


def ring(pipe: Path) -> None:
    """Wake the supervisor if one listens; without one, or beyond this machine, nothing happens.

    Args:
        pipe: the named pipe of its bell.
    """
    with contextlib.suppress(OSError):  # nobody listens, or it has been rung a thousand times
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(descriptor, b"!")
        finally:
            os.close(descriptor)


class Bell:
    """The end that listens.

    Args:
        pipe: the named pipe; made unless it is there.

    Raises:
        OSError: it can't be made or opened.
    """

    def __init__(self, pipe: Path) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(pipe, 0o600)
        # Open for writing too: without a writer the pipe would count as ended, and never be silent.
        self._descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    def wait(self, seconds: float) -> None:
        """Sleep for so long, or until somebody rings."""
        if select.select([self._descriptor], [], [], seconds)[0]:
            os.read(self._descriptor, 2**16)

    def close(self) -> None:
        """Listen no longer."""
        os.close(self._descriptor)
