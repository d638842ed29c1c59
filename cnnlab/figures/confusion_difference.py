"""What one model confuses more than another, as Plotly's JSON."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab.figures.traces import MARGIN, Figure, label_of

MOST_CLASSES = 30
"""More aren't drawn at once: those that differ most are."""

_NUMBERED = 16
_COLORS = [
    [0.0, "rgba(196,80,47,0.8)"],
    [0.5, "rgba(128,138,155,0.08)"],
    [1.0, "rgba(47,111,208,0.8)"],
]
"""From worse to better: red is taken for another class more often, blue is right more often."""


def most_different(difference: np.ndarray) -> np.ndarray:
    """Labels of the classes to draw, in their order: all, or those whose counts differ most.

    Args:
        difference: (classes, classes) int, counts of the second minus those of the first.
    """
    moved = np.abs(difference)
    total = moved.sum(axis=0) + moved.sum(axis=1)
    chosen: np.ndarray = np.sort(np.argsort(-total, kind="stable")[:MOST_CLASSES])
    return chosen


def confusion_difference_figure(
    difference: np.ndarray, classes: Sequence[str], letters: tuple[str, str]
) -> Figure:
    """Counts of the second model minus those of the first; a row is a true class.

    Blue is better in the second (more right, fewer wrong), red is worse.

    Args:
        difference: (classes, classes) int.
        classes: names by label.
        letters: of the first and the second model.
    """
    shown = most_different(difference)
    part = difference[np.ix_(shown, shown)]
    better = np.where(np.eye(len(shown), dtype=bool), part, -part)
    most = max(1, int(np.abs(part).max(initial=0)))
    names = [label_of(classes[label]) for label in shown]
    signs = [
        [f"{value:+d}".replace("-", "−") if value else "" for value in row] for row in part.tolist()
    ]
    first, second = letters
    heatmap = {
        "type": "heatmap", "z": better.tolist(), "zmin": -most, "zmax": most,
        "colorscale": _COLORS, "showscale": False, "xgap": 2, "ygap": 2, "text": signs,
        "colorbar": {"title": {"text": f"images, {second} minus {first}"}},
        "customdata": [
            [[true, said, sign or "0"] for said, sign in zip(names, row, strict=True)]
            for true, row in zip(names, signs, strict=True)
        ],
        "hovertemplate": "true %{customdata[0]}<br>taken for %{customdata[1]}<br>"
        f"{second} minus {first}: %{{customdata[2]}} images<extra></extra>",
    }  # fmt: skip
    if len(shown) <= _NUMBERED:
        heatmap |= {"texttemplate": "%{text}"}
    axis: dict[str, Any] = {
        "tickvals": list(range(len(shown))), "showgrid": False, "zeroline": False,
        "ticktext": [_short(classes[label]) for label in shown], "automargin": True,
    }  # fmt: skip
    layout = {
        "margin": MARGIN,
        "xaxis": axis | {"title": {"text": "taken for", "standoff": 12}},
        "yaxis": axis | {"title": {"text": "true class", "standoff": 12}, "autorange": "reversed"},
    }
    return {"data": [heatmap], "layout": layout}


def _short(name: str) -> str:
    return label_of(name if len(name) <= 18 else f"{name[:17]}…")
