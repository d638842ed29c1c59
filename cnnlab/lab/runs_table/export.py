"""Runs that were chosen in the table, as a CSV with all that is known of each."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from cnnlab.documents.table_file import table_pieces
from cnnlab.domain.errors import NotFoundError
from cnnlab.lab.tables.chosen import Chosen
from cnnlab.lab.tables.runs import RUN_COLUMNS, run_rows

_MOST_CHOICES = 100
_choices: OrderedDict[str, tuple[str, ...]] = OrderedDict()


def keep_choice(ids: Sequence[str]) -> str:
    """A short name for runs, of which an address could name only some hundred.

    The app's process remembers the latest choices; a page that is open makes its own anew.
    """
    key = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:24]
    _choices[key] = tuple(ids)
    _choices.move_to_end(key)
    while len(_choices) > _MOST_CHOICES:
        _choices.popitem(last=False)
    return key


def chosen_runs_csv(key: str) -> Iterator[bytes]:
    """The runs of a choice as CSV, in pieces, each read as it is sent.

    What was deleted meanwhile is left out; of what is damaged the column `problem` tells.

    Args:
        key: of `keep_choice`.

    Raises:
        NotFoundError: nobody has chosen it, or the app was started anew since.
    """
    ids = _choices.get(key)
    if ids is None:
        raise NotFoundError(
            "Which runs were meant isn't known any more: choose them again on the Runs page."
        )
    # None of them was named by a user: one that is damaged mustn't keep the others from being told.
    return table_pieces(RUN_COLUMNS, run_rows(Chosen(ids, (), is_everything=True)), "csv")
