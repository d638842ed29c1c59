"""Runs that were chosen in the table, as a CSV with all that is known of each."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from cnnlab.documents.table_file import table_pieces
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.tables.chosen import Chosen
from cnnlab.lab.tables.runs import RUN_COLUMNS, run_rows

_MOST_KEPT = 1_000_000
"""Ids of all choices together: some 10 MB, for most of their texts are in the list of runs too.

Each tick makes a choice anew, so few choices would let one who ticks take the links of another.
"""

_ALONE = 30
"""What a choice takes beside its ids, in the room of so many."""


class _Choices:
    """The latest choices; sessions draw in threads of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._room = 0

    def keep(self, key: str, ids: tuple[str, ...]) -> None:
        """Remember a choice as the latest, and forget the oldest of too many."""
        with self._lock:
            self._room += _room_of(ids) if key not in self._kept else 0
            self._kept[key] = ids
            self._kept.move_to_end(key)
            while self._room > _MOST_KEPT and len(self._kept) > 1:
                self._room -= _room_of(self._kept.popitem(last=False)[1])

    def find(self, key: str) -> tuple[str, ...] | None:
        """The ids of a choice; None where it isn't remembered."""
        with self._lock:
            return self._kept.get(key)


def _room_of(ids: tuple[str, ...]) -> int:
    return len(ids) + _ALONE


_choices = _Choices()


@asks(Action.VIEW)
def keep_choice(ids: Sequence[str]) -> str:
    """A short name for runs, of which an address could name only some hundred.

    The app's process remembers the latest choices; a page that is open makes its own anew.
    """
    key = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:24]
    _choices.keep(key, tuple(ids))
    return key


@asks(Action.VIEW)
def chosen_runs_csv(key: str) -> Iterator[bytes]:
    """The runs of a choice as CSV, in pieces, each read as it is sent.

    What was deleted meanwhile is left out; of what is damaged the column `problem` tells.

    Args:
        key: of `keep_choice`.

    Raises:
        NotFoundError: nobody has chosen it, or the app was started anew since.
    """
    ids = _choices.find(key)
    if ids is None:
        raise NotFoundError(
            "Which runs were meant isn't known any more: choose them again on the Runs page."
        )
    # None of them was named by a user: one that is damaged mustn't keep the others from being told.
    return table_pieces(RUN_COLUMNS, run_rows(Chosen(ids, (), is_everything=True)), "csv")
