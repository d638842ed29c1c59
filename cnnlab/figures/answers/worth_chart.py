"""Figure of what a change is worth in images, as Plotly's JSON."""

import math
from collections.abc import Sequence
from typing import Any

from cnnlab.figures.panels import LEGEND_ABOVE, hover_of, metric_axis, plain_axis, seed_dots
from cnnlab.figures.readable import in_color_of
from cnnlab.figures.traces import (
    MARGIN,
    Figure,
    Style,
    area,
    in_points,
    label_of,
    line,
    number,
    possible,
)
from cnnlab.study.kinds.worth import Side, SizePoint, Worth, WorthInImages
from cnnlab.study.kinds.worth_wording import worth_label
from cnnlab.study.verdicts import Metric

_LEAST_APART = 0.12
"""Of the axis, between the names of two sizes: closer ones would overlap on a phone."""


def worth_figure(found: WorthInImages, plain: Style, changed: Style, change: str) -> Figure:
    """Both curves over the number of training images, and the distance between them.

    Args:
        found: from `worth_in_images`.
        plain: of the curve without the change.
        changed: of the curve with it.
        change: what the change is called.
    """
    data = _size_traces(found.plain, f"without {change}", plain, found.metric, found.curve)
    data += _size_traces(found.changed, f"with {change}", changed, found.metric)
    if found.headline is not None:
        data += _distance(found.headline, found, changed)
    if found.metric.name == "gap":
        data = in_points(data)
    totals = _apart(sorted({point.total for point in found.plain + found.changed}))
    layout = {
        "margin": MARGIN,
        "hovermode": "closest",
        "uirevision": "worth",
        "showlegend": True,
        "legend": LEGEND_ABOVE,
        "xaxis": plain_axis()
        | {
            "title": {"text": "training images in all"},
            "type": "log",
            "tickvals": totals,
            "ticktext": [str(total) for total in totals],
        },
        "yaxis": metric_axis(found.metric, data),
    }
    if found.headline is not None:
        layout["annotations"] = [_label(found.headline, found, changed)]
    return {"data": data, "layout": layout}


def _size_traces(
    points: Sequence[SizePoint],
    name: str,
    style: Style,
    metric: Metric,
    smooth: Sequence[tuple[float, float]] = (),
) -> list[dict[str, Any]]:
    """Means, intervals and seeds; the line is `smooth` where distances are read off it."""
    totals = [point.total for point in points]
    curve = line(name, totals, [point.mean for point in points], style) | {
        "mode": "markers" if smooth else "lines+markers",
        "marker": {"color": style.color, "size": 8},
        "hovertemplate": f"{label_of(name)}, %{{x}} images: {hover_of(metric)}<extra></extra>",
    }
    bent = [
        line(name, [round(at, 3) for at, _ in smooth], [level for _, level in smooth], style)
        | {"showlegend": False, "hoverinfo": "skip"}
    ] * bool(smooth)
    dots = [(point.total, seed, value) for point in points for seed, value in point.values.items()]
    ends = (
        possible([point.low for point in points], metric.name),
        possible([point.high for point in points], metric.name),
    )
    traces = [area(totals, *ends, style), seed_dots(dots, style, hover_of(metric)), *bent, curve]
    return [trace | {"legendgroup": name} for trace in traces]


def _distance(worth: Worth, found: WorthInImages, style: Style) -> list[dict[str, Any]]:
    """The horizontal line at the level reached with the change, its interval and its name."""
    end = worth.equal or (found.plain[0].total if worth.side is Side.BELOW else found.largest)
    traces = [
        {
            "mode": "lines+markers",
            "x": [worth.total, round(end, 3)],
            "line": {"color": style.color, "width": 2, "dash": "dot"},
            "marker": {"color": style.color, "size": 11, "symbol": ["circle-open", "line-ns-open"]},
        }
    ]
    if worth.low is not None or worth.high is not None:
        ends = [round(worth.low or found.plain[0].total, 3), round(worth.high or found.largest, 3)]
        traces.insert(
            0, {"mode": "lines", "x": ends, "line": {"color": style.faded(0.35), "width": 9}}
        )
    common = {"type": "scatter", "showlegend": False, "hoverinfo": "skip"}
    return [common | trace | {"y": [number(worth.level)] * len(trace["x"])} for trace in traces]


def _apart(totals: list[int]) -> list[int]:
    """The sizes that are named on the logarithmic axis: the ends, and those with room between."""
    span = math.log(totals[-1] / totals[0])
    named, last = totals[:1], totals[-1]
    for total in totals[1:-1]:
        room = min(math.log(total / named[-1]), math.log(last / total))
        if room >= _LEAST_APART * span:
            named.append(total)
    return [*named, last] if span else named


def _label(worth: Worth, found: WorthInImages, style: Style) -> dict[str, Any]:
    """What the distance is called, in the corner that the curves never come to."""
    bottom = found.metric.higher_is_better
    return {
        "text": in_color_of(style, worth_label(worth, found)),
        "xref": "paper",
        "yref": "paper",
        "x": 0.99,
        "y": 0.02 if bottom else 0.98,
        "xanchor": "right",
        "yanchor": "bottom" if bottom else "top",
        "showarrow": False,
        "font": {"color": style.color, "size": 14},
    }
