"""What takes long to make is made once for all processes that share the tests, and copied."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(
    folders: pytest.TempPathFactory, name: str, make: Callable[[Path], None], to: Path
) -> Path:
    """A copy of a folder that the first process that wants one has made.

    Args:
        folders: of the session; xdist gives each process one beside those of the others.
        name: of the folder among all that are made so.
        make: fills a new folder, in which nothing is open any more afterwards.
        to: the copy, which isn't there yet.
    """
    own = folders.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / f"made-{name}"
    with (shared / f"made-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = shared / f"unfinished-{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(made)
    return Path(shutil.copytree(made, to))
