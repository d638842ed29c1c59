"""Names at the ends of curves, where they end and none over another, as Plotly's annotations."""

import html
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cnnlab.figures.readable import in_color_of
from cnnlab.figures.traces import Style, label_of

Ends = tuple[float, float]

_LINE_PX, _LINE_CHARACTERS, _CHARACTER_PX = 16, 22, 7.2
_AROUND_PX = 56
"""Of a figure's height, what lies above and below its axes."""
_BESIDE_PX, _LED_PX = 8, 24
"""From a curve's end to its name; the same where a thin line leads there."""
_UNMOVED_PX = 5
_LEADER_OPACITY = 0.6


def end_labels(
    ends: Sequence[tuple[str, float, float]],
    styles: Mapping[str, Style],
    shown: Ends,
    height: int,
) -> list[dict[str, Any]]:
    """Names at the ends of their curves, as near to them as they can stand without overlapping.

    A thin line leads to a name that had to move.

    Args:
        ends: name, place and value of each curve's last point.
        styles: by name.
        shown: the least and the greatest value on the axis.
        height: of the figure, in px.
    """
    room = max(1, height - _AROUND_PX)
    px_per_unit = room / max(1e-9, shown[1] - shown[0])
    in_order = sorted(ends, key=lambda end: end[2])
    wanted = [(value - shown[0]) * px_per_unit for *_, value in in_order]
    heights = [_LINE_PX * (1 + label_in_lines(name).count("<br>")) for name, *_ in in_order]
    over = _LINE_PX / 2  # half a line may stand beyond the axis, in the figure's margin
    places = spread([at + over for at in wanted], heights, room + 2 * over)
    moved = [round(place - over - at) for place, at in zip(places, wanted, strict=True)]
    is_led = any(abs(shift) > _UNMOVED_PX for shift in moved)
    return [
        {
            "x": epoch,
            "y": value,
            "xref": "x",
            "yref": "y",
            "text": end_label(name, styles[name]),
            "align": "left",
            "xanchor": "left",
            "font": {"color": styles[name].color},
        }
        | _beside(shift, styles[name], is_led=is_led)
        for (name, epoch, value), shift in zip(in_order, moved, strict=True)
    ]


def _beside(shift: int, style: Style, *, is_led: bool) -> dict[str, Any]:
    """How far from its curve's end a name stands, and what leads there."""
    if abs(shift) <= _UNMOVED_PX:
        return {"showarrow": False, "xshift": _LED_PX if is_led else _BESIDE_PX, "yshift": shift}
    return {
        "showarrow": True,
        "ax": _LED_PX,
        "ay": -shift,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": style.faded(_LEADER_OPACITY),
        "standoff": 4,
    }


def end_label(name: str, style: Style) -> str:
    """An arm's name as it stands at the end of its curve."""
    return in_color_of(style, label_in_lines(name))


def label_in_lines(name: str) -> str:
    """An arm's name as Plotly shows it, in lines that fit beside a chart."""
    lines = textwrap.wrap(html.unescape(label_of(name)), _LINE_CHARACTERS)
    return "<br>".join(html.escape(line) for line in lines)


def room_beside(names: Iterable[str]) -> int:
    """What the names at the ends of curves need on the right of a figure, in px."""
    lines = [line for name in names for line in label_in_lines(name).split("<br>")]
    longest = max((len(html.unescape(line)) for line in lines), default=0)
    return _LED_PX + round(_CHARACTER_PX * longest)


def spread(wanted: Sequence[float], heights: Sequence[float], room: float) -> list[float]:
    """Places of labels that would lie upon each other, as near to where they belong as they can be.

    Least squares, by pooling adjacent violators; the presenter's `spread` does the same.

    Args:
        wanted: the middle of each, ascending.
        heights: of each.
        room: all of them lies between 0 and this, if they fit there.
    """
    above = [0.0]
    for lower, upper in zip(heights, heights[1:], strict=False):
        above.append(above[-1] + (lower + upper) / 2)
    blocks: list[list[float]] = []
    for at, offset in zip(wanted, above, strict=False):
        block = [at - offset]
        while blocks and _mean(blocks[-1]) > _mean(block):
            block = blocks.pop() + block
        blocks.append(block)
    starts = [_mean(block) for block in blocks for _ in block]
    lowest = heights[0] / 2 if heights else 0.0
    highest = max(lowest, room - heights[-1] / 2 - above[-1]) if heights else 0.0
    return [
        min(highest, max(lowest, start)) + offset
        for start, offset in zip(starts, above, strict=False)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
