"""How much each searched field mattered, as a worker found it."""

from typing import TypedDict


class FieldShare(TypedDict):
    """What one field alone explains of the differences between trials.

    Attributes:
        share: of the variance of the objective over the searched ranges, 0..1.
        low: of the 90 % interval of it over trials drawn anew, 0..1.
        high: likewise.
    """

    share: float
    low: float
    high: float


class SearchImportance(TypedDict):
    """The shares of all searched fields; what they don't sum up to, fields explain together.

    Attributes:
        trials: how many complete ones they rest on.
        fields: by dotted name.
    """

    trials: int
    fields: dict[str, FieldShare]
