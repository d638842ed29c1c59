"""Which workspaces a supervisor looks at: those that have something to do.

One that is at rest costs a few looks at its files in a second. It is looked at again when somebody
calls (who launches does), or when its files have changed. `default`, the workspace of an
installation that knows no people, is looked at in every round.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.domain.run import Status
from cnnlab.files import written_at
from cnnlab.jobs.asking import queue_is_empty
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.sharing.workspace import Workspace
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.storage.home import Home, see_storage
from cnnlab.storage.index.database import database_address
from cnnlab.storage.index.rebuild import ensure_index, open_index
from cnnlab.storage.runs.run_rows import file_stamp
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.searches import SearchStore
from cnnlab.storage.space.leftovers import remove_leftovers

LOOK_SECONDS = 1.0
"""Between two looks at the files of those at rest."""

UNREAD_SECONDS = 10.0
"""A database without files is read again after so long; whoever has runs waiting, at each look."""

KEPT_OPEN_SECONDS = 60.0
"""For so long one that is at rest stays open: who looks at a form calls again and again."""

OPENED_AT_ONCE = 4
"""So many are opened in a round beside those that were called: who launches first doesn't wait."""

TIDY_SECONDS = 10.0
"""How often what killed processes left is looked for; of those at rest in one after another."""

AFTER_ERROR_SECONDS = 1.0
"""One in which something couldn't be done is left alone for so long."""

REOPEN_SECONDS = 5.0
"""One that couldn't be opened, such as for a damaged database, is tried again after so long."""

_log = logging.getLogger(__name__)


@dataclass
class _Known:
    """What is known of one workspace.

    Attributes:
        home: of it.
        open: what serves it; None while it is closed.
        engine: its database, while it is open.
        rests_since: when it was last seen to have nothing to do; None while it has.
        files: how its files were when it was last looked at.
        not_before: when it is looked at again after a failure.
        problem: why it couldn't be opened; that is logged once.
        was_seen: whether it was opened before, or couldn't be.
    """

    home: Home
    open: Workspace | None = None
    engine: Engine | None = None
    rests_since: float | None = None
    files: object = None
    not_before: float = 0.0
    problem: str = ""
    was_seen: bool = False


