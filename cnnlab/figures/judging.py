"""Figures of how a model is judged on one part of its dataset, as Plotly's JSON.

Colour and dash are those of the part: whoever draws them says which.
"""

import math
from collections.abc import Sequence
from typing import Any

from cnnlab.domain.history import thin
from cnnlab.domain.records.judgement import CoveragePoint, Curve, ReliabilityBin
from cnnlab.domain.words import percent
from cnnlab.figures.panels import plain_axis
from cnnlab.figures.study import REFERENCE_COLOR
from cnnlab.figures.traces import MARGIN, MOST_POINTS, SHARE_TICKS, Figure, Style, area, number

_FAINT_COLOR = "rgba(128,138,155,0.35)"
_MOST_FAINT_POINTS = 3000
"""Of all faint curves together: behind the chosen one nobody sees more."""

_LEAST_FAINT_POINTS = 12
_EDGE = 0.02


def roc_figure(
    curves: Sequence[Curve | None], chosen: int, style: Style, mark: tuple[float, float] | None
) -> Figure:
    """True against false positive rate of one class against the rest, the others faint behind.

    Args:
        curves: of all classes; None where one isn't defined.
        chosen: place of the class that is meant.
        style: of the part of the dataset.
        mark: false and true positive rate at the threshold that is looked at.
    """
    diagonal = {
        "type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "layer": "below",
        "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
    }  # fmt: skip
    hover = "from %{customdata:.1%}: %{y:.1%} found, %{x:.1%} false alarms<extra></extra>"
    layout = _square_layout("roc", "false alarms", "found (recall)") | {"shapes": [diagonal]}
    return {"data": _curve_traces(curves, chosen, style, mark, hover), "layout": layout}


def precision_recall_figure(
    curves: Sequence[Curve | None],
    chosen: int,
    style: Style,
    mark: tuple[float, float] | None,
    share: float,
) -> Figure:
    """Precision against recall of one class against the rest, the others faint behind.

    Args:
        curves: of all classes; None where one isn't defined.
        chosen: place of the class that is meant.
        style: of the part of the dataset.
        mark: recall and precision at the threshold that is looked at.
        share: of the images that show the class, 0..1: the precision of guessing.
    """
    guessing = {
        "type": "line", "x0": 0, "y0": number(share), "x1": 1, "y1": number(share),
        "layer": "below", "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
    }  # fmt: skip
    hover = "from %{customdata:.1%}: %{y:.1%} of them right, %{x:.1%} found<extra></extra>"
    layout = _square_layout("precision_recall", "found (recall)", "right (precision)")
    layout["shapes"] = [guessing]
    return {"data": _curve_traces(curves, chosen, style, mark, hover), "layout": layout}


def _curve_traces(
    curves: Sequence[Curve | None],
    chosen: int,
    style: Style,
    mark: tuple[float, float] | None,
    hover: str,
) -> list[dict[str, Any]]:
    others = [curve for at, curve in enumerate(curves) if curve is not None and at != chosen]
    traces = [_faint(others)] if others else []
    own = curves[chosen]
    if own is not None:
        points = thin(range(len(own["x"])), MOST_POINTS)
        traces.append({
            "type": "scatter", "mode": "lines", "showlegend": False,
            "x": [number(own["x"][at]) for at in points],
            "y": [number(own["y"][at]) for at in points],
            "customdata": [number(own["threshold"][at]) for at in points],
            "line": {"color": style.color, "width": 2.5, "dash": style.dash},
            "hovertemplate": hover,
        })  # fmt: skip
    if mark is not None:
        traces.append(_mark(mark, style))
    return traces


def _faint(curves: Sequence[Curve]) -> dict[str, Any]:
    """All of them as one trace with holes between: Plotly takes time for each."""
    each = max(_LEAST_FAINT_POINTS, _MOST_FAINT_POINTS // len(curves))
    x: list[float | None] = []
    y: list[float | None] = []
    for curve in curves:
        points = thin(range(len(curve["x"])), min(each, MOST_POINTS))
        x += [*(number(curve["x"][at]) for at in points), None]
        y += [*(number(curve["y"][at]) for at in points), None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip",
        "showlegend": False, "line": {"color": _FAINT_COLOR, "width": 1},
    }  # fmt: skip


def _mark(place: tuple[float, float], style: Style) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": [number(place[0])], "y": [number(place[1])],
        "showlegend": False, "hoverinfo": "skip", "cliponaxis": False,
        "marker": {"color": style.color, "size": 13, "symbol": "diamond"},
    }  # fmt: skip


def _square_layout(name: str, x: str, y: str) -> dict[str, Any]:
    side = plain_axis() | {"tickformat": SHARE_TICKS, "range": [-_EDGE, 1 + _EDGE], "nticks": 6}
    return {
        "margin": MARGIN, "hovermode": "closest", "uirevision": name, "showlegend": False,
        "xaxis": side | {"title": {"text": x}},
        "yaxis": side | {"title": {"text": y}},
    }  # fmt: skip


