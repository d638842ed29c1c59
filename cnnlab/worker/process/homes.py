"""In which home lies what this process works at: each job's is that of its workspace."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from cnnlab.storage.home import Home, open_home

_job_homes: list[Home] = []
_own: ContextVar[Home | None] = ContextVar(
    "home of what a thread does beside the job", default=None
)


@contextlib.contextmanager
def working_at(folder: Path) -> Iterator[None]:
    """Have all threads of this process work in the home in which a job's folder lies.

    A process does one job at a time. What is opened is the home of the workspace, whichever the
    job before was of.

    Args:
        folder: of the job.

    Raises:
        StorageError: the home can't be opened.
    """
    installation = open_home()
    home = installation.holding(folder)
    _job_homes.append(open_home(installation.root, home.workspace))
    try:
        yield
    finally:
        _job_homes.pop()


@contextlib.contextmanager
def working_beside(home: Home) -> Iterator[None]:
    """Have this thread alone work in a home, whatever job comes meanwhile."""
    before = _own.set(home)
    try:
        yield
    finally:
        _own.reset(before)


def home_of_work() -> Home:
    """The home of what is being done; outside of any job that of the installation."""
    return _own.get() or (_job_homes[-1] if _job_homes else open_home())
