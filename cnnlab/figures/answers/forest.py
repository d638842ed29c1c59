"""The differences of a study's arms from its reference with their intervals, as Plotly's JSON."""

import html
import math
from collections.abc import Mapping
from typing import Any

from cnnlab.domain.study import Study
from cnnlab.domain.words import exact_percent
from cnnlab.figures.study import REFERENCE_COLOR, arm_styles
from cnnlab.figures.traces import MARGIN, Figure, Style, label_of
from cnnlab.study.rules_wording import ABOUT, margin_words, other_scope
from cnnlab.study.scopes import ScopedInterval
from cnnlab.study.verdicts import Comparison, Verdict
from cnnlab.study.wording import METRICS, Metric

_MARGIN_FILL = "rgba(107,122,144,0.15)"
_SYMBOLS = {
    Verdict.HELPS: "circle",
    Verdict.HURTS: "circle",
    Verdict.NO_DIFFERENCE: "square",
}
"""Filled marks of what is told; the others are hollow."""
_APART, _EDGE, _OTHER_OPACITY = 0.2, 0.07, 0.6


def forest_figure(comparisons: Mapping[str, Comparison], study: Study) -> Figure:
    """A thick bar for each arm: the interval that its verdict rests on; zero is a line.

    The scope that the verdicts aren't about has a thin bar below, where it is known. The band
    around zero is the margin.

    Args:
        comparisons: on the study's primary metric, by arm.
        study: as it was launched.
    """
    metric, styles = METRICS[study.primary], arm_styles(study)
    known = [found for found in comparisons.values() if _has_mean(found)]
    data = [
        trace
        for row, found in enumerate(known)
        for trace in _row(row, found, study, metric, styles[found.arm])
    ]
    margin = metric.scale * study.margin
    layout = {
        "margin": MARGIN,
        "hovermode": "closest",
        "xaxis": {
            "title": {"text": f"difference ({metric.unit})"},
            "range": _range(data, margin),
            "zeroline": False,
        },
        "yaxis": {
            "range": [len(known) - 0.4, -0.6],
            "tickvals": list(range(len(known))),
            "ticktext": [label_of(found.arm) for found in known],
            "showgrid": False,
            "zeroline": False,
        },
        "shapes": _shapes(margin),
        "uirevision": "forest",
    }
    return {"data": data, "layout": layout}


def _has_mean(found: Comparison) -> bool:
    is_reference = found.verdict is Verdict.REFERENCE
    return not is_reference and found.mean is not None and math.isfinite(found.mean)


def _row(
    row: int, found: Comparison, study: Study, metric: Metric, style: Style
) -> list[dict[str, Any]]:
    """The bar of the verdict and, where it is known, that of the other scope."""
    other = found.in_scope(other_scope(study))
    chosen = ScopedInterval(study.about, found.mean, found.low, found.high, found.confidence)
    has_other = other.low is not None and not found.is_open
    place = row - _APART / 2 if has_other else float(row)
    symbol = _SYMBOLS.get(found.verdict) if found.verdict and not found.is_open else None
    marker = {
        "color": style.color if symbol else "rgba(0,0,0,0)",
        "symbol": symbol or "circle",
        "size": 12,
        "line": {"color": style.color, "width": 2.5},
    }
    bars = [_bar(place, found.arm, chosen, metric, style.color, 3.5) | {"marker": marker}]
    if has_other:
        faded = style.faded(_OTHER_OPACITY)
        marker = {"color": faded, "symbol": "line-ns", "size": 9}
        marker["line"] = {"color": faded, "width": 2}
        bars.append(_bar(row + _APART, found.arm, other, metric, faded, 1.5) | {"marker": marker})
    return bars


def _bar(
    place: float, arm: str, found: ScopedInterval, metric: Metric, color: str, thickness: float
) -> dict[str, Any]:
    mean = metric.scale * (found.mean or 0.0)
    low, high = (mean if end is None else metric.scale * end for end in (found.low, found.high))
    shown = f"{label_of(arm)}: %{{x:+.2f}} {metric.unit}"
    if found.confidence is not None:
        shown += (
            f", on {ABOUT[found.scope]} {low:+.2f} to {high:+.2f} "
            f"({html.escape(exact_percent(found.confidence))} interval)"
        )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{label_of(arm)}, on {ABOUT[found.scope]}",
        "x": [mean],
        "y": [place],
        "showlegend": False,
        "error_x": {
            "type": "data",
            "visible": found.low is not None,
            "symmetric": False,
            "array": [high - mean],
            "arrayminus": [mean - low],
            "color": color,
            "thickness": thickness,
            "width": 2 * thickness,
        },
        "hovertemplate": f"{shown}<extra></extra>",
    }


def _range(data: list[dict[str, Any]], margin: float) -> list[float]:
    """All bars and the margin on both sides of zero, with a little room."""
    lows = [trace["x"][0] - trace["error_x"]["arrayminus"][0] for trace in data]
    highs = [trace["x"][0] + trace["error_x"]["array"][0] for trace in data]
    low, high = min([-margin, *lows]), max([margin, *highs])
    edge = _EDGE * (high - low)
    return [low - edge, high + edge]


def _shapes(margin: float) -> list[dict[str, Any]]:
    across = {"y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    band = {"type": "rect", "x0": -margin, "x1": margin, "fillcolor": _MARGIN_FILL}
    zero = {"type": "line", "x0": 0, "x1": 0}
    return [
        across | band | {"line": {"width": 0}},
        across | zero | {"line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"}},
    ]


def forest_key(comparisons: Mapping[str, Comparison], study: Study) -> str:
    """What the marks mean, in words: of as much as is drawn."""
    known = [found for found in comparisons.values() if _has_mean(found)]
    shaded = f"Shaded: differences up to {margin_words(study)}, which count as none."
    if not any(found.low is not None for found in known):
        return f"Marks: mean differences so far, without a verdict. {shaded}"
    other = other_scope(study)
    bars = f"Thick bar: on {ABOUT[study.about]}, which the claim is about"
    if any(found.in_scope(other).low is not None for found in known):
        bars += f"; thin bar: on {ABOUT[other]}"
    marks = "Filled circle: helps or hurts; filled square: no difference; hollow: can't tell."
    return f"{bars}. {marks} {shaded}"
