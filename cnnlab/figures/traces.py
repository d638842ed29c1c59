"""What all figures of a study draw alike, as Plotly's JSON: curves, bands, an arm's own style."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.history import thin
from cnnlab.domain.records.training import ComparedMetric, CurveMetric
from cnnlab.study.measures.bands import Band

Figure = dict[str, Any]
MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
MOST_POINTS = 300
SHARE_TICKS = ".2~%"
"""How Plotly writes a share beside an axis: no two ticks alike, however narrow its span is."""
_SHARE, _POINTS = "%{y:.1%}", "%{y:+.1f} points"
"""How a value of a share is hovered, and of a difference of two."""
_EDGE, _LEAST_EDGE, _OVER = 0.05, 0.005, 0.012
"""Room beyond what is drawn, as a share of its span; the least; what a mark at 100 % needs."""
_SHARES = ("val_accuracy", "clean_accuracy", "memorized", "rescued", "near_zero")
_SIZES = ("val_cross_entropy", "penalty", "norm")
METRIC_LABELS: dict[CurveMetric | ComparedMetric, str] = {
    "val_accuracy": "validation accuracy",
    "val_cross_entropy": "validation cross-entropy (nats)",
    "gap": "gap (points, clean train minus validation)",
    "penalty": "penalty (the L1 and L2 part of the loss)",
    "memorized": "wrong labels learnt by heart",
}


@dataclass(frozen=True)
class Style:
    """How an arm, or a part of a dataset, is drawn in every figure.

    Attributes:
        color: which arm it is.
        dash: `dash` is validation, and nothing else is.
        mark: on its curve, where hues alone don't tell so many arms apart; empty is none.
    """

    color: str
    dash: str = "solid"
    mark: str = ""

    def faded(self, opacity: float) -> str:
        """The colour, let through by so much."""
        red, green, blue = rgb(self.color)
        return f"rgba({red},{green},{blue},{opacity})"


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour as `#rrggbb`, 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def label_of(name: str) -> str:
    """An arm's name as Plotly shows it; it takes HTML for markup otherwise."""
    return html.escape(name if len(name) <= 40 else name[:39] + "…")


def number(value: float | None) -> float | None:
    """A value as JSON has it: None, a hole in the curve, for what isn't finite."""
    return round(value, 6) if value is not None and math.isfinite(value) else None


def in_points(traces: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Traces of a gap of 0..1 in points, as words say differences: a percent sign means a share."""
    drawn = []
    for trace in traces:
        y = [None if value is None else round(100 * value, 4) for value in trace["y"]]
        hover = (
            {"hovertemplate": trace["hovertemplate"].replace(_SHARE, _POINTS)}
            if "hovertemplate" in trace
            else {}
        )
        drawn.append(trace | {"y": y} | hover)
    return drawn


def area(
    x: Sequence[float], low: Sequence[float | None], high: Sequence[float | None], style: Style
) -> dict[str, Any]:
    """The area between two curves; where an end isn't known there is none."""
    known = [
        (at, number(bottom), number(top))
        for at, bottom, top in zip(x, low, high, strict=True)
        if number(bottom) is not None and number(top) is not None
    ]
    places = [at for at, _, _ in known]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": places + places[::-1],
        "y": [top for *_, top in known] + [bottom for _, bottom, _ in known][::-1],
        "fill": "toself",
        "fillcolor": style.faded(0.16),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def possible(values: Sequence[float | None], metric: str) -> list[float | None]:
    """Ends of intervals without what can't be: a share lies in 0..1, a loss or a norm from 0 on."""
    if metric not in _SHARES + _SIZES:
        return list(values)
    most = 1.0 if metric in _SHARES else math.inf
    return [None if value is None else min(most, max(0.0, value)) for value in values]


def accuracy_ends(traces: Sequence[dict[str, Any]]) -> list[float] | None:
    """Ends of an axis for accuracies: at most 100 % and the half of a mark; None without any."""
    values = [value for trace in traces for value in trace["y"] if value is not None]
    if not values:
        return None
    low, high = min(values), min(1.0, max(values))
    edge = max(_LEAST_EDGE, _EDGE * (high - low))
    return [max(-_OVER, low - edge), min(1 + _OVER, high + edge)]


def mode_of(x: Sequence[float]) -> str:
    """How a curve is drawn: one point alone makes no line, so it gets a marker."""
    return "lines+markers" if len(x) == 1 else "lines"


def line(name: str, x: Sequence[float], y: Sequence[float], style: Style) -> dict[str, Any]:
    """An arm's curve, named in the legend."""
    return {
        "type": "scatter",
        "mode": "lines+markers" if style.mark else mode_of(x),
        "name": label_of(name),
        "x": list(x),
        "y": [number(value) for value in y],
        "showlegend": True,
        "line": {"color": style.color, "width": 2.5, "dash": style.dash},
    } | ({"marker": _few_marks(style)} if style.mark else {})


def _few_marks(style: Style) -> dict[str, Any]:
    return {"symbol": style.mark, "size": 8, "color": style.color, "maxdisplayed": 8}


def band_traces(
    name: str,
    found: Band,
    style: Style,
    hover: str,
    metric: str = "",
) -> list[dict[str, Any]]:
    """Mean curve over the epochs and its 95 % band.

    Args:
        name: of the arm.
        found: of the metric that is drawn.
        style: of the arm.
        hover: how a value is shown, in Plotly's format.
        metric: its name; the band ends where its values do, such as at 0 and 100 %.
    """
    points = thin(range(len(found.epochs)), MOST_POINTS)
    epochs = [found.epochs[point] + 1 for point in points]
    curve = line(name, epochs, [found.mean[point] for point in points], style)
    curve["hovertemplate"] = f"{label_of(name)}, epoch %{{x}}: {hover}<extra></extra>"
    if found.seeds < 2:
        return [curve]
    low, high = (
        possible([ends[point] for point in points], metric) for ends in (found.low, found.high)
    )
    return [area(epochs, low, high, style), curve]
