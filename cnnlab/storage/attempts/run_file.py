"""`run.json` in a run's folder: what its attempts don't say, for when the database is lost.

It says what the run is called, what a user has noted of it, where it comes from, and how it was
last put into the queue or taken from there. How it fared is told by its attempts.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.files import disk_errors, json_beside, read_json, write_json

_FILE = "run.json"
_FIELDS = (
    "id",
    "name",
    "dataset",
    "config",
    "status",
    "attempt",
    "created_at",
    "message",
    "origin",
)
_LATER_FIELDS = ("study", "arm", "search", "trial")
_TAGS, _NOTE, _STARRED, _RANK = "tags", "note", "starred", "queue_rank"
_MARKS = (_TAGS, _NOTE, _STARRED, _RANK)
FIELDS_THAT_CHANGE = {"name", "status", "attempt", *_LATER_FIELDS, *_MARKS}


def save_run_file(runs: Path, run: Run) -> None:
    """Write the file anew.

    Args:
        runs: the folder of all runs.
        run: as it is now.

    Raises:
        StorageError: the disk is full.
    """
    folder = runs / run.id
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / _FILE, told_by_file(run))


def run_file_beside(folder: Path, run: Run) -> AbstractContextManager[Path]:
    """The file as it will be, on the disk beside the one that counts, which `name_run_file` ends.

    Args:
        folder: of the run; it is there.
        run: as it will be.

    Raises:
        StorageError: the disk is full, or the folder is gone.
    """
    return json_beside(folder / _FILE, told_by_file(run))


def name_run_file(beside: Path) -> None:
    """Have a file of `run_file_beside` count; whoever relies on it syncs its folder afterwards."""
    beside.replace(beside.with_name(_FILE))


def told_by_file(run: Run) -> dict[str, Any]:
    """What the file says of a run."""
    return {name: getattr(run, name) for name in (*_FIELDS, *_LATER_FIELDS, *_MARKS)}


def load_run_file(folder: Path) -> dict[str, Any]:
    """Fields of `Run` as the file in a run's folder gives them.

    Raises:
        StorageError: it is missing or damaged.
    """
    values = read_json(folder / _FILE)
    try:
        known = {name: values[name] for name in _FIELDS} | {"status": Status(values["status"])}
        known |= {name: values.get(name) for name in _LATER_FIELDS}
        return known | {
            _TAGS: [str(tag) for tag in values.get(_TAGS, [])],
            _NOTE: str(values.get(_NOTE, "")),
            _STARRED: values.get(_STARRED) is True,
            _RANK: int(values.get(_RANK, 0)),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{folder / _FILE} lacks what it should say ({error!r}).") from error
