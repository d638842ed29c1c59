"""Figures of what a study's solutions are like: units removed, the loss around and between them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.domain.records.solutions import RemovedFrom, SliceOfRun, StudyLandscape, StudyUnits
from cnnlab.figures.panels import (
    GRID_COLOR,
    axes_of,
    axis_names,
    panel_layout,
    placed,
)
from cnnlab.figures.study import REFERENCE_COLOR
from cnnlab.figures.traces import SHARE_TICKS, Figure, Style, area, label_of, line
from cnnlab.study.measures.bands import Band
from cnnlab.study.measures.landscape import RISE_NATS, line_bands, rise_bands
from cnnlab.study.measures.units import accuracy_bands, removed_from

_REMOVED_TITLES: dict[RemovedFrom, str] = {
    "all": "every layer",
    "last": "last layers",
}
_LEAST_LOSS = 1e-4
"""Below it the colour of a slice doesn't change: its scale is that of logarithms."""
_LEVELS = 12
_RAMP = ((0.0, 0.85), (0.5, 0.3), (1.0, 0.03))
"""Of a slice, from the least loss to the largest: how much of the arm's colour."""


def units_figure(
    found: StudyUnits, styles: Mapping[str, Style], *, columns: int = 2
) -> Figure | None:
    """Accuracy against the share of units removed, a panel for each choice of layers.

    Args:
        found: what was measured.
        styles: of the arms.
        columns: panels side by side; 1 suits a phone.

    Returns:
        None where nothing was measured.
    """
    names = list(removed_from(found))
    if not names:
        return None
    data: list[dict[str, Any]] = []
    for panel, name in enumerate(names):
        for arm, band in accuracy_bands(found, name).items():
            traces = _curve(arm, found["shares"], band, styles[arm], "%{x:.0%} removed: %{y:.1%}")
            data += placed(traces, panel, arm)
    layout = panel_layout([_REMOVED_TITLES[name] for name in names], columns)
    guessing = max(run["guessing"] for run in found["runs"])
    layout |= {"uirevision": "units", "shapes": []}
    for panel in range(len(names)):
        x, y = axis_names(panel)
        layout[x] |= {"tickformat": SHARE_TICKS}
        layout[y] |= {"tickformat": SHARE_TICKS, "range": [0, 1.03]}
        layout["shapes"].append(_level(panel, guessing, found["shares"][-1]))
    return {"data": data, "layout": layout}


def rise_figure(found: StudyLandscape, styles: Mapping[str, Style]) -> Figure | None:
    """How the training loss rises with the distance from a solution; None without any."""
    bands = rise_bands(found)
    if not bands:
        return None
    distances = [0.0, *found["distances"]]
    data = [
        trace
        for arm, band in bands.items()
        for trace in _curve(arm, distances, band, styles[arm], "%{x:.0%} of each filter: +%{y:.3g}")
    ]
    layout = panel_layout(["rise of train cross-entropy (nats)"], 1)
    layout |= {"uirevision": "rises", "shapes": [_level(0, RISE_NATS, distances[-1])]}
    layout["xaxis"] |= {"tickformat": SHARE_TICKS}
    return {"data": data, "layout": layout}


def line_figure(
    found: StudyLandscape, styles: Mapping[str, Style], reference: str, *, columns: int = 2
) -> Figure | None:
    """The loss on the line from the reference's solutions to each arm's; None without any.

    Args:
        found: what was measured.
        styles: of the arms.
        reference: name of the arm that the lines begin at.
        columns: panels side by side; 1 suits a phone.
    """
    parts = {"train": "solid", "validation": "dash"}
    data: list[dict[str, Any]] = []
    for panel, (part, dash) in enumerate(parts.items()):
        for arm, band in line_bands(found, part).items():
            style = Style(styles[arm].color, dash)
            hover = "%{x:.1f}: %{y:.3g} nats"
            data += placed(_curve(arm, found["places"], band, style, hover), panel, arm)
    if not data:
        return None
    layout = panel_layout([f"{part} loss (nats)" for part in parts], columns)
    layout |= {"uirevision": "line", "shapes": []}
    for panel in range(len(parts)):
        x, y = axis_names(panel)
        names = [label_of(reference), "arm"]
        layout[x] |= {"tickvals": [0, 1], "ticktext": names, "range": [-0.5, 1.5]}
        layout[y] |= {"rangemode": "tozero", "showticklabels": True}
        layout["shapes"] += [_upright(panel, place) for place in (0, 1)]
    return {"data": data, "layout": layout}


