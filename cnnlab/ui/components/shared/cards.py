"""How the values of a table's columns stand in the cards of a phone."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cnnlab.domain.words import UNKNOWN

Card = Literal["half", "whole", "above"]
"""Where a column's values stand: two on a line, on a line of their own, or, where all cards would
say the same, once above them."""

_HALF = 28
"""Characters, label and value together, that half of a card is wide enough for."""

_DRAWN = ("bar", "curve", "picture")


class CardColumn(NamedTuple):
    """A column beside the one that names the rows.

    Attributes:
        label: above it.
        kind: how its cells are drawn; what is `compared` with its neighbours stays in the cards
            though all say the same, on a line of its own, below the one and above the other.
        texts: of its cells, from the top; of what is drawn without words none.
    """

    label: str
    kind: str
    texts: Sequence[str]


def card_places(columns: Sequence[CardColumn]) -> list[Card]:
    """Where the values of each column stand; of all rows, so that cards are alike."""
    return [_place(column) for column in columns]


def _place(column: CardColumn) -> Card:
    if column.kind in ("picture", "compared"):
        return "whole"
    if column.kind not in _DRAWN and len(column.texts) > 1 and len(set(column.texts)) == 1:
        return "above"
    longest = max((len(text) for text in column.texts), default=0)
    return "half" if len(column.label) + 1 + longest <= _HALF else "whole"


def words_above(columns: Sequence[CardColumn]) -> str:
    """What all cards share, as text; empty where there is nothing to say."""
    said = [
        f"{column.label} {column.texts[0]}"
        for column, place in zip(columns, card_places(columns), strict=True)
        if place == "above" and column.texts[0] not in ("", UNKNOWN)
    ]
    return f"All {len(columns[0].texts):,}: {' · '.join(said)}" if said else ""