class Served:
    """The workspaces of an installation, as far as they have something to do.

    Args:
        home: of any workspace of the installation.
        executor: where the workers of all run.
        stall_seconds: how long a worker may show no sign of life.
        clock: seconds on a clock that never jumps.

    Attributes:
        workspaces: those that are open; `is_due` says which of them the next round looks at.
    """

    def __init__(
        self,
        home: Home,
        executor: Executor,
        *,
        stall_seconds: float = STALL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home, self._executor, self._clock = home, executor, clock
        self._stall_seconds = stall_seconds
        self._known: dict[str, _Known] = {}
        self._look_at, self._tidy_at = -LOOK_SECONDS, -TIDY_SECONDS
        self._tidied = 0
        self._is_listed, self._trouble = False, ""
        self.workspaces: list[Workspace] = []

    def look(self, called: set[str], most: int = OPENED_AT_ONCE) -> None:
        """See before a round who has something to do.

        Args:
            called: ids of the workspaces for which somebody has called since.
            most: how many others may be opened.
        """
        now, opened = self._clock(), 0
        is_time = now >= self._look_at
        if is_time or called - self._known.keys():
            self._look_at = now + LOOK_SECONDS
            self._find()
        for name, known in self._known.items():
            was_called = name in called or name == DEFAULT_WORKSPACE
            if was_called or (is_time and self._has_changed(known, now)):
                known.rests_since = None
            was_open = known.open is not None
            if was_open or was_called or opened < most:
                self._open_or_close(known, now)
                opened += known.open is not None and not (was_open or was_called)
        self._tidy(now)
        self.workspaces[:] = [one.open for one in self._known.values() if one.open is not None]

    def settle(self) -> None:
        """See after a round who has nothing left to do, and who failed."""
        now = self._clock()
        for known in self._known.values():
            workspace = known.open
            if workspace is None:
                continue
            if not workspace.is_due:  # what waited there may have begun
                known.rests_since = None if workspace.goes_on else known.rests_since
            elif workspace.errors:
                known.not_before = now + AFTER_ERROR_SECONDS
                _bring_index_back(known.home)
            elif not workspace.goes_on:
                workspace.attempt(workspace.runs.see_waiting)
                known.rests_since = None if workspace.errors else now

    def is_needed(self) -> bool:
        """Whether anybody has asked for something since the last round; nothing is changed."""
        self._look_at = -LOOK_SECONDS
        self._find()
        self.look(set(self._known) if database_address() else set(), most=len(self._known))
        return any(_has_work(one) for one in self.workspaces if one.is_due or one.runs.waiting)

    def knows_all(self) -> bool:
        """Whether it is known what trains and works in every workspace.

        Before that nothing may begin: what an earlier supervisor has started holds its place in one
        that wasn't opened yet. One that can't be opened holds nobody up.
        """
        return self._is_listed and all(known.was_seen for known in self._known.values())

    def raise_if_none(self) -> None:
        """Give up where `default` can't be opened and there is no other workspace.

        Raises:
            StorageError: why not.
        """
        known = self._known.get(DEFAULT_WORKSPACE)
        if known and known.problem and len(self._known) == 1:
            raise StorageError(known.problem)

    def close(self) -> None:
        """Let go of all databases."""
        for known in self._known.values():
            self._close(known)
        self.workspaces.clear()

    def _find(self) -> None:
        try:
            see_storage(self._home.of_workspace(DEFAULT_WORKSPACE))
            there = {home.workspace: home for home in self._home.with_others()}
        except (StorageError, OSError) as error:  # away for a moment: who was known still is
            if str(error) != self._trouble:
                _log.warning("the workspaces can't be listed: %s", error)
            self._is_listed, self._trouble = False, str(error)
            return
        self._is_listed, self._trouble = True, ""
        for name in self._known.keys() - there.keys():
            self._close(self._known.pop(name))
        for name, home in there.items():
            self._known.setdefault(name, _Known(home))

    def _open_or_close(self, known: _Known, now: float) -> None:
        rested = 0.0 if known.rests_since is None else now - known.rests_since
        if known.open is None and known.rests_since is None and now >= known.not_before:
            self._open(known, now)
        elif known.open and rested > KEPT_OPEN_SECONDS and not known.open.runs.waiting:
            self._close(known)
            known.files = self._files(known, now)  # who closes last tidies the database up
        if known.open is not None:
            known.open.is_due = known.rests_since is None and now >= known.not_before
            if known.open.is_due:
                known.files = self._files(known, now)

    def _open(self, known: _Known, now: float) -> None:
        known.was_seen = True
        try:
            known.engine = open_index(known.home)
            known.open = Workspace(
                known.home,
                RunStore(known.engine, known.home),
                self._executor,
                stall_seconds=self._stall_seconds,
                clock=self._clock,
            )
            known.problem = ""
        except (StorageError, OSError) as error:
            if str(error) != known.problem:
                _log.error("the workspace %s can't be served: %s", known.home.workspace, error)
            known.problem, known.not_before = str(error), now + REOPEN_SECONDS
            self._close(known)

    @staticmethod
    def _close(known: _Known) -> None:
        if known.engine is not None:
            known.engine.dispose()
        known.open = known.engine = None

    def _has_changed(self, known: _Known, now: float) -> bool:
        """Whether the files of one at rest aren't what they were."""
        return known.rests_since is not None and self._files(known, now) != known.files

    @staticmethod
    def _files(known: _Known, now: float) -> object:
        """How the files are that say whether there is something to do.

        Where that can't be told, another answer each time: the round will say what is wrong.
        """
        try:
            return _as_they_are(known, now)
        except OSError:
            return now

    def _tidy(self, now: float) -> None:
        """Look for what killed processes left: where there is work, and in one of the others."""
        if now < self._tidy_at + TIDY_SECONDS:
            return
        self._tidy_at = now
        at_rest = [one for one in self._known.values() if one.rests_since is not None]
        working = [one for one in self._known.values() if one.rests_since is None]
        self._tidied += 1
        for known in [*working, *at_rest[self._tidied % max(1, len(at_rest)) :][:1]]:
            try:
                remove_leftovers(known.home)
            except Exception:  # such as a full disk: it is due again
                _log.exception("%s can't be tidied up", known.home.root)


def _as_they_are(known: _Known, now: float) -> object:
    home = known.home
    folders = (home.jobs / "queue", home.searches, home.tracking / "outbox")
    written = tuple(written_at(folder) for folder in folders)
    if not database_address():
        stamp = file_stamp(home.database)
        return written, stamp.files, stamp.quiet if stamp.is_settled else now
    waits = known.open is not None and known.open.runs.waiting
    return written, now // (LOOK_SECONDS if waits else UNREAD_SECONDS)


def _has_work(workspace: Workspace) -> bool:
    active = (Status.QUEUED, Status.RUNNING, Status.INTERRUPTED)
    try:
        waits = bool(workspace.store.list(*active, limit=1) or SearchStore(workspace.home).due())
        return waits or not queue_is_empty(workspace.home)
    except (StorageError, OSError):  # a broken one is no reason to stay
        _log.exception("what waits in %s can't be read", workspace.home.root)
        return False


def _bring_index_back(home: Home) -> None:
    """Where the database was deleted under us, make it again; else nothing happens."""
    try:
        ensure_index(home)
    except (StorageError, OSError):
        _log.exception("the index can't be made again")
