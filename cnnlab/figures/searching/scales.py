"""Where the values of a searched field lie on an axis from 0 to 1, and what stands beside it."""

import math
from typing import Any

from cnnlab.domain.search import Range
from cnnlab.domain.search_ranges import is_whole
from cnnlab.figures.round_ticks import round_ticks
from cnnlab.searching.setting_words import value_words

OUTSIDE = -0.06
"""Place of what lies below a range, such as a dropout of 0 below one from 0.1."""

_MOST_NAMED, _SHOWN_CHARACTERS = 5, 12


class Scale:
    """The axis of one field.

    Args:
        searched: its range.
    """

    def __init__(self, searched: Range) -> None:
        self._range = searched

    @property
    def field(self) -> str:
        """Dotted name."""
        return self._range.field

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places with what is said there: the choices, or round numbers."""
        choices = self._range.choices
        if choices:
            # Of many only both ends are named: the hover says the others.
            named = choices if len(choices) <= _MOST_NAMED else (choices[0], choices[-1])
            return [(self.place(one), self._said(one)) for one in named]
        values = round_ticks(*self._ends, is_log=self._range.log, is_whole=is_whole(self.field))
        return [(self.place(value), self._said(value)) for value in values]

    def place(self, value: Any) -> float:  # noqa: ANN401 - any JSON value
        """Where a value lies, 0..1; the start setting may lie outside, and stands beside it."""
        choices = self._range.choices
        if choices:
            return choices.index(value) / (len(choices) - 1) if value in choices else OUTSIDE
        if not isinstance(value, int | float) or (self._range.log and value <= 0):
            return OUTSIDE
        scaled, low, high = map(self._scaled, (value, *self._ends))
        return round(min(1 - OUTSIDE, max(OUTSIDE, (scaled - low) / (high - low))), 6)

    @property
    def _ends(self) -> tuple[float, float]:
        low, high = self._range.low, self._range.high
        assert low is not None and high is not None, "a range without choices has both ends"
        return low, high

    def _scaled(self, value: float) -> float:
        return math.log(value) if self._range.log else float(value)

    def _said(self, value: Any) -> str:  # noqa: ANN401 - any JSON value
        said = value_words(self.field, value)
        return said if len(said) <= _SHOWN_CHARACTERS else said[: _SHOWN_CHARACTERS - 1] + "…"
