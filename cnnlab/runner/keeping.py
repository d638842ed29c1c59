"""The supervisor's part in keeping datasets and ended runs in a bucket: it has that done.

It asks for a light worker when there may be something to do. It talks to no bucket, waits for
nothing, and what fails is tried again later: no run is the worse for it.
"""

import logging
from collections.abc import Callable

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run, Status
from cnnlab.files import written_at
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.keep import KIND, KeepRequest
from cnnlab.jobs.state import Stage, read_state
from cnnlab.storage.bucket.address import bucket_address
from cnnlab.storage.bucket.notes import DELETED
from cnnlab.storage.home import Home

LOOK_SECONDS = 2.0
"""Between two looks whether there is something to do."""

PAUSES_SECONDS = (5.0, 30.0, 120.0, 600.0)
"""After a failure; the last one from then on."""

_KEPT = (Status.FINISHED, Status.STOPPED)
_log = logging.getLogger(__name__)


class Keeper:
    """Has the datasets and ended runs of a workspace put into the bucket, where one is named.

    Args:
        home: the home folder.
        clock: seconds on a clock that never jumps.
    """

    def __init__(self, home: Home, clock: Callable[[], float]) -> None:
        self._home, self._clock = home, clock
        self._has_bucket = _is_named()
        self._files = job_folder(home, KIND, "bucket")
        self._is_wanted, self._is_asked = self._has_bucket, False
        self._seen = (0, 0)
        self._tries = 0
        self._look_at = clock()

    def note(self, run: Run) -> None:
        """Note that something became of a run."""
        self._is_wanted |= self._has_bucket and run.status in _KEPT

    def see_settings(self) -> None:
        """Take note that the bucket, or who may use it, is another now: it is tried at once."""
        self._has_bucket = self._is_wanted = _is_named()
        self._tries, self._look_at = 0, self._clock()

    def tick(self) -> bool:
        """Ask for a worker, where one is needed; say whether something is to be done, or is."""
        if not self._has_bucket:
            return False
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + LOOK_SECONDS
            try:
                self._look()
            except (CnnlabError, OSError):
                _log.exception("nothing can be put into the bucket at the moment")
        return self._is_wanted or self._is_asked

    def _look(self) -> None:
        if not self._home.runs.is_dir():  # the storage is away, and nothing is made in its place
            return
        seen = written_at(self._home.datasets), written_at(self._home.bucket / DELETED)
        self._is_wanted |= seen != self._seen
        self._seen = seen
        if self._is_asked:
            self._see_end()
        elif self._is_wanted:
            self._is_wanted = False  # what comes from now on is for another one
            self._is_asked = ask(self._home, KIND, self._files, KeepRequest(), again=True)
            self._is_wanted = not self._is_asked

    def _see_end(self) -> None:
        stage = read_state(KIND, self._files).stage
        if not stage.is_ended:
            return
        self._is_asked = False
        if stage is Stage.FINISHED:
            self._tries = 0
            return
        self._is_wanted = True
        pause = PAUSES_SECONDS[min(self._tries, len(PAUSES_SECONDS) - 1)]
        self._look_at = self._clock() + pause
        self._tries += 1


def _is_named() -> bool:
    """Whether a bucket is named that has an address; of one that has none the doctor tells."""
    try:
        return bucket_address() is not None
    except CnnlabError as error:
        _log.warning("%s", error)
        return False
