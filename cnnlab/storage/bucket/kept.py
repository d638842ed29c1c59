"""What of a home is in the bucket, as far as is known here, and what isn't yet.

A note is written when the parcel's manifest is there, so that whatever breaks off is done again.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnlab.domain.errors import DamagedError, NotFoundError, StorageError
from cnnlab.domain.run import Status
from cnnlab.files import disk_errors, read_json, sync, write_json
from cnnlab.storage.backup.contents import contents, units
from cnnlab.storage.bucket.address import BucketAddress
from cnnlab.storage.bucket.notes import (
    DELETED,
    PARTS,
    Note,
    Part,
    deleted_file,
    note_deleted,
    note_file,
    parcel_key,
    read_note,
)
from cnnlab.storage.bucket.objects import Bucket
from cnnlab.storage.bucket.parcels import MANIFEST, OnBytes, fetch_parcel, put_parcel, read_manifest
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.runs.store import RunStore

_BEGUN = -1
"""The attempt in the note of what is on its way: it is due still, and can be deleted already."""


@dataclass(frozen=True)
class Thing:
    """A dataset or a run; where something is deleted, a workspace too.

    Attributes:
        part: which of them, as its folder in the home is called.
        id: of it.
        attempt: of a run, the last one; 0 for a dataset, which never changes.
    """

    part: Part
    id: str
    attempt: int = 0


class HomeInBucket:
    """The things of one home in one bucket.

    Args:
        home: of the workspace.
        address: of the bucket.
    """

    def __init__(self, home: Home, address: BucketAddress) -> None:
        self._home, self._url = home, address.url
        self._notes = home.bucket
        self.bucket = Bucket(address)

    def due(self, things: Iterable[Thing]) -> list[Thing]:
        """Those of the things that aren't there, or were there before a run's last attempt."""
        return [one for one in things if not self._is_there(one)]

    def deleted(self) -> list[Thing]:
        """What was deleted here and may be there still."""
        with disk_errors(self._notes):
            names = [path.stem for path in (self._notes / DELETED).glob("[!.]*~*.json")]
        pairs = (name.split("~", 1) for name in names)
        parts: tuple[Part, ...] = (*PARTS, "workspaces")
        return [Thing(part, name) for kind, name in pairs for part in parts if part == kind]

    def _is_there(self, thing: Thing) -> bool:
        note = read_note(note_file(self._home, thing.part, thing.id))
        return note is not None and (note.url, note.attempt) == (self._url, thing.attempt)

    def put(self, thing: Thing, on_bytes: OnBytes = lambda _: None) -> None:
        """Put a thing into the bucket, and note that.

        Raises:
            StorageError: it can't be read, or the bucket can't be written.
        """
        folder, path = self.folder(thing), note_file(self._home, thing.part, thing.id)
        if not folder.is_dir():
            raise NotFoundError(f"{folder} isn't there, and can't be put into the bucket.")
        before = read_note(path)
        self._note(path, _BEGUN)
        try:
            files = dict(_files(self._home, folder))
            put_parcel(self.bucket, self.key(thing), files, on_bytes, is_known=before is not None)
        finally:
            if before is None and not folder.is_dir():  # deleted just before it was noted
                note_deleted(self._home, thing.part, thing.id)
        if not deleted_file(self._home, thing.part, thing.id).exists():
            self._note(path, thing.attempt)

    def _note(self, path: Path, attempt: int) -> None:
        with disk_errors(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(path, asdict(Note(self._url, attempt)))

    def delete(self, thing: Thing) -> None:
        """Delete one of `deleted` from the bucket; what another bucket has of it is only forgotten.

        Raises:
            StorageError: the bucket can't be written.
        """
        path = deleted_file(self._home, thing.part, thing.id)
        note = read_note(path)
        if note is None or note.url == self._url:
            self.bucket.delete_one(self.key(thing) + MANIFEST)
            self.bucket.delete(self.key(thing))
        path.unlink(missing_ok=True)

    def there(self) -> list[Thing]:
        """All that is whole in the bucket, of this workspace.

        Raises:
            StorageError: the bucket can't be read.
        """
        found = []
        for part in PARTS:
            start = f"{self._home.workspace}/{part}/"
            for name in self.bucket.sizes(start):
                thing, _, rest = name.removeprefix(start).partition("/")
                if rest == MANIFEST:
                    found.append(Thing(part, thing))
        return found

    def fetch_missing(self, thing: Thing, on_bytes: OnBytes = lambda _: None) -> int:
        """Bring back the files of a thing that the home lacks; those that are there stay.

        A folder that is gone appears whole or not at all.

        Returns:
            How many.

        Raises:
            NotFoundError: the bucket doesn't have it.
            DamagedError: what is there isn't what was put there.
            StorageError: the bucket can't be read, or the disk is full.
        """
        try:
            return self._fetch_missing(thing, on_bytes)
        except (DamagedError, NotFoundError):  # it isn't there as it is noted: it is due again
            path = note_file(self._home, thing.part, thing.id)
            with disk_errors(path):
                path.unlink(missing_ok=True)
            raise

    def _fetch_missing(self, thing: Thing, on_bytes: OnBytes) -> int:
        folder = self.folder(thing)
        parts = read_manifest(self.bucket, self.key(thing))
        missing = {name: part for name, part in parts.items() if not (folder / name).exists()}
        beside = folder if folder.is_dir() else folder.with_name(f".{thing.id}.part")
        fetch_parcel(self.bucket, self.key(thing), missing, beside, on_bytes)
        if beside != folder:
            with disk_errors(folder):
                beside.rename(folder)
                sync(folder.parent)
        return len(missing)

    def folder(self, thing: Thing) -> Path:
        """Where a thing lies in the home, or would."""
        return self._home.root / thing.part / thing.id

    def key(self, thing: Thing) -> str:
        """Name of a thing's parcel."""
        return parcel_key(self._home, thing.part, thing.id)

    @property
    def problem(self) -> str:
        """Why something couldn't be put the last time it was tried; empty where nothing is so."""
        with contextlib.suppress(StorageError, KeyError, TypeError):
            return str(read_json(self._notes / "problem.json")["words"])
        return ""

    def note_problem(self, words: str) -> None:
        """Note why something can't be put; empty that all is there."""
        path = self._notes / "problem.json"
        with disk_errors(path):
            if not words:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(path, {"words": words})


def things_of(datasets: DatasetStore, runs: RunStore) -> list[Thing]:
    """What of a home belongs into a bucket: its datasets, newest first, then the runs that ended.

    Raises:
        StorageError: the database can't be read.
    """
    ended = runs.attempts(Status.FINISHED, Status.STOPPED)
    return [
        *(Thing("datasets", one.id) for one in datasets.list()),
        *(Thing("runs", run, attempt) for run, attempt in ended.items()),
    ]


def _files(home: Home, thing: Path) -> Iterator[tuple[str, Path | None]]:
    """What a backup keeps of a dataset or a run, by its name within its folder."""
    start = len(thing.relative_to(home.root).as_posix()) + 1
    for unit in units(thing):
        for content in contents(home, unit):
            yield content.name[start:], None if content.is_empty else content.path
