"""The searches: a folder each, which is all there is of them; their runs name the search.

`search.json` says what was asked for, `decisions.json` what was decided meanwhile. No database
lists them: there are few, and all that the supervisor asks in each round is whether a file changed.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import DamagedError, NotFoundError, StorageError
from cnnlab.domain.search import Decisions, Search
from cnnlab.files import (
    disk_errors,
    read_json,
    remove_folder,
    take_lock,
    wait_for_lock,
    write_json,
)
from cnnlab.storage.home import Home
from cnnlab.storage.index.inventory import visible_folders

_SEARCH, _DECISIONS = "search.json", "decisions.json"
SEARCH_LOCK = "search.lock"
"""The file of a search's folder that whoever decides holds."""

_log = logging.getLogger(__name__)


class SearchStore:
    """Searches, in and out.

    Laws: an id is never used twice; a search is there as soon as its file is, with its decisions or
    without any; decisions change only while `alone` is held; what was returned doesn't change
    afterwards.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._read: dict[str, tuple[tuple[int, int], Decisions]] = {}

    def create(self, search: Search) -> None:
        """Add a search.

        Raises:
            StorageError: the id is taken or the disk is full.
        """
        folder = self._home.search(search.id)
        with disk_errors(folder):
            folder.mkdir(mode=0o700, parents=True)
        write_json(folder / _SEARCH, search.to_json())

    def load(self, search: str) -> Search:
        """Return a search.

        Raises:
            NotFoundError: there is no search with this id.
            DamagedError: its file is damaged.
        """
        file = self._found(search)
        values: dict[str, Any] = read_json(file)
        try:
            return replace(Search.from_json(values), id=search)
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedError(f"{file} is damaged ({error!r}).") from error

    def _found(self, search: str) -> Path:
        """The file of a search that there is, readable or not.

        Raises:
            NotFoundError: there is no search with this id.
        """
        file = self._home.search(search) / _SEARCH
        if not search or search != file.parent.name or not file.exists():
            raise NotFoundError(f"There is no search {search!r}: see the search page for those.")
        return file

    def due(self) -> Sequence[str]:
        """Ids of those that the supervisor has to see to, oldest first; not where that is damaged.

        They go on by themselves, or have runs that are still to be ended.
        """
        found = []
        for search in self._ids():
            try:
                if self.decisions(search).is_due:
                    found.append(search)
            except (NotFoundError, StorageError) as error:
                _log.debug("not seen to: %s", error)
        return found

    def rename(self, search: str, name: str) -> None:
        """Give a search another name.

        Raises:
            NotFoundError: there is no search with this id.
            StorageError: the disk is full.
        """
        self.save(replace(self.load(search), name=name))

    def save(self, search: Search) -> None:
        """Keep a search that there is as it is now.

        Raises:
            StorageError: the disk is full, or the search is gone.
        """
        write_json(self._home.search(search.id) / _SEARCH, search.to_json())

    def decisions(self, search: str) -> Decisions:
        """What was decided so far; read anew only where it has changed.

        Raises:
            NotFoundError: there is no search with this id.
            DamagedError: its file is damaged.
        """
        file = self._home.search(search) / _DECISIONS
        try:
            found = file.stat()
        except FileNotFoundError:
            self._found(search)
            return Decisions()
        stamp = found.st_mtime_ns, found.st_ino
        known = self._read.get(search)
        if known is None or known[0] != stamp:
            try:
                known = stamp, Decisions.from_json(read_json(file))
            except (KeyError, TypeError, ValueError) as error:
                raise DamagedError(f"{file} is damaged ({error!r}).") from error
            self._read[search] = known
        return known[1]

    def decide(self, search: str, decisions: Decisions) -> None:
        """Keep what was decided; it is on the disk when this returns.

        Raises:
            StorageError: the disk is full, or the search is gone.
        """
        write_json(self._home.search(search) / _DECISIONS, decisions.to_json())

    def delete(self, search: str) -> None:
        """Remove a search; its runs are the caller's business.

        Raises:
            NotFoundError: there is no search with this id.
        """
        self._found(search)
        remove_folder(self._home.search(search))
        self._read.pop(search, None)

    @contextlib.contextmanager
    def alone(self, search: str) -> Iterator[None]:
        """Keep others from deciding within this context.

        Raises:
            NotFoundError: there is no search with this id.
        """
        self._found(search)
        with wait_for_lock(self._home.search(search) / SEARCH_LOCK):
            yield

    def try_alone(self, search: str) -> int | None:
        """Keep others from deciding until this descriptor is closed; None where another does."""
        return take_lock(self._home.search(search) / SEARCH_LOCK)

    def _ids(self) -> Sequence[str]:
        if not self._home.searches.is_dir():
            return []
        return [folder.name for folder in visible_folders(self._home.searches)]

    def list(self, *, dataset: str | None = None) -> list[Search]:
        """All searches, newest first; with `dataset` only those on it.

        One whose file is damaged is left out and logged.
        """
        found = []
        for search in reversed(self._ids()):
            try:
                found.append(self.load(search))
            except NotFoundError:  # deleted meanwhile, or about to be there
                continue
            except StorageError:
                _log.exception("a search is left out")
        return [one for one in found if dataset in (None, one.dataset)]
