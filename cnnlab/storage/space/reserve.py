"""A file that only takes room, so that something can still be done when the disk is full.

Where there is none left, a program that opens the home takes a small piece of it, and whoever
deletes takes all: SQLite must write before anything is gone. It is made again when there is room.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from cnnlab import settings

DEFAULT_BYTES = 64 * 1024**2
OPENING_BYTES = 256 * 1024
"""SQLite writes some 40 KiB beside a database that it opens, and more with each change."""

_SHARE = 16
"""At most one part in so many of the disk."""

_FREE_TIMES = 4
"""It is made only where so many times its size is free: it must not itself fill the disk."""

_NAME = "reserve"


def tend_reserve(root: Path) -> None:
    """Make the reserve where there is room and it is missing; give a piece where there is none.

    What can't be done isn't: the reserve is a kindness, nothing depends on it.

    Args:
        root: the home folder.
    """
    with contextlib.suppress(OSError):
        free, have, wanted = shutil.disk_usage(root).free, _size(root), _wanted_bytes(root)
        if free < OPENING_BYTES and have:
            os.truncate(root / _NAME, max(0, have - OPENING_BYTES))
        elif have < wanted and free >= _FREE_TIMES * wanted:
            _make(root, wanted)


@contextlib.contextmanager
def spending_reserve(root: Path) -> Iterator[None]:
    """Within this context a full disk has as much room as was kept, for what makes more of it.

    Args:
        root: the home folder.
    """
    with contextlib.suppress(OSError):
        if shutil.disk_usage(root).free < max(OPENING_BYTES, _size(root)):
            (root / _NAME).unlink(missing_ok=True)
    try:
        yield
    finally:
        tend_reserve(root)


def _wanted_bytes(root: Path) -> int:
    most = int(settings.setting(settings.RESERVE_BYTES, DEFAULT_BYTES))
    return min(most, shutil.disk_usage(root).total // _SHARE)


def _size(root: Path) -> int:
    path = root / _NAME
    return path.stat().st_size if path.exists() else 0


def _make(root: Path, size_bytes: int) -> None:
    """Whole or not at all: two may do it at once."""
    beside = root / f".{_NAME}.{secrets.token_hex(6)}.part"
    try:
        with beside.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size_bytes)
        beside.replace(root / _NAME)
    finally:
        beside.unlink(missing_ok=True)
