"""Parallel coordinates as rows below each other, so that they fit a phone.

They are lines of our own: Plotly's need a way to make programs of texts, which our pages forbid
every script.
"""

import html
import textwrap
from collections.abc import Sequence
from typing import Any

from cnnlab.figures.panels import LEGEND_ABOVE

ROW_PX, AROUND_PX = 54, 44
"""Height of a row, and of what is above and below them all."""

Polyline = tuple[list[float | None], list[float | None], list[str | None]]
"""Places along the rows, the rows, and what is said at each point."""

_ROW_COLOR = "#6b7a90"
_TICK_SHIFT_PX, _LABEL_CHARACTERS = -11, 14


def polyline_trace(drawn: Polyline, line: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Lines over the rows, each from top to bottom.

    Args:
        drawn: a None between two lines.
        line: how they are drawn.
        name: in the legend; empty leaves them out there.
    """
    x, y, said = drawn
    return {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": y, "customdata": said,
        "line": line, "marker": {"color": line["color"], "size": 4 if not name else 7},
        "showlegend": bool(name), "hovertemplate": "%{customdata}<extra></extra>",
    } | ({"name": name} if name else {})  # fmt: skip


def rows_layout(rows: Sequence[tuple[str, Sequence[tuple[float, str]]]]) -> dict[str, Any]:
    """A horizontal line for each row, its label at the left and its ticks below."""
    annotations = []
    for row, (_, ticks) in enumerate(rows):
        for place, text in ticks:
            side = "left" if place <= 0 else "right" if place >= 1 else "center"
            annotations.append(
                {
                    "x": place,
                    "y": -row,
                    "text": html.escape(text),
                    "showarrow": False,
                    "xanchor": side,
                    "yanchor": "middle",
                    "yshift": _TICK_SHIFT_PX,
                    "font": {"size": 11},
                }
            )
    hidden = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True}
    line = {"color": _ROW_COLOR, "width": 1}
    return {
        "margin": {"l": 8, "r": 12, "t": 28, "b": 4},
        "hovermode": "closest",
        "showlegend": True,
        "legend": LEGEND_ABOVE | {"y": 1.0},
        "uirevision": "parallel",
        "xaxis": hidden | {"range": [-0.09, 1.02], "showticklabels": False},
        "yaxis": hidden
        | {
            "range": [-len(rows) + 0.45, 0.4],
            "automargin": True,
            "ticks": "",
            "tickvals": [-row for row in range(len(rows))],
            "ticktext": [_label(label) for label, _ in rows],
        },
        "annotations": annotations,
        "shapes": [
            {
                "type": "line",
                "layer": "below",
                "line": line,
                "x0": 0,
                "x1": 1,
                "y0": -row,
                "y1": -row,
            }
            for row in range(len(rows))
        ],
    }


def _label(text: str) -> str:
    """In lines short enough for a phone."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(text, _LABEL_CHARACTERS))
