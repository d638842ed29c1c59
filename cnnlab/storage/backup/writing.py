"""Writing a backup: one zip, whole or not there at all, while runs train."""

import contextlib
import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cnnlab.domain.errors import BadInputError, StorageError
from cnnlab.domain.words import data_size
from cnnlab.files import write_atomically
from cnnlab.storage.backup.contents import COUNTED, Content, contents, sizes, things, units
from cnnlab.storage.backup.manifest import MANIFEST, Kept, Manifest
from cnnlab.storage.home import Home

Progress = Callable[[int, int], None]
"""Is told how many bytes of about how many are done."""

MIN_FREE_BYTES = 64 * 2**20
_PIECE = 2**20
_TRIES = 5


@dataclass
class Written:
    """What a backup holds.

    Attributes:
        file: where it lies.
        bytes: its size.
        manifest: its files.
        left_out: what was deleted while it was read: `runs/<id>`.
    """

    file: Path
    bytes: int
    manifest: Manifest
    left_out: list[str] = field(default_factory=list)


def write_backup(home: Home, to: Path, on_progress: Progress = lambda done, total: None) -> Written:
    """Write all datasets, runs, studies, searches and recorded looks of a home into one file.

    Args:
        home: the home folder; whatever trains in it goes on.
        to: the file, which appears whole at the end, or a folder, which it gets a name in. An
            earlier backup is replaced.
        on_progress: is told how far it is.

    Raises:
        BadInputError: `to` is a file that is no backup, or its folder isn't there.
        StorageError: the disk has no room for it or can't be written.
    """
    total = sizes(home)
    to = _target(to, total)
    written = Written(to, 0, Manifest(made_at=_now().isoformat(timespec="seconds")))
    write_atomically(to, lambda file: _write(home, file, written, lambda n: on_progress(n, total)))
    written.bytes = to.stat().st_size
    return written


def counts(names: list[str]) -> dict[str, int]:
    """How many datasets, runs, studies and searches there are among some."""
    return {part: sum(name.startswith(f"{part}/") for name in names) for part in COUNTED}


def _target(to: Path, total: int) -> Path:
    if to.is_dir():
        to = to / f"cnnlab-{_now():%Y%m%d-%H%M%S}.zip"
    if not to.parent.is_dir():
        raise BadInputError(f"The folder {to.parent} isn't there: make it, or name another.")
    if to.exists() and not _is_backup(to):
        raise BadInputError(f"{to} exists and is no backup of cnnlab: name another file.")
    free = shutil.disk_usage(to.parent).free
    if free < total + MIN_FREE_BYTES:
        raise StorageError(
            f"The backup takes about {data_size(total)} and leaves too little of the "
            f"{data_size(free)} that are free at {to.parent}: free some space or name another disk."
        )
    return to


def _is_backup(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _write(home: Home, file: IO[bytes], written: Written, tell: Callable[[int], None]) -> None:
    done = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for thing in things(home):
            kept = _write_thing(home, archive, thing)
            if kept is None:
                written.left_out.append(thing.relative_to(home.root).as_posix())
                continue
            written.manifest.files.update(kept)
            done += sum(one.bytes for one in kept.values())
            tell(done)
        archive.writestr(MANIFEST, written.manifest.to_json(), zipfile.ZIP_DEFLATED)


def _write_thing(home: Home, archive: zipfile.ZipFile, thing: Path) -> dict[str, Kept] | None:
    """Write one of `things`; None if it was deleted meanwhile."""
    kept: dict[str, Kept] = {}
    try:
        for unit in units(thing):
            with contextlib.ExitStack() as stack:
                for content, file in _open_unit(home, unit, stack):
                    kept[content.name] = _copy(archive, content, file)
    except (FileNotFoundError, StorageError):
        if thing.exists():
            raise
    return kept if thing.exists() else None


def _open_unit(
    home: Home, unit: Path, stack: contextlib.ExitStack
) -> list[tuple[Content, IO[bytes]]]:
    """Open all files of a unit before any is read: what is deleted from then on isn't lost.

    States of a training are replaced all the time: if that happened meanwhile, all is opened anew.
    A training that is faster than we are leaves states that don't belong together in the end: those
    that aren't whole don't count when it goes on.
    """
    for turn in range(_TRIES):
        with contextlib.ExitStack() as tried:
            before = _changed_at(unit)
            try:
                opened: list[tuple[Content, IO[bytes]]] = [
                    (content, tried.enter_context(content.path.open("rb")))
                    for content in contents(home, unit)
                ]
            except FileNotFoundError:
                if turn == _TRIES - 1 or not unit.exists():
                    raise
                continue
            if before == _changed_at(unit) or turn == _TRIES - 1:
                stack.push(tried.pop_all())
                return opened
    raise AssertionError("the last turn returns or raises")


def _changed_at(unit: Path) -> list[int]:
    """When something was made, renamed or deleted in a unit's folder and those below it."""
    folders = [unit, *(path for path in unit.iterdir() if path.is_dir())]
    return [folder.stat().st_mtime_ns for folder in folders]


def _copy(archive: zipfile.ZipFile, content: Content, file: IO[bytes]) -> Kept:
    """Write one file as long as it is at this moment: more may be appended meanwhile."""
    changed_at = os.fstat(file.fileno()).st_mtime_ns
    left = 0 if content.is_empty else _length(file)
    size, digest = 0, hashlib.sha256()
    with archive.open(zipfile.ZipInfo(content.name), "w", force_zip64=True) as member:
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            member.write(piece)
            digest.update(piece)
            size += len(piece)
            left -= len(piece)
    return Kept(size, digest.hexdigest(), changed_at)


def _length(file: IO[bytes]) -> int:
    end = file.seek(0, 2)
    file.seek(0)
    return end


def _now() -> datetime:
    return datetime.now(UTC)
