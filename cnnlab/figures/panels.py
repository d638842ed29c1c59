"""Figures of several small panels, as Plotly's JSON.

Plotly themes the first pair of axes only, so the grid of the others is a grey that shows on light
and dark alike.
"""

import math
from collections.abc import Sequence
from typing import Any

from cnnlab.figures.traces import MARGIN, METRIC_LABELS, SHARE_TICKS, Style, accuracy_ends, number
from cnnlab.study.verdicts import Metric

GRID_COLOR = "rgba(128,138,155,0.3)"
LEGEND_ABOVE = {"orientation": "h", "x": 0, "y": 1.03, "yanchor": "bottom"}
_BETWEEN_COLUMNS, _BETWEEN_ROWS, _MOST_BETWEEN = 0.05, 0.16, 0.4


def axes_of(panel: int) -> tuple[str, str]:
    """Names of a panel's axes as a trace gives them; panels count from 0."""
    suffix = "" if panel == 0 else str(panel + 1)
    return f"x{suffix}", f"y{suffix}"


def axis_names(panel: int) -> tuple[str, str]:
    """The same as a layout gives them."""
    x, y = axes_of(panel)
    return x.replace("x", "xaxis"), y.replace("y", "yaxis")


def panel_layout(titles: Sequence[str], columns: int) -> dict[str, Any]:
    """Axes and titles of panels, row by row from the top, with the legend below them.

    Panels side by side share what their vertical axis says: it is labelled at the left only.

    Args:
        titles: one for each panel; not names that users gave, as Plotly takes HTML for markup.
        columns: panels side by side.
    """
    columns = min(columns, len(titles))
    rows = math.ceil(len(titles) / columns)
    width = (1 - _BETWEEN_COLUMNS * (columns - 1)) / columns
    between = min(_BETWEEN_ROWS, _MOST_BETWEEN / rows)
    height = (1 - between * (rows - 1)) / rows
    layout: dict[str, Any] = {
        "margin": MARGIN | {"t": 30},
        "showlegend": True,
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top"},
        "annotations": [],
    }
    for panel, title in enumerate(titles):
        row, column = divmod(panel, columns)
        left, top = column * (width + _BETWEEN_COLUMNS), 1 - row * (height + between)
        (x, y), (x_axis, y_axis) = axes_of(panel), axis_names(panel)
        layout[x_axis] = plain_axis() | {
            "domain": [round(left, 4), round(left + width, 4)],
            "anchor": y,
        }
        layout[y_axis] = plain_axis() | {
            "domain": [round(max(0.0, top - height), 4), round(top, 4)],
            "anchor": x,
            "showticklabels": column == 0,
        }
        layout["annotations"].append(_title(title, left, top))
    return layout


def _title(text: str, left: float, top: float) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": left,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "yshift": 4,
    }


def plain_axis() -> dict[str, Any]:
    """An axis whose grid shows on light and dark, with room for its labels."""
    return {"gridcolor": GRID_COLOR, "linecolor": GRID_COLOR, "zeroline": False, "automargin": True}


def seed_dots(dots: Sequence[tuple[float, int, float]], style: Style, hover: str) -> dict[str, Any]:
    """A dot for each (place, seed, value)."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place for place, *_ in dots],
        "y": [number(value) for *_, value in dots],
        "customdata": [seed for _, seed, _ in dots],
        "marker": {"color": style.faded(0.75), "size": 6},
        "showlegend": False,
        "hovertemplate": f"seed %{{customdata}}: {hover}<extra></extra>",
    }


def hover_of(metric: Metric) -> str:
    """How a value of a metric is shown, in Plotly's format."""
    return "%{y:.1%}" if metric.unit == "points" else "%{y:.3f}"


def metric_axis(metric: Metric, traces: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The axis of a metric.

    Args:
        metric: what is drawn.
        traces: what is drawn against it; that of an accuracy ends at 100 %.
    """
    axis = plain_axis() | {"title": {"text": METRIC_LABELS.get(metric.name, metric.label)}}
    if metric.unit == "points" and metric.name != "gap":  # which is drawn `in_points`
        axis["tickformat"] = SHARE_TICKS
    if metric.name == "val_accuracy" and (ends := accuracy_ends(traces)):
        axis["range"] = ends
    return axis


def placed(traces: Sequence[dict[str, Any]], panel: int, name: str) -> list[dict[str, Any]]:
    """Traces of one arm in one panel: the legend names it once and hides it in all panels."""
    x, y = axes_of(panel)
    return [
        trace
        | {"xaxis": x, "yaxis": y, "legendgroup": name}
        | {"showlegend": trace["showlegend"] and panel == 0}
        for trace in traces
    ]
