"""Where is noted what was put into a bucket, and what has to go from it.

bucket/datasets/<id>.json, bucket/runs/<id>.json    where it was put, and which attempt of a run
bucket/deleted/<part>~<id>.json                     of what was deleted here, until it is there too;
                                                    in `default` also of whole workspaces
"""

import contextlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.files import disk_errors, read_json, write_json
from cnnlab.storage.home import Home

Part = Literal["datasets", "runs", "workspaces"]
PARTS: tuple[Part, ...] = ("datasets", "runs")
DELETED = "deleted"


@dataclass(frozen=True)
class Note:
    """What is known of a thing in a bucket.

    Attributes:
        url: of the bucket.
        attempt: see `Thing`.
    """

    url: str
    attempt: int


def note_deleted(home: Home, part: Part, name: str) -> None:
    """Note that something is to be deleted from its bucket too; for whoever deletes it here.

    Only what somebody deletes is: what is lost here stays there.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    note, path = note_file(home, part, name), deleted_file(home, part, name)
    with disk_errors(path):
        if note.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            note.replace(path)


def any_note(home: Home) -> Note | None:
    """What is noted of one thing of a home; None where nothing of it was put into a bucket."""
    notes = (read_note(path) for path in home.bucket.glob("*/[!.]*.json"))
    return next(filter(None, notes), None)


def note_workspace_deleted(home: Home, note: Note) -> None:
    """Note that all of a workspace is to be deleted from its bucket too.

    Args:
        home: of the workspace, which is deleted.
        note: what `any_note` said before that.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    path = deleted_file(home.of_workspace(DEFAULT_WORKSPACE), "workspaces", home.workspace)
    with disk_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_json(path, asdict(note))


def parcel_key(home: Home, part: Part, name: str) -> str:
    """How what a thing of a home is called in a bucket begins."""
    if part == "workspaces":
        return f"{name}/"
    return f"{home.workspace}/{part}/{name}/"


def note_file(home: Home, part: Part, name: str) -> Path:
    """Where is noted what of a thing was put into a bucket."""
    return home.bucket / part / f"{name}.json"


def deleted_file(home: Home, part: Part, name: str) -> Path:
    """The same of one that was deleted here."""
    return home.bucket / DELETED / f"{part}~{name}.json"


def read_note(path: Path) -> Note | None:
    """A note; None where there is none that can be read, and the thing is put again."""
    with contextlib.suppress(StorageError, TypeError):
        return Note(**read_json(path))
    return None
