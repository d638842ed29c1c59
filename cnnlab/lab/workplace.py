"""The home folder with its stores, opened once for each process."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import (
    ConfigError,
    DamagedDatabaseError,
    ForeignDatabaseError,
    StorageError,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.files import disk_errors, remove_folder
from cnnlab.lab.access.acting import acting
from cnnlab.lab.access.authorize import asks, authorize
from cnnlab.lab.access.register import register
from cnnlab.settings import check_settings
from cnnlab.storage.bucket.address import see_storage_setting
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home, open_home
from cnnlab.storage.index.database import connect, database_address, describe_database
from cnnlab.storage.index.rebuild import ensure_index, open_index
from cnnlab.storage.index.removing import remove_home
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.space.reserve import OPENING_BYTES, spending_reserve
from cnnlab.storage.space.unwritable import open_to_read, why_unwritable
from cnnlab.storage.studies import StudyStore


@dataclass(frozen=True)
class Workplace:
    """The home folder and what is stored in it.

    Attributes:
        home: the folder.
        database: what lists datasets and runs, and where it is, in words.
        datasets: the imported ones.
        runs: the queue and all that ended.
        studies: comparisons; their runs are among the runs.
        problem: why the folder could only be opened to look at what it holds; else empty.
    """

    home: Home
    database: str
    datasets: DatasetStore
    runs: RunStore
    studies: StudyStore
    problem: str = ""


def workplace() -> Workplace:
    """The workplace of the workspace in which somebody acts at this moment.

    It lies in what `CNNLAB_HOME` and `CNNLAB_DATABASE` name.

    Raises:
        NotSignedInError: nobody acts.
        NotAllowedError: whoever acts is in no workspace.
        NotFoundError: the workspace was deleted.
        ConfigError: a setting in the environment can't be taken.
        StorageError: the folder or its database can't be opened.
    """
    place = _place()
    known = _used(place)
    if known is None:
        with _lock:
            opening = _opening.setdefault(place, threading.Lock())
        with opening:  # one that takes long to open is in no other one's way
            known = _used(place)
            if known is None:
                known = _Opened(_open(*place), time.monotonic())
                _keep(place, known)
    if not known.workplace.problem:
        ensure_index(known.workplace.home, place[1])
    return known.workplace


def _used(place: tuple[str, str, str]) -> "_Opened | None":
    """The workplace that is open, which counts as used now; None where it has to be opened."""
    with _lock:
        known = _known.pop(place, None)
        if known is not None:
            _known[place] = known
    return None if known is None or known.is_outdated() else known


def _keep(place: tuple[str, str, str], opened: "_Opened") -> None:
    """Keep a workplace open, and close what it replaces and what wasn't used for longest."""
    with _lock:
        closed = [_known.pop(place)] if place in _known else []
        _known[place] = opened
        while len(_known) > _MOST_OPEN:
            closed.append(_known.pop(next(iter(_known))))
    for each in closed:  # who still works with it opens its connections once more
        each.workplace.runs.engine.dispose()


def delete_listed(folder: Path, unlist: Callable[[Workplace], None]) -> None:
    """Delete something that is listed, with its folder, on a full disk as well.

    The list can't be written there, so the reserve makes room for that; where there is none, the
    folder goes first.

    Args:
        folder: its own.
        unlist: takes it from the list and deletes its folder, or refuses.

    Raises:
        CnnlabError: what `unlist` raises.
    """
    home = workplace().home
    with spending_reserve(home.installation):
        try:
            unlist(_reopened())
        except StorageError:
            if home.free_bytes() >= OPENING_BYTES or not folder.exists():
                raise
            remove_folder(folder)
            unlist(_reopened())


@asks(Action.VIEW)
def unwritable() -> str:
    """Why nothing can be stored at the moment, in words that say what to do; empty where it can.

    Raises:
        StorageError: the folder or its database can't be opened.
    """
    return why_unwritable(workplace().home)


def home_here() -> Home:
    """The home of the workspace in which somebody acts; its database may be damaged.

    Raises:
        NotSignedInError: nobody acts.
        NotFoundError: the workspace was deleted.
        StorageError: the folder can't be opened.
    """
    root, _, workspace = _place()
    return _open_home(root, workspace)