def judged_reliability_figure(bins: Sequence[ReliabilityBin], style: Style) -> Figure:
    """How often the model is right against how sure it is, with 95 % intervals.

    On the dotted diagonal a model is as sure as it is right; below it, it is too sure.

    Args:
        bins: of about equally many images; equally sure ones are in one.
        style: of the part of the dataset.
    """
    known = [one for one in bins if one["accuracy"]["value"] is not None]
    shown = [one["accuracy"]["value"] or 0.0 for one in known]
    lows = [one["accuracy"]["low"] or 0.0 for one in known]
    highs = [_or_one(one["accuracy"]["high"]) for one in known]
    dots = {
        "type": "scatter", "mode": "lines+markers", "showlegend": False,
        "x": [number(one["confidence"]) for one in known], "y": [number(at) for at in shown],
        "customdata": [
            [one["images"], number(low), number(high)]
            for one, low, high in zip(known, lows, highs, strict=True)
        ],
        "line": {"color": style.faded(0.45), "width": 1.5, "dash": style.dash},
        "marker": {"color": style.color, "size": 9},
        "error_y": {
            "type": "data", "symmetric": False, "color": style.color, "thickness": 1.5, "width": 5,
            "array": [number(high - at) for at, high in zip(shown, highs, strict=True)],
            "arrayminus": [number(at - low) for at, low in zip(shown, lows, strict=True)],
        },
        "hovertemplate": "%{x:.1%} sure, %{y:.1%} right (%{customdata[1]:.1%} to "
        "%{customdata[2]:.1%}), %{customdata[0]} images<extra></extra>",
    }  # fmt: skip
    lowest = min([*lows, *(one["confidence"] for one in known)], default=0.0)
    begin = max(0.0, math.floor(10 * lowest) / 10)
    side = plain_axis() | {
        "tickformat": SHARE_TICKS,
        "range": [begin - _EDGE, 1 + _EDGE],
        "nticks": 6,
    }
    layout = {
        "margin": MARGIN, "hovermode": "closest", "uirevision": "reliability", "showlegend": False,
        "xaxis": side | {"title": {"text": "how sure it is (confidence)"}},
        "yaxis": side | {"title": {"text": "how often it is right"}},
        "shapes": [{
            "type": "line", "x0": begin, "y0": begin, "x1": 1, "y1": 1, "layer": "below",
            "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
        }],
    }  # fmt: skip
    return {"data": [dots], "layout": layout}


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value


def coverage_figure(
    points: Sequence[CoveragePoint], style: Style, chosen: CoveragePoint | None
) -> Figure:
    """Accuracy on the images that are answered, against the share that is left unanswered.

    Args:
        points: in any order.
        style: of the part of the dataset.
        chosen: the one that is marked.
    """
    known = sorted(
        (one for one in points if one["accuracy"]["value"] is not None),
        key=lambda one: -one["coverage"],
    )
    x = [number(1 - one["coverage"]) for one in known]
    places = [1 - one["coverage"] for one in known]
    lows, highs = ([one["accuracy"][end] for one in known] for end in ("low", "high"))
    curve = {
        "type": "scatter", "mode": "lines", "showlegend": False, "x": x,
        "y": [number(one["accuracy"]["value"]) for one in known],
        "customdata": [
            [number(one["threshold"]), percent(one["accuracy"]["low"]),
             percent(one["accuracy"]["high"])]
            for one in known
        ],
        "line": {"color": style.color, "width": 2.5, "dash": style.dash},
        "hovertemplate": "no answer for %{x:.0%}: %{y:.1%} right (%{customdata[1]} to "
        "%{customdata[2]}); answers from %{customdata[0]:.1%} confidence on<extra></extra>",
    }  # fmt: skip
    traces = [area(places, lows, highs, style), curve]
    if chosen is not None and chosen["accuracy"]["value"] is not None:
        traces.append(_mark((1 - chosen["coverage"], chosen["accuracy"]["value"]), style))
    lowest = min([low for low in lows if low is not None], default=0.0)
    layout = {
        "margin": MARGIN, "hovermode": "closest", "uirevision": "coverage", "showlegend": False,
        "xaxis": plain_axis() | {
            "title": {"text": "images it may leave out, the least sure first"},
            "tickformat": SHARE_TICKS, "range": [-_EDGE, 1 - _EDGE],
        },
        "yaxis": plain_axis() | {
            "title": {"text": "right, of those answered"}, "tickformat": SHARE_TICKS,
            "range": [max(0.0, math.floor(20 * lowest) / 20) - 0.01, 1.01], "nticks": 6,
        },
    }  # fmt: skip
    return {"data": traces, "layout": layout}
