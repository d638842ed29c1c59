"""A folder for the temporary files of one process, gone with it however it ends.

TensorFlow leaves a Python file for each function that it compiles, and removes them only at an end
that takes its time. The folder is locked as long as its process lives; what a killed one leaves is
removed by whoever tidies the home up.
"""

import contextlib
import secrets
import shutil
from pathlib import Path

from cnnlab.files import disk_errors, is_locked, take_lock, wait_for_lock
from cnnlab.storage.home import Home

_LOCK = "lock"


def make_temporary_folder(home: Home) -> Path:
    """Make a folder that is this process's own until it ends.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    folder = _all_of(home) / secrets.token_hex(6)
    with _alone(home):  # nobody sees a folder that has no lock yet
        with disk_errors(folder):
            folder.mkdir(mode=0o700)
        take_lock(folder / _LOCK)  # held to the end of the process
    return folder


def remove_dead_temporary_folders(home: Home) -> None:
    """Remove the folders of processes that are gone.

    Raises:
        StorageError: the home can't be written.
    """
    if not _all_of(home).is_dir() or not any(_all_of(home).glob("*/")):
        return
    with _alone(home):
        for folder in _all_of(home).glob("*/"):
            if not is_locked(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def _all_of(home: Home) -> Path:
    return home.root / "temporary"


def _alone(home: Home) -> contextlib.AbstractContextManager[None]:
    with disk_errors(_all_of(home)):
        _all_of(home).mkdir(mode=0o700, exist_ok=True)
    return wait_for_lock(_all_of(home) / _LOCK)
