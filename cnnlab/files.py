"""Files that survive a kill at any moment: written beside, fsynced, renamed."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

from cnnlab.domain.errors import DamagedError, DiskFullError, StorageError

BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
"""What reading a damaged zip archive raises, or one made in a way that Python doesn't know."""

_ADVICE = {
    errno.EROFS: " Make its disk writable, or choose another place.",
    errno.EACCES: " Give this program's user the right to use it, or choose another place.",
    errno.EIO: " The disk doesn't answer as it should: see that it is connected and sound.",
}
"""What to do, by the number of an error."""

_put_off: ContextVar[bool] = ContextVar("put_off", default=False)
"""Whether what is written is brought to the disk later, together."""


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` on `path` into one sentence that names the path and the way out."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(
                f"The disk is full at {path}: free some space and try again; "
                "everything stored before is kept."
            ) from error
        advice = _ADVICE.get(error.errno or 0, "")
        raise StorageError(f"Can't use {path}: {error.strerror or error}.{advice}") from error


def write_atomically(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Let `write` fill a file beside `path`, bring it to the disk and rename it to `path`.

    Raises:
        StorageError: the disk is full or the folder can't be written; `path` is unchanged.
    """
    with _filled_beside(path, write) as beside:
        put_in_place(beside, path)


@contextlib.contextmanager
def written_beside(path: Path, write: Callable[[IO[bytes]], Any]) -> Iterator[Path]:
    """Let `write` fill a file beside `path` and bring it to the disk.

    Whoever wants it renames it to `path` within this context; else it is removed.

    Raises:
        StorageError: the disk is full or the folder can't be written.
    """
    with _filled_beside(path, write) as beside:
        sync(beside)
        yield beside


@contextlib.contextmanager
def _filled_beside(path: Path, write: Callable[[IO[bytes]], Any]) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    with disk_errors(path):
        try:
            with beside.open("wb") as file:
                write(file)
            yield beside
        finally:
            beside.unlink(missing_ok=True)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file in pieces, which are asked for as they are written; it appears whole.

    Raises:
        StorageError: the disk is full or the folder can't be written; `path` is unchanged.
    """
    write_atomically(path, lambda file: file.writelines(pieces))


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Write `value` as JSON, atomically. NaN and infinity are refused (ValueError)."""
    write_atomically(path, lambda file: file.write(_as_json(value)))


def json_beside(path: Path, value: Any) -> AbstractContextManager[Path]:  # noqa: ANN401
    """`value` as JSON in a file beside `path`, as `written_beside` has it."""
    return written_beside(path, lambda file: file.write(_as_json(value)))


def _as_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, indent=1, allow_nan=False).encode()


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Read a JSON file.

    Raises:
        DamagedError: it isn't JSON.
        StorageError: it is missing, or can't be read at the moment.
    """
    with disk_errors(path):
        text = path.read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError as error:
        raise DamagedError(f"{path} is damaged ({error}): delete it or its run.") from error


def put_in_place(beside: Path, path: Path) -> None:
    """Bring a finished file to the disk, rename it to `path`, and bring that to the disk."""
    sync(beside)
    beside.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Bring what was written to a file, or renamed inside a folder, to the disk."""
    if _put_off.get():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def synced_together() -> Iterator[None]:
    """Bring all that is written within this context to the disk at its end, at once.

    For many small files that nobody relies on before: one by one they take seconds.
    """
    token = _put_off.set(True)
    try:
        yield
    finally:
        _put_off.reset(token)
    os.sync()


def share_file(source: Path, target: Path) -> None:
    """Have a file in another place too, which shares its bytes; a copy where there are no links.

    For files that never change, or only grow behind what whoever shares them reads.

    Raises:
        StorageError: the disk is full or the folder can't be written.
    """
    if target.exists() and target.samefile(source):
        return
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    with disk_errors(source), source.open("rb") as file:
        content = file.read()
    write_atomically(target, lambda file: file.write(content))


def remove_folder(folder: Path) -> None:
    """Delete a folder so that a kill in between leaves it either whole or out of sight."""
    shutil.rmtree(hide_folder(folder), ignore_errors=True)


def remove_file_or_folder(path: Path) -> None:
    """Delete what is there, if anything is."""
    if path.is_dir():
        remove_folder(path)
    else:
        path.unlink(missing_ok=True)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder so that it appears whole or not at all; what is there is replaced.

    Raises:
        StorageError: the disk is full or the folder can't be written.
    """
    beside = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    with disk_errors(target):
        try:
            shutil.copytree(source, beside)
            put_folder_in_place(beside, target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def put_folder_in_place(beside: Path, path: Path) -> None:
    """Bring a finished folder to the disk and rename it to `path`, instead of what is there."""
    for written in beside.rglob("*"):
        sync(written)
    if path.exists():
        remove_file_or_folder(path)
    put_in_place(beside, path)


def file_bytes(path: Path) -> int:
    """Size of a file, or of all files of a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def written_at(path: Path) -> int:
    """When a file, or the list of what a folder holds, was last written, in ns.

    0 where it isn't there or can't be looked at: what is wrong with the disk says whoever reads it.
    """
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def hide_folder(folder: Path) -> Path:
    """Rename a folder out of sight, to be deleted; return what it is called now."""
    trash = folder.with_name(f".trash-{folder.name}-{secrets.token_hex(6)}")
    with disk_errors(folder):
        folder.rename(trash)
    return trash


def take_lock(path: Path) -> int | None:
    """Take an exclusive lock on the file `path` without waiting.

    The kernel drops it when the last process that holds the descriptor is gone, whatever ended
    it; so 'locked' means 'alive', with no process id that could be reused.

    Returns:
        The descriptor that holds the lock, or None if another process holds it.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Hold the lock on `path`, after whoever holds it now; another process or thread."""
    with disk_errors(path), path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on `path`."""
    if not path.exists():
        return False
    with disk_errors(path), path.open("rb") as file:
        try:
            # A shared lock: looking must not be in the way of somebody who takes it for good.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Pieces:
    """Takes what a writer such as a zip's writes and gives it away; it can't be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
