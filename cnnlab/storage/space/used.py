"""How much of the disk a home takes."""

import os
from collections.abc import Iterator
from pathlib import Path

from cnnlab.storage.home import Home

_BLOCK_BYTES = 512


def used_bytes(home: Home) -> int:
    """What all files of a workspace take on the disk; one with several names counts once.

    What comes or goes meanwhile may count or not; the homes of other workspaces don't.
    """
    counted: set[tuple[int, int]] = set()
    total = 0
    for entry in _files(home.root, leave_out=home.workspaces):
        found = entry.stat(follow_symlinks=False)
        if found.st_nlink > 1:
            if (found.st_dev, found.st_ino) in counted:
                continue
            counted.add((found.st_dev, found.st_ino))
        total += found.st_blocks * _BLOCK_BYTES
    return total


def _files(folder: Path, leave_out: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # deleted meanwhile
        return
    for entry in entries:
        try:
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif Path(entry.path) != leave_out:
                yield from _files(Path(entry.path), leave_out)
        except FileNotFoundError:
            continue
