"""For how long the runs of a workspace have trained today: what a day's quota is counted by.

A day is one of UTC. Runs may be deleted; what they took stays counted until the day is over.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from cnnlab.domain.errors import DamagedError
from cnnlab.files import read_json, write_json
from cnnlab.storage.home import Home

SAVE_SECONDS = 10.0
"""How often it is noted: a killed supervisor loses no more."""


def today() -> str:
    """The day of this moment: ISO 8601, UTC."""
    return datetime.now(UTC).date().isoformat()


def trained_seconds(home: Home, day: str | None = None) -> float:
    """Seconds of training on a day, all runs of a workspace together.

    Args:
        home: of the workspace.
        day: default is today; of any other than the last nothing is known.

    Raises:
        StorageError: that can't be read at the moment.
    """
    if not home.trained.exists():
        return 0.0
    try:
        values = read_json(home.trained)
        return float(values["seconds"]) if values["day"] == (day or today()) else 0.0
    except (DamagedError, KeyError, TypeError, ValueError):
        return 0.0


class TrainingHours:
    """Counts for one workspace, and notes it every few seconds.

    Args:
        home: of the workspace.
        day: says which day it is.
    """

    def __init__(self, home: Home, day: Callable[[], str] = today) -> None:
        self._home, self._day_of_now = home, day
        self._day = day()
        self._seconds = self._saved = trained_seconds(home, self._day)

    @property
    def seconds(self) -> float:
        """Of today."""
        if self._day_of_now() != self._day:
            self._day, self._seconds, self._saved = self._day_of_now(), 0.0, 0.0
        return self._seconds

    def add(self, seconds: float) -> None:
        """Count so many seconds of training; none notes what isn't noted yet.

        Raises:
            StorageError: the disk is full; they count all the same.
        """
        self._seconds = self.seconds + seconds
        unsaved = self._seconds - self._saved
        if unsaved >= SAVE_SECONDS or (unsaved > 0 and not seconds):
            write_json(self._home.trained, {"day": self._day, "seconds": self._seconds})
            self._saved = self._seconds
