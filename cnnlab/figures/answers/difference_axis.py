"""The axis of differences from a reference: where it ends, and which of them lie too far off it."""

import math
from collections.abc import Sequence
from typing import Any

Ends = tuple[float, float]
"""The least and the greatest value that is drawn of one difference."""

_FAR = 3.0
"""Times as far from zero as all others reach, or the margin, is too far to share an axis."""
_MOST_TICKS = 6
_EDGE = 0.05
_ROUNDS = 3


def far_off(rows: Sequence[Ends], margin: float) -> list[int]:
    """Rows that would shrink all others; at most half of them.

    Args:
        rows: what is drawn of each.
        margin: differences up to it don't matter; it is drawn, too.
    """
    by_reach = sorted(range(len(rows)), key=lambda row: max(map(abs, rows[row])))
    for first in range((len(rows) + 1) // 2, len(rows)):
        near, far = by_reach[:first], by_reach[first:]
        reach = max(margin, *(abs(end) for row in near for end in rows[row]))
        if all(_nearest(rows[row]) > _FAR * reach for row in far):
            return sorted(far)
    return []


def _nearest(ends: Ends) -> float:
    """How near to zero an interval comes."""
    low, high = ends
    return 0.0 if low * high <= 0 else min(abs(low), abs(high))


def difference_axis(rows: Sequence[Ends], margin: float) -> dict[str, Any]:
    """From the least to the greatest difference, with the margin and a tick on both sides of zero.

    Args:
        rows: what is drawn of each; there may be none.
        margin: above 0.
    """
    low = min([-margin, *(low for low, _ in rows)])
    high = max([margin, *(high for _, high in rows)])
    for _ in range(_ROUNDS):  # a longer axis may have longer steps
        step = _step((high - low) * (1 + 2 * _EDGE))
        low, high = min(low, -step), max(high, step)
    edge = _EDGE * (high - low)
    return {
        "range": [low - edge, high + edge],
        "nticks": _MOST_TICKS,
        "zeroline": False,
    }


def _step(length: float) -> float:
    """Between two ticks, as Plotly chooses it: 1, 2 or 5 times a power of ten."""
    rough = length / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (2, 5, 10) if factor * power >= rough)
