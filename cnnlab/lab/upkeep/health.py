"""Whether the app can do its work at this moment, part by part.

Whoever watches it asks every few seconds, without saying who they are: so nothing but the names of
the parts is told, and however often somebody asks, it is looked only every two seconds.
"""

import functools
import logging
import os
import threading
import time
from collections.abc import Callable

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Status
from cnnlab.files import is_locked
from cnnlab.lab.access.acting import LOCAL, acting_as, have_accounts
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep.everywhere import of_all_workplaces
from cnnlab.lab.workplace import workplace
from cnnlab.storage.home import open_home
from cnnlab.storage.space.unwritable import why_unwritable

PARTS = ("home", "database", "supervisor")

LOOK_SECONDS = 2.0
"""For so long an answer holds."""

UNSUPERVISED_SECONDS = 15.0
"""The app itself starts a supervisor that is missing; one that is for longer can't be started."""

_WAITS = (Status.QUEUED, Status.RUNNING, Status.INTERRUPTED)
_log = logging.getLogger(__name__)


def failing_parts() -> tuple[str, ...]:
    """What of the app of the home that `CNNLAB_HOME` names can't work: none where all is well.

    Returns:
        Of `home` (it can't be written, or its disk is full), `database` (it or the register of
        people can't be read) and `supervisor` (runs wait, and none is there), those that fail.
    """
    return _health_of(os.environ.get("CNNLAB_HOME", "")).failing()


class Health:
    """Looks at the parts, and remembers what it saw.

    Args:
        clock: seconds on a clock that never jumps.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._failing: tuple[str, ...] = ()
        self._unsupervised_since: float | None = None

    def failing(self) -> tuple[str, ...]:
        """The parts that fail; see `failing_parts`."""
        looked_at = self._looked_at
        is_old = looked_at is None or self._clock() - looked_at >= LOOK_SECONDS
        # While one looks, on a disk that hangs perhaps, the others needn't wait as well.
        if is_old and self._lock.acquire(blocking=looked_at is None):
            try:
                self._look(self._clock())
            finally:
                self._lock.release()
        return self._failing

    def _look(self, now: float) -> None:
        with acting_as(LOCAL):
            parts = dict(zip(PARTS, self._parts(now), strict=True))
            self._failing = tuple(name for name in PARTS if _is_failing(name, parts[name]))
        self._looked_at = now

    def _parts(self, now: float) -> tuple[Callable[[], bool], ...]:
        """What says of each part whether it fails."""
        return _is_unwritable, _is_unreadable, lambda: self._is_unsupervised(now)

    def _is_unsupervised(self, now: float) -> bool:
        """Whether runs have waited for a supervisor for longer than it takes to start one."""
        if is_locked(open_home().supervisor_lock) or not _is_work_waiting():
            self._unsupervised_since = None
            return False
        if self._unsupervised_since is None:
            self._unsupervised_since = now
        return now - self._unsupervised_since >= UNSUPERVISED_SECONDS


def _is_failing(name: str, fails: Callable[[], bool]) -> bool:
    try:
        return fails()
    except CnnlabError as error:  # the log says more than whoever asks may know
        _log.warning("the health check of the %s: %s", name, error)
        return True


def _is_unwritable() -> bool:
    return bool(why_unwritable(open_home()))


def _is_unreadable() -> bool:
    """Read the database and, where people have accounts, the register; what can't be raises."""
    workplace().runs.list(limit=1)
    if have_accounts():
        register().workspaces.all()
    return False


def _is_work_waiting() -> bool:
    return any(of_all_workplaces(lambda place: place.runs.list(*_WAITS, limit=1)))


@functools.lru_cache(maxsize=8)
def _health_of(home: str) -> Health:
    return Health()
