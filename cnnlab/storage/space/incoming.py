"""Uploads under way: what each file said it would bring, and whether there is room for all of them.

uploads/<token>/file/<name>     what has come so far
uploads/<token>/sizes/<name>    how many bytes it said it would be
"""

import time
from collections.abc import Iterator
from pathlib import Path

from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.domain.words import data_size
from cnnlab.files import disk_errors, wait_for_lock
from cnnlab.storage.home import Home

RESERVE_BYTES = 200 * 1024**2
"""Free disk space that uploads must leave."""

IDLE_SECONDS = 600.0
"""A file of which nothing came for so long holds no room for what is missing: its chunks are
checked against the free space all the same, should it go on."""

_SIZES = "sizes"


def expect(home: Home, file: Path, size_bytes: int) -> None:
    """Make an empty file for an upload, if it has room beside all others that are under way.

    It needs its size twice: the file itself, and the dataset that is made of it.

    Args:
        home: the home folder.
        file: `uploads/<token>/file/<name>`; its folder is made.
        size_bytes: what it says it is.

    Raises:
        StorageError: the disk has too little space.
    """
    with wait_for_lock(home.root / "uploads.lock"):  # two that begin at once see each other
        promised = sum(_missing_bytes(other) for other in _under_way(home))
        needed, free = 2 * size_bytes + promised + RESERVE_BYTES, home.free_bytes()
        if free < needed:
            others = f", {data_size(promised)} of it for other uploads under way" * bool(promised)
            raise StorageError(
                f"The disk of {home.root} has {data_size(free)} free, the upload needs "
                f"{data_size(needed)}{others}: free some space and try again."
            )
        with disk_errors(file):
            for folder in (file.parent, _said(file).parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _said(file).write_text(str(size_bytes))
            file.touch()


def promised_bytes(home: Home) -> int:
    """How much of the uploads under way is still to come."""
    files = _under_way(home)
    return sum(max(0, _said_bytes(file) - file.stat().st_size) for file in files)


def check_chunk(home: Home, file: Path, *, have: int, chunk_bytes: int) -> None:
    """Refuse bytes that weren't announced, or that the disk has no room for.

    Args:
        home: the home folder.
        file: from `expect`.
        have: how many bytes of it have come.
        chunk_bytes: how many more come now.

    Raises:
        UploadError: the file is longer than it said.
        StorageError: the disk has too little space.
    """
    said = _said_bytes(file)
    if have + chunk_bytes > said:
        raise UploadError(
            f"The file brings more than the {said:,} bytes that it said it has, so it was changed "
            "meanwhile or its program is wrong: choose it again."
        )
    check_room(home, file, chunk_bytes)


def check_room(home: Home, file: Path, size_bytes: int) -> None:
    """Refuse bytes that the disk has no room for.

    Args:
        home: the home folder.
        file: where they would go, for the message.
        size_bytes: how many they are.

    Raises:
        StorageError: the disk has too little space.
    """
    free = home.free_bytes()
    if size_bytes and free < size_bytes + RESERVE_BYTES:
        raise StorageError(
            f"The disk is full at {file}: {data_size(free)} are free, of which an upload must "
            f"leave {data_size(RESERVE_BYTES)}: free some space and try again."
        )


def _under_way(home: Home) -> Iterator[Path]:
    """The files of which something came a short while ago."""
    for file in home.uploads.glob("*/file/*"):
        if file.is_file() and time.time() - file.stat().st_mtime < IDLE_SECONDS:
            yield file


def _missing_bytes(file: Path) -> int:
    """What is still to be written of an upload and of the dataset that is made of it."""
    return max(0, 2 * _said_bytes(file) - file.stat().st_size)


def _said(file: Path) -> Path:
    return file.parent.parent / _SIZES / file.name


def _said_bytes(file: Path) -> int:
    """What a file said it is; nothing for one that an earlier version, or nobody, announced."""
    text = _said(file).read_text() if _said(file).exists() else ""
    return int(text) if text.isdecimal() else 0
