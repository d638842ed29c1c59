"""Charts of many runs: one number against another, and several beside each other.

A part of a chart that is marked with the mouse stands for ranges of its fields: `Box`.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.history import thin
from cnnlab.figures.number_scale import NumberScale
from cnnlab.figures.palette import VALIDATION
from cnnlab.figures.panels import plain_axis
from cnnlab.figures.parallel_rows import polyline_trace, rows_layout
from cnnlab.figures.traces import Figure, Style

MOST_POINTS, MOST_LINES = 2_000, 400
"""More are not drawn: a browser draws them as elements, one by one."""

_DOT_PX = 7
_OPACITY_OF_ALL, _FAINTEST = 12.0, 0.06
_RUNS = Style(VALIDATION, "solid")
_ROW_REACH = 0.4
"""A marked part counts for a row that it comes this near to."""

Bounds = tuple[float, float]


@dataclass(frozen=True)
class ChartAxis:
    """A field of the runs.

    Attributes:
        label: with its unit.
        values: of every run, as they are said on screen; None where it isn't known.
        may_be_log: whether numbers far apart may be drawn by their logarithms; percentages aren't.
    """

    label: str
    values: Sequence[float | None]
    may_be_log: bool = True

    def scale(self, values: Sequence[float]) -> NumberScale:
        """On which some of its values lie."""
        return NumberScale.of(values, may_be_log=self.may_be_log)


def known_places(axes: Sequence[ChartAxis]) -> list[int]:
    """Places of the runs of which every axis has a number."""
    count = min((len(axis.values) for axis in axes), default=0)
    return [run for run in range(count) if all(axis.values[run] is not None for axis in axes)]


def scatter_figure(x: ChartAxis, y: ChartAxis, names: Sequence[str]) -> Figure | None:
    """A dot for each run; None where no run has both numbers.

    Args:
        x: along the bottom.
        y: along the side.
        names: of the runs.
    """
    places = _drawn((x, y), MOST_POINTS)
    if not places:
        return None
    across, upwards = ([_value(axis, run) for run in places] for axis in (x, y))
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": across,
        "y": upwards,
        "showlegend": False,
        "customdata": [_hover(names[run], (x, y), run) for run in places],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": _RUNS.color, "size": _DOT_PX, "opacity": 0.6},
    }
    layout = {
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "hovermode": "closest",
        "dragmode": "select",
        "selections": [],
        "xaxis": _axis(x, across),
        "yaxis": _axis(y, upwards),
    }
    return {"data": [trace], "layout": layout}


def parallel_runs_figure(axes: Sequence[ChartAxis], names: Sequence[str]) -> Figure | None:
    """A row for each field, a line for each run; None where no run has all numbers.

    Args:
        axes: from the top; at least two.
        names: of the runs.
    """
    places = _drawn(axes, MOST_LINES)
    if not places or len(axes) < 2:
        return None
    scales = axis_scales(axes)
    x: list[float | None] = []
    y: list[float | None] = []
    said: list[str | None] = []
    for run in places:
        x += [
            *(scale.place(_value(axis, run)) for axis, scale in zip(axes, scales, strict=True)),
            None,
        ]
        y += [*(-float(row) for row in range(len(axes))), None]
        said += [*[_hover(names[run], axes, run)] * len(axes), None]
    opacity = max(_FAINTEST, min(0.7, _OPACITY_OF_ALL / len(places)))
    trace = polyline_trace((x, y, said), {"color": _RUNS.faded(round(opacity, 3)), "width": 1.5})
    layout = rows_layout(
        [
            (axis.label, [(scale.place(tick), f"{tick:g}") for tick in scale.ticks])
            for axis, scale in zip(axes, scales, strict=True)
        ]
    )
    layout |= {"showlegend": False, "dragmode": "select", "selections": []}
    del layout["uirevision"]  # what was marked is gone with the runs that it took away
    layout["xaxis"] = layout["xaxis"] | {"fixedrange": False}
    layout["yaxis"] = layout["yaxis"] | {"fixedrange": False}
    return {"data": [trace], "layout": layout}


def axis_scales(axes: Sequence[ChartAxis]) -> list[NumberScale]:
    """The scale of each axis of parallel coordinates; some run has all numbers."""
    places = known_places(axes)
    return [axis.scale([_value(axis, run) for run in places]) for axis in axes]


def marked_in_parallel(axes: Sequence[ChartAxis], box: tuple[Bounds, Bounds]) -> dict[int, Bounds]:
    """The same for `parallel_runs_figure`: for each row that was met its bounds."""
    if not known_places(axes):
        return {}
    (left, right), (bottom, top) = box
    return {
        row: (scale.value(left), scale.value(right))
        for row, scale in enumerate(axis_scales(axes))
        if bottom - _ROW_REACH <= -row <= top + _ROW_REACH
    }


def _drawn(axes: Sequence[ChartAxis], most: int) -> list[int]:
    return thin(known_places(axes), most)


def _value(axis: ChartAxis, run: int) -> float:
    value = axis.values[run]
    assert value is not None, "only runs with all numbers are drawn"
    return value


def _axis(axis: ChartAxis, values: Sequence[float]) -> dict[str, Any]:
    known = [value for value in axis.values if value is not None]
    kind = {"type": "log"} if axis.scale(known).is_log else {}
    title = {"text": html.escape(axis.label), "standoff": 8}
    return plain_axis() | kind | {"title": title, "fixedrange": False}


def _hover(name: str, axes: Sequence[ChartAxis], run: int) -> str:
    numbers = [f"{html.escape(axis.label)}: {_value(axis, run):.4g}" for axis in axes]
    return "<br>".join([f"<b>{html.escape(name)}</b>", *numbers])
