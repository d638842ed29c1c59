"""Making a home of a backup again: checked as a whole before anything of it can be seen."""

import contextlib
import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.domain.errors import BadInputError, StorageError, UploadError
from cnnlab.domain.words import counted, data_size
from cnnlab.files import BROKEN_ZIP, disk_errors, sync, wait_for_lock
from cnnlab.storage.backup.contents import VAULT, things
from cnnlab.storage.backup.manifest import (
    MANIFEST,
    MOST_MANIFEST_BYTES,
    Kept,
    Manifest,
    read_manifest,
)
from cnnlab.storage.backup.writing import MIN_FREE_BYTES, Progress
from cnnlab.storage.home import Home
from cnnlab.storage.searches import SEARCH_LOCK
from cnnlab.storage.space.leftovers import bundles_lock
from cnnlab.storage.vault import Vault

_PIECE = 2**20
_STAGING = ".restore-"


@dataclass
class Restored:
    """What a backup has brought.

    Attributes:
        manifest: what it holds.
        brought: the datasets, runs, studies, searches and pretrained weights that are new:
            `runs/<id>`.
        there_already: those that were there, and stay as they are.
    """

    manifest: Manifest
    brought: list[str] = field(default_factory=list)
    there_already: list[str] = field(default_factory=list)


def restore_backup(
    home: Home,
    source: Path,
    *,
    merge: bool,
    held: contextlib.ExitStack,
    on_progress: Progress = lambda done, total: None,
) -> Restored:
    """Bring the folders of a backup into a home; what is there is never replaced.

    Looks at test images are added to those that are there.

    Args:
        home: the home folder.
        source: a file that `write_backup` has made, or anybody else.
        merge: whether the home may hold something already.
        held: keeps a supervisor from the searches that are new until it is closed, which is to be
            done when the runs are listed: before that it would queue all of them again.
        on_progress: is told how far it is.

    Raises:
        UploadError: the file is no backup, damaged, or built to do harm; nothing was changed.
        BadInputError: the home isn't empty.
        StorageError: the disk has no room for it or can't be written; nothing was brought in.
    """
    with _archive(source) as archive, wait_for_lock(bundles_lock(home)):
        manifest = _manifest(archive)
        _check_home(home, manifest, merge=merge)
        restored = Restored(manifest)
        for thing in manifest.things:
            if _is_of_vault(thing):
                continue
            there = (home.root / thing).exists()
            (restored.there_already if there else restored.brought).append(thing)
        _remove_leftovers(home)
        staging = home.root / f"{_STAGING}{secrets.token_hex(6)}"
        try:
            _unpack(archive, restored, staging, on_progress)
            _add_looks(home, staging)
            for thing in restored.brought:
                if (home.root / thing).parent == home.searches:
                    held.enter_context(wait_for_lock(staging / thing / SEARCH_LOCK))
            _put_in_place(home, restored, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    with disk_errors(home.sample_mark):
        home.sample_mark.touch()  # whoever had it deleted doesn't want it again
    return restored


@contextlib.contextmanager
def _archive(source: Path) -> Iterator[zipfile.ZipFile]:
    if not source.is_file():
        raise BadInputError(f"There is no file {source}: name a backup.")
    try:
        with disk_errors(source), zipfile.ZipFile(source) as archive:
            yield archive
    except BROKEN_ZIP as error:
        raise UploadError(
            f"{source} is damaged or no backup of cnnlab ({error!s:.100}): nothing was changed."
        ) from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """The list of the files, each of which is there once and as large as it says."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise UploadError("This backup has two files of one name: nothing was changed.")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
        raise UploadError("This isn't a backup of cnnlab: it has no list of its files.")
    manifest = read_manifest(archive.read(MANIFEST))
    sizes = {info.filename: info.file_size for info in infos}
    for name, kept in manifest.files.items():
        if sizes.get(name) != kept.bytes:
            raise _damaged(name)
    return manifest


def _check_home(home: Home, manifest: Manifest, *, merge: bool) -> None:
    there = [thing for thing in things(home) if thing.parent.name != VAULT]
    if there and not merge:
        raise BadInputError(
            f"The home {home.root} isn't empty ({counted(len(there), 'folder')} of datasets, runs "
            "and studies): name another folder with CNNLAB_HOME, or add --merge, which brings in "
            "what isn't there and changes nothing else."
        )
    free = home.free_bytes()
    if free < manifest.bytes + MIN_FREE_BYTES:
        raise StorageError(
            f"The backup takes {data_size(manifest.bytes)} and leaves too little of the "
            f"{data_size(free)} that are free at {home.root}: free some space and try again."
        )


def _unpack(
    archive: zipfile.ZipFile, restored: Restored, staging: Path, on_progress: Progress
) -> None:
    brought = set(restored.brought)
    files = {
        name: kept
        for name, kept in restored.manifest.files.items()
        if _is_of_vault(name) or "/".join(name.split("/")[:2]) in brought
    }
    total, done = sum(kept.bytes for kept in files.values()), 0
    with disk_errors(staging):
        staging.mkdir(mode=0o700)
        for name, kept in files.items():
            target = staging / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _unpack_file(archive, name, kept, target)
            done += kept.bytes
            on_progress(done, total)


def _unpack_file(archive: zipfile.ZipFile, name: str, kept: Kept, target: Path) -> None:
    digest, left = hashlib.sha256(), kept.bytes
    with archive.open(name) as member, target.open("xb") as file:
        while piece := member.read(min(_PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                raise _damaged(name)
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if left or digest.hexdigest() != kept.sha256:
        raise _damaged(name)
    os.utime(target, ns=(kept.changed_at, kept.changed_at))


def _is_of_vault(name: str) -> bool:
    return name.startswith(f"{VAULT}/")


def _add_looks(home: Home, staging: Path) -> None:
    """Add looks at test images to those that are there: none is ever taken back."""
    folder = staging / VAULT
    for looked_at in sorted(folder.iterdir()) if folder.is_dir() else ():
        Vault(home).take_in(looked_at)


def _put_in_place(home: Home, restored: Restored, staging: Path) -> None:
    """Move what was checked: datasets first, which runs need, then runs, then what they are of.

    All or nothing: what can't be moved takes back what was, before anybody lists it.
    """
    moved: list[str] = []
    try:
        for thing in restored.brought:
            target = home.root / thing
            with disk_errors(target):
                target.parent.mkdir(mode=0o700, exist_ok=True)
                (staging / thing).rename(target)
                moved.append(thing)
                sync(target.parent)
    except StorageError:
        for thing in reversed(moved):
            with disk_errors(home.root / thing):
                (home.root / thing).rename(staging / thing)
        raise


def _remove_leftovers(home: Home) -> None:
    """What a restore that was killed has left; only one is at it at a time."""
    for folder in home.root.glob(f"{_STAGING}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _damaged(name: str) -> UploadError:
    return UploadError(f"The backup is damaged at {name:.200}: nothing was changed.")