def slices_figure(
    found: StudyLandscape, styles: Mapping[str, Style], *, columns: int = 3
) -> Figure | None:
    """The training loss on a plane through one solution of each arm, as contours.

    All panels have the same levels; a solution lies at the centre.

    Args:
        found: what was measured.
        styles: of the arms.
        columns: panels side by side; 1 suits a phone.
    """
    slices = found["slices"]
    if not slices:
        return None
    logs = [value for one in slices for row in _logs(one) for value in row if value is not None]
    ends = (min(logs, default=0.0), max(logs, default=1.0))
    data = [
        trace
        for panel, one in enumerate(slices)
        for trace in _contour(one, found["slice_places"], styles[one["arm"]], ends, panel)
    ]
    layout = panel_layout([label_of(one["arm"]) for one in slices], columns)
    layout |= {"uirevision": "slices", "showlegend": False}
    end = round(2 / 3 * found["slice_places"][-1], 2)  # at the very end two panels' would touch
    ticks = [-end, 0, end]
    for panel in range(len(slices)):
        for name in axis_names(panel):
            layout[name] |= {"tickvals": ticks, "tickformat": SHARE_TICKS, "showgrid": False}
    return {"data": data, "layout": layout}


def _curve(
    arm: str, x: Sequence[float], band: Band, style: Style, hover: str
) -> list[dict[str, Any]]:
    """Mean of an arm and its band, as far as there are two seeds."""
    curve = line(arm, x, band.mean, style) | {
        "hovertemplate": f"{label_of(arm)}, {hover}<extra></extra>",
    }
    return [area(x, band.low, band.high, style), curve] if band.seeds > 1 else [curve]


def _level(panel: int, value: float, end: float) -> dict[str, Any]:
    x, y = axes_of(panel)
    return {
        "type": "line", "xref": x, "yref": y, "x0": 0, "x1": end, "y0": value, "y1": value,
        "layer": "below", "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
    }  # fmt: skip


def _upright(panel: int, place: float) -> dict[str, Any]:
    x, y = axes_of(panel)
    return {
        "type": "line", "xref": x, "yref": f"{y} domain", "x0": place, "x1": place, "y0": 0,
        "y1": 1, "layer": "below", "line": {"color": GRID_COLOR, "width": 1.5},
    }  # fmt: skip


def _logs(one: SliceOfRun) -> list[list[float | None]]:
    return [
        [None if value is None else math.log10(max(value, _LEAST_LOSS)) for value in row]
        for row in one["cross_entropy"]
    ]


def _contour(
    one: SliceOfRun,
    places: Sequence[float],
    style: Style,
    ends: tuple[float, float],
    panel: int,
) -> list[dict[str, Any]]:
    """Colour and lines apart: filled contours lie over each other, and none would let through."""
    x, y = axes_of(panel)
    low, high = ends
    shown = [
        ["not finite" if value is None else f"{value:.3g} nats" for value in row]
        for row in one["cross_entropy"]
    ]
    common = {
        "x": list(places), "y": list(places), "z": _logs(one), "xaxis": x, "yaxis": y,
        "zmin": low, "zmax": high, "showscale": False,
    }  # fmt: skip
    colour = common | {
        "type": "heatmap", "zsmooth": "best", "text": shown, "name": label_of(one["arm"]),
        "colorscale": [[at, style.faded(opacity)] for at, opacity in _RAMP],
        "hovertemplate": f"{label_of(one['arm'])}: %{{text}}<extra></extra>",
    }  # fmt: skip
    lines = common | {
        "type": "contour", "hoverinfo": "skip", "line": {"color": style.color, "width": 1.2},
        "contours": {
            "coloring": "none", "start": low, "end": high,
            "size": max(1e-6, (high - low) / _LEVELS),
        },
    }  # fmt: skip
    return [colour, lines]