@asks(Action.VIEW)
def home_folder() -> Path:
    """The folder of the workspace in which somebody acts.

    Raises:
        StorageError: the folder or its database can't be opened.
    """
    return workplace().home.root


@asks(Action.VIEW)
def page_note() -> str:
    """What the pages have to say of the home until somebody has read it; empty if there is nothing.

    Raises:
        StorageError: the home folder can't be opened.
    """
    note = workplace().home.page_note
    with disk_errors(note):
        return note.read_text(encoding="utf-8") if note.exists() else ""


@asks(Action.VIEW)
def forget_page_note() -> None:
    """Somebody has read it.

    Raises:
        StorageError: the home folder can't be written.
    """
    note = workplace().home.page_note
    with disk_errors(note):
        note.unlink(missing_ok=True)


def _place() -> tuple[str, str, str]:
    """Folder, database and workspace of this moment."""
    who = acting()
    if not who.workspace:
        authorize(who, Action.VIEW)
    return os.environ.get("CNNLAB_HOME", ""), database_address(), who.workspace


def _open(root: str, address: str, workspace: str) -> Workplace:
    check_settings()
    see_storage_setting()
    home = _open_home(root, workspace)
    why = ""
    try:
        engine = open_index(home, address)
    except ForeignDatabaseError:
        raise
    except StorageError:
        why = why_unwritable(home)
        if address or not why or not home.database.exists():
            raise
        engine = open_to_read(home.database, why)
    stores = DatasetStore(home, engine), RunStore(engine, home), StudyStore(home, engine)
    return Workplace(home, describe_database(engine), *stores, problem=why)


def _open_home(root: str, workspace: str) -> Home:
    if workspace != DEFAULT_WORKSPACE:  # a home that was deleted isn't made again
        register().workspaces.find(workspace)
    return open_home(Path(root) if root else None, workspace)


def opened_to_read() -> str:
    """Why the home was opened only to look at what it holds; empty where it wasn't, or not yet."""
    known = _known.get(_place())
    return known.workplace.problem if known else ""


def delete_workplace(unlist: Callable[[], None]) -> None:
    """Delete all that is stored in the workspace in which somebody acts, and its folder.

    Its database may be damaged.

    Args:
        unlist: takes the workspace from the register; before it files are only out of sight.

    Raises:
        StorageError: it can't be written, or its database can't be reached at the moment.
    """
    try:
        stores = workplace()
        home, engine = stores.home, stores.runs.engine
    except DamagedDatabaseError:
        home = home_here()
        engine = connect(home.database, schema=home.schema)
    with _lock:
        _known.pop(_place(), None)
    remove_home(home, engine, unlist)


def _reopened() -> Workplace:
    """The workplace, opened once more where it couldn't store anything."""
    with _lock:
        for place in [place for place, known in _known.items() if known.workplace.problem]:
            _known.pop(place)
    return workplace()


@dataclass(frozen=True)
class _Opened:
    """A workplace, and when it was opened on our clock."""

    workplace: Workplace
    at: float

    def is_outdated(self) -> bool:
        """Whether to open it again: its folder is gone, or may be written by now."""
        if not self.workplace.home.datasets.is_dir():
            return True
        waited = time.monotonic() - self.at
        return bool(self.workplace.problem) and waited > _AGAIN_SECONDS


_AGAIN_SECONDS = 2.0
"""So long after it couldn't be written a home is opened again."""

_MOST_OPEN = 160
"""As many workspaces are open at the same time; one that comes after them closes the one that
wasn't used for longest. Each takes three files, or some connections."""

_lock = threading.Lock()
_known: dict[tuple[str, str, str], _Opened] = {}
_opening: dict[tuple[str, str, str], threading.Lock] = {}


def named_dataset(dataset: str) -> Dataset:
    """The dataset that a config names.

    Raises:
        ConfigError: it names none.
        NotFoundError: there is none with this id.
    """
    if not dataset:
        raise ConfigError("dataset is missing: name the id of an imported dataset.")
    return workplace().datasets.load(dataset)
