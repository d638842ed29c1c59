"""What of a home belongs into a backup, in the order in which it has to be read.

Left out is what can be made again or belongs to this machine: the database (an index of the
folders), prepared images, a dataset's index as numpy reads it, uploads and other work on its way,
the installation's secret, whatever only living processes need. Locks are kept without their
content: that there is one says that a worker had begun.

A run may train meanwhile. Its files are read so that whatever is kept belongs together: how an
attempt ended before what it ended with, its states before its predictions (those of all epochs up
to a state are there then), both before the history that leads to them. So a history is never
shorter than what depends on it, and where it ends in the middle of a line, that line doesn't count,
as after a kill.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnlab.datasets.index_columns import COLUMNS_FILE
from cnnlab.domain.errors import StorageError
from cnnlab.storage.home import Home
from cnnlab.storage.index.inventory import visible_folders

LISTED = ("datasets", "runs", "studies")
"""Folders of the home whose things are listed in the index."""

VAULT = "vault"
COUNTED = (*LISTED, "searches")
"""Those whose number is told."""

PARTS = (*COUNTED, "pretrained", "views", VAULT)
"""Folders of the home that are kept, one folder for each thing in them."""

_MADE_AGAIN = {"prepared", COLUMNS_FILE, "heartbeat"}
_LOCKS = (".lock",)
_FIRST = ("run.json", "result.json", "manifest.json")
_LAST = ("events.jsonl", "steps.jsonl")


@dataclass(frozen=True)
class Content:
    """One file to be kept.

    Attributes:
        path: where it lies.
        name: below the home, with slashes.
        is_empty: whether it is kept without its content.
    """

    path: Path
    name: str
    is_empty: bool = False


def things(home: Home) -> list[Path]:
    """The folders of all that is kept, such as each dataset's and each run's."""
    parts = [home.root / part for part in PARTS]
    return [folder for part in parts if part.is_dir() for folder in visible_folders(part)]


def units(thing: Path) -> list[Path]:
    """What has to be read together: the attempts of a run one by one, after all else of it."""
    attempts = [folder for folder in visible_folders(thing) if folder.name.startswith("attempt-")]
    return [thing, *attempts]


def contents(home: Home, unit: Path) -> Iterator[Content]:
    """The files of a unit, those first that say how something ended.

    Args:
        home: the home folder.
        unit: one of `units`.
    """
    for path in _in_order(unit, but_attempts=unit.parent.parent == home.root):
        lock = path.suffix in _LOCKS or path.name == "lock"
        yield Content(path, path.relative_to(home.root).as_posix(), lock)


def sizes(home: Home) -> int:
    """About how many bytes a backup of the home takes."""
    total = 0
    for content in (file for thing in things(home) for file in _all(home, thing)):
        with contextlib.suppress(FileNotFoundError):
            total += 0 if content.is_empty else content.path.stat().st_size
    return total


def _all(home: Home, thing: Path) -> Iterator[Content]:
    with contextlib.suppress(StorageError):  # it was deleted meanwhile
        for unit in units(thing):
            yield from contents(home, unit)


def _in_order(folder: Path, *, but_attempts: bool = False) -> Iterator[Path]:
    """The files of a folder and those below it; what a link leads to isn't ours to keep."""
    for entry in sorted(folder.iterdir(), key=_turn):
        hidden = entry.name.startswith(".") or entry.name in _MADE_AGAIN or entry.is_symlink()
        if hidden or (but_attempts and entry.name.startswith("attempt-")):
            continue
        if entry.is_dir():
            yield from _in_order(entry)
        elif entry.is_file():
            yield entry


def _turn(entry: Path) -> tuple[int, str]:
    """First what says how something ended, then by name: states, predictions; last the history."""
    if entry.name in _FIRST:
        return _FIRST.index(entry.name), entry.name
    return (9 if entry.name in _LAST else 5), entry.name
