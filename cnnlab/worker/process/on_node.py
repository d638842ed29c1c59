"""What a worker does first that somebody else than our supervisor has started, on any machine.

On a Ray cluster it is a grandchild of the node's own process. When that is killed, Ray leaves the
grandchild alone and takes it for gone: it would train on beside its successor.
"""

import contextlib
import ctypes
import errno
import logging
import os
import signal
import sys
from pathlib import Path

from cnnlab.files import take_lock
from cnnlab.storage.job_folder import JobFolder

ON_NODE = "--on-node"
"""The option that says so."""

_PR_SET_PDEATHSIG = 1
NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)
"""What storage without locks says."""

_INIT = 1
_held: list[int] = []
_log = logging.getLogger("cnnlab.worker")


def die_with_parent() -> None:
    """Have the kernel end this process when whoever started it is gone; at once if it is already.

    First of all, for until then it may be left behind. Only Linux can do that.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == _INIT:
        os._exit(1)


def begin_on_node(files: JobFolder) -> bool:
    """Take the job's lock for as long as this process lives, and print to the job's log.

    On storage that has no locks the job goes without: then only its signs of life tell of it.

    Returns:
        False where another worker has the job.
    """
    try:
        lock = take_lock(files.lock)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        _log.warning("%s can't be locked: %s", files.folder, error)
    else:
        if lock is None:
            return False
        _held.append(lock)
    _print_to(files.log)
    return True


def is_on_node() -> bool:
    """Whether this process is one of those."""
    return ON_NODE in sys.argv


def own_device(device: str | None) -> str | None:
    """The device as TensorFlow counts it here, where it sees those only that the job was given."""
    return "gpu:0" if device is not None and device.startswith("gpu:") else device


def _print_to(log: Path) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("ab") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
