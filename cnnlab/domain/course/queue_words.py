"""Where a run stands in the queue, in words."""

from dataclasses import dataclass

from cnnlab.domain.words import duration

_MINUTE = 60.0


@dataclass(frozen=True)
class QueuePlace:
    """Where a run stands among all that wait, whichever workspace they are of.

    Attributes:
        place: from 1.
        of: how many wait.
        starts_in_seconds: when it may begin, if as many train at once as now and nobody is moved;
            None where nothing is known.
        held_by: why it waits whatever is free, as a sentence; empty where it doesn't.
    """

    place: int
    of: int
    starts_in_seconds: float | None = None
    held_by: str = ""

    @property
    def words(self) -> str:
        """`3rd of 7 in the queue, about 12 min.`, as far as it is known."""
        if self.held_by:
            return self.held_by
        if self.place == 1:
            where = "Next in the queue"
        else:
            where = f"{ordinal(self.place)} of {self.of:,} in the queue"
        return f"{where}{self._when}."

    @property
    def _when(self) -> str:
        """In whole minutes: who watches should see a time that holds for a while."""
        if self.starts_in_seconds is None:
            return ""
        if self.starts_in_seconds < _MINUTE:
            return ", less than a minute"
        minutes = round(self.starts_in_seconds / _MINUTE)
        return f", about {duration(_MINUTE * minutes)}" if minutes > 1 else ", about a minute"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`, `22nd`."""
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"
