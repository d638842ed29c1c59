"""The supervisor's part in telling other tools of runs: it notes news and has them sent.

It writes a small file for a run of which there is news, and asks for a light worker that sends. It
talks to no server, waits for nothing, and what fails here is logged and done again: no run is the
worse for it.
"""

import contextlib
import logging
import time
from collections.abc import Callable

from cnnlab.domain.errors import BadInputError, CnnlabError, StorageError
from cnnlab.files import is_locked
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.track import KIND, TrackRequest
from cnnlab.storage.home import Home
from cnnlab.tracking.destination import Destination, configured_destination, missing_client
from cnnlab.tracking.outbox import ENDED, Outbox

ASK_SECONDS = 2.0
"""Between two looks whether a worker is needed that sends."""

_NO_CLIENT_SECONDS = 30.0
_log = logging.getLogger(__name__)


class Tracker:
    """Notes news of runs and has them sent.

    Args:
        home: the home folder.
        clock: seconds on a clock that never jumps.
    """

    def __init__(self, home: Home, clock: Callable[[], float]) -> None:
        self._home = home
        self._outbox = Outbox(home)
        self._clock = clock
        self._look_at = clock()
        self._unwritten: set[tuple[str, str, str]] = set()
        self._everything: tuple[str, str] | None = None
        with contextlib.suppress(BadInputError):  # the doctor and the pages say so
            if destination := configured_destination():
                self._everything = destination.address, destination.key
        self._unwritten |= self._unended()

    def note(self, run: str) -> None:
        """Note that there is news of a run: for the server of all runs, and those that have it."""
        places = {self._everything} if self._everything else set()
        for sent in self._outbox.all_sent(run):
            places.add((sent.address, Destination(sent.address).key))
        self._unwritten |= {(run, *place) for place in places if place}
        self._write()

    def tick(self) -> bool:
        """Ask for a worker that sends, where one is needed; say whether something waits."""
        if self._clock() < self._look_at:
            return not self._outbox.is_empty()
        self._look_at = self._clock() + ASK_SECONDS
        self._write()
        try:
            due = self._outbox.next_due()
            if due is not None and due <= time.time():
                self._have_sent()
        except (CnnlabError, OSError):
            _log.exception("runs can't be sent at the moment")
        return not self._outbox.is_empty()

    def _have_sent(self) -> None:
        if missing_client():
            self._look_at = self._clock() + _NO_CLIENT_SECONDS
            return
        files = job_folder(self._home, KIND, "outbox")
        if not is_locked(files.lock):  # else one is at it; nobody is waited for here
            ask(self._home, KIND, files, TrackRequest(), again=True)

    def _write(self) -> None:
        for subject, address, key in list(self._unwritten):
            try:
                self._outbox.add(subject, address, key)
                self._unwritten.discard((subject, address, key))
            except StorageError as error:  # a full disk; it is tried again
                _log.warning("news of %s can't be noted: %s", subject, error)
                return

    def _unended(self) -> set[tuple[str, str, str]]:
        """What hasn't ended at its server: news may have been lost with the supervisor before."""
        found = (sent for sent in self._outbox.all_sent() if sent.status not in ENDED and sent.run)
        return {(sent.subject, sent.address, Destination(sent.address).key) for sent in found}
