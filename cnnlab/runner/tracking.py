"""The supervisor's part in telling other tools of runs: it notes news and has them sent.

It writes a small file for a run of which there is news, and asks for a light worker that sends. It
talks to no server, waits for nothing, and what fails here is logged and done again: no run is the
worse for it.
"""

import contextlib
import logging
from collections.abc import Callable, Sequence

from cnnlab.domain.errors import BadInputError, CnnlabError, StorageError
from cnnlab.files import is_locked
from cnnlab.jobs.asking import ask, cancel, job_folder
from cnnlab.jobs.kinds.track import KIND, TrackRequest
from cnnlab.jobs.state import Stage, read_state
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.tracking.destination import configured_destination, missing_client
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
        self._has_asked = False
        self._everything = _named_server()
        self._unwritten |= self._unended()

    def note(self, run: str) -> None:
        """Note that there is news of a run: for the server of all runs, and those that have it."""
        places = {self._everything} if self._everything else set()
        try:
            for sent in self._outbox.all_sent(run):
                places.add((sent.address, sent.key))
        except OSError:  # the disk can't be read; the next supervisor looks again
            _log.exception("where %s was sent can't be read", run)
        self._unwritten |= {(run, *place) for place in places if place}
        self._write()

    def tick(self) -> bool:
        """Ask for a worker that sends, where one is needed; say whether something waits."""
        if self._clock() < self._look_at:
            return not self._outbox.is_empty()
        self._look_at = self._clock() + ASK_SECONDS
        self._write()
        try:
            if keys := self._outbox.due_keys():
                self._have_sent(keys)
        except (CnnlabError, OSError):
            _log.exception("runs can't be sent at the moment")
        return not self._outbox.is_empty()

    def see_settings(self) -> None:
        """Take note that the server, user or password in the environment are others now.

        Whoever sends with the ones before is ended, and what waits is tried at once.
        """
        self._everything = _named_server()
        self._has_asked, self._look_at = False, self._clock()
        try:
            cancel(job_folder(self._home, KIND, "outbox"))
            for key in {entry.key for entry in self._outbox.entries()}:
                self._outbox.note_back(key)
        except (CnnlabError, OSError):
            _log.exception("what sends runs can't be told of other settings")

    def _have_sent(self, keys: Sequence[str]) -> None:
        if missing_client():
            self._look_at = self._clock() + _NO_CLIENT_SECONDS
            return
        files = job_folder(self._home, KIND, "outbox")
        if is_locked(files.lock):  # one is at it; nobody is waited for here
            return
        if self._has_asked and (problem := _failure(files)):
            self._has_asked = False
            for key in keys:  # the pauses grow, and page and doctor say why nothing comes
                self._outbox.note_away(key, f"what sends runs has failed ({problem})")
            return
        self._has_asked = ask(self._home, KIND, files, TrackRequest(), again=True)

    def _write(self) -> None:
        for subject, address, key in list(self._unwritten):
            try:
                self._outbox.add(subject, address, key)
                self._unwritten.discard((subject, address, key))
            except (StorageError, OSError) as error:  # a full disk; it is tried again
                _log.warning("news of %s can't be noted: %s", subject, error)
                return

    def _unended(self) -> set[tuple[str, str, str]]:
        """What hasn't ended at its server: news may have been lost with the supervisor before."""
        found = (sent for sent in self._outbox.all_sent() if sent.status not in ENDED and sent.run)
        return {(sent.subject, sent.address, sent.key) for sent in found}


def _named_server() -> tuple[str, str] | None:
    """Address and key of the server that all runs are sent to."""
    with contextlib.suppress(BadInputError):  # the doctor and the pages say so
        if destination := configured_destination():
            return destination.address, destination.key
    return None


def _failure(files: JobFolder) -> str:
    """Why the last worker that was asked for ended; empty where it ended as it should."""
    state = read_state(KIND, files)
    is_failed = state.stage in (Stage.FAILED, Stage.LOST)
    return (state.problem or "no message").splitlines()[0].rstrip(".") if is_failed else ""
