"""Runs that hold still: they would take the processor from what is waited for."""

import contextlib
import os
import signal
from pathlib import Path


@contextlib.contextmanager
def resting(home: Path):
    """All runs of a home hold still within; those that wait for their turn go on waiting."""
    locks = home.glob("runs/*/attempt-*/attempt.lock")
    groups = [int(group) for lock in locks if (group := lock.read_text())]
    _send(groups, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(groups, signal.SIGCONT)


def _send(groups, sign):
    """To workers, each the leader of a group of its own."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError):  # it has ended before
            os.killpg(group, sign)
