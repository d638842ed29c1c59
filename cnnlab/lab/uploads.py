"""Uploads from the browser: chunks to disk, then an import in a process of its own."""

import re
import secrets
import shutil
import time
from pathlib import Path

from cnnlab.datasets.limits import MAX_UPLOAD_BYTES
from cnnlab.domain.errors import NotFoundError, StorageError, UploadError
from cnnlab.files import disk_errors
from cnnlab.lab.workplace import workplace
from cnnlab.runner import imports
from cnnlab.runner.imports import ImportState

RESERVE_BYTES = 200 * 1024**2
"""Free disk space that an upload must leave."""

STALE_SECONDS = 24 * 3600
"""An upload that nobody imported for so long is deleted."""

_FILE = "file"
_TOKEN = re.compile(r"[0-9a-f]{32}")


def begin_upload(name: str, size_bytes: int) -> str:
    """Make room for a file and return the token under which its chunks come.

    Args:
        name: the user's file name; a harmless form of it is kept, so that messages can name it.
        size_bytes: its size.

    Raises:
        UploadError: it is larger than what is allowed.
        StorageError: the disk has too little space.
    """
    if not 0 < size_bytes <= MAX_UPLOAD_BYTES:
        raise UploadError(
            f"The file has {_gigabytes(size_bytes)}, the limit is {_gigabytes(MAX_UPLOAD_BYTES)}: "
            "leave some images out, make them smaller, or import a folder from the command line."
        )
    home = workplace().home
    if home.free_bytes() < 2 * size_bytes + RESERVE_BYTES:
        raise StorageError(
            f"The disk of {home.root} has {_gigabytes(home.free_bytes())} free, the upload needs "
            f"{_gigabytes(2 * size_bytes + RESERVE_BYTES)}: free some space and try again."
        )
    token = secrets.token_hex(16)
    (home.uploads / token).mkdir(mode=0o700)
    (home.uploads / token / _FILE).mkdir()
    (home.uploads / token / _FILE / _harmless(name)).touch()
    return token


def append_chunk(token: str, offset: int, chunk: bytes) -> int:
    """Append a chunk to an upload.

    Args:
        token: from `begin_upload`.
        offset: byte position of the chunk; a chunk that doesn't begin where the file ends is
            left out, so that sending one again after a lost answer does no harm.
        chunk: the bytes.

    Returns:
        The size of the file now: where the next chunk has to begin.

    Raises:
        NotFoundError: there is no such upload.
        UploadError: it grows beyond what is allowed.
        StorageError: the disk is full.
    """
    path = _file(_folder(token))
    have = path.stat().st_size
    if offset != have:
        return have
    if have + len(chunk) > MAX_UPLOAD_BYTES:
        raise UploadError(f"The file is larger than {_gigabytes(MAX_UPLOAD_BYTES)}.")
    with disk_errors(path), path.open("r+b") as file:
        file.seek(offset)  # the same chunk sent twice at once lands in the same place
        file.write(chunk)
    return have + len(chunk)


def start_import(token: str, *, name: str, labels: bytes | None = None) -> None:
    """Import an upload in a process of its own; `import_state` tells how it goes."""
    folder = _folder(token)
    options = [f"--name={name.strip()}"] if name.strip() else []
    if labels is not None:
        (folder / "labels.csv").write_bytes(labels)
        options.append(f"--labels={folder / 'labels.csv'}")
    imports.start_import(folder, _file(folder), home=workplace().home.root, options=options)


def import_state(token: str) -> ImportState:
    """Where an import stands; when it has succeeded, the uploaded file is removed."""
    folder = _folder(token)
    state = imports.read_import(folder)
    if state.dataset is not None:
        _file(folder).unlink(missing_ok=True)
    return state


def tidy_up() -> None:
    """Delete what nobody needs a day later: uploads, and what killed processes left half done."""
    home = workplace().home
    leftovers = [*home.datasets.glob(".*-*"), *home.runs.glob(".trash-*")]
    for folder in [*home.uploads.iterdir(), *leftovers]:
        if time.time() - folder.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(token: str) -> Path:
    folder = workplace().home.uploads / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        raise NotFoundError("This upload is no longer there: choose the file again.")
    return folder


def _file(folder: Path) -> Path:
    return next((folder / _FILE).iterdir(), folder / "gone")


def _harmless(name: str) -> str:
    """The last part of a file name, of letters, digits, dots and dashes only."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name)[-60:].strip(".-") or "upload"


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1024**3:.3g} GB"
