"""Charts: pure functions from data to Plotly figures. Fonts and grid come from the theme."""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import planned_rate
from cnnlab.figures.palette import CLEAN, VALIDATION
from cnnlab.ui.text import plain

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
_STEPS_DRAWN_PER_EPOCH, _MOST_POINTS = 10, 400
_NUMBERED_CLASSES = 16
CONFUSION_COLORS = [
    [0.0, "rgba(196,80,47,0.7)"],
    [0.4999, "rgba(196,80,47,0.1)"],
    [0.5, "rgba(0,0,0,0)"],
    [0.5001, "rgba(32,86,178,0.1)"],
    [1.0, "rgba(32,86,178,0.7)"],
]
"""From all of a class mistaken over nothing to all of it right, in the hues of Judge's matrix; so
pale that the theme's one colour of text is read on all of them, light and dark."""


def confusion_figure(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> go.Figure:
    """Confusion matrix: rows are true classes, columns what they are taken for.

    Blue is right, red a mistake; the stronger, the larger the share of the class, on the scales of
    the matrix on Judge.

    Args:
        confusion: counts, square.
        classes: names in the order of the rows.
    """
    shares = [[count / max(1, sum(row)) for count in row] for row in confusion]
    full = [_label(name, limit=80) for name in classes]
    details = [
        [[true, predicted, *cell] for predicted, *cell in zip(full, row, of, strict=True)]
        for true, row, of in zip(full, confusion, shares, strict=True)
    ]
    heatmap = go.Heatmap(
        z=[
            [_strength(share, at == row) for at, share in enumerate(of)]
            for row, of in enumerate(shares)
        ],
        # Drawn where few classes leave room, told in the table of numbers always.
        text=[[count or "" for count in row] for row in confusion],
        customdata=details,
        zmin=-1,
        zmax=1,
        colorscale=CONFUSION_COLORS,
        showscale=False,
        colorbar={"title": {"text": "images"}},
        xgap=2,
        ygap=2,
        hovertemplate="true %{customdata[0]}<br>taken for %{customdata[1]}<br>"
        "%{customdata[2]} images, %{customdata[3]:.1%} of the class<extra></extra>",
    )
    if len(classes) <= _NUMBERED_CLASSES:
        heatmap.update(texttemplate="%{text}")
    figure = go.Figure(heatmap)
    figure.update_layout(
        margin=_MARGIN,
        xaxis=_class_axis(classes) | {"title": {"text": "taken for", "standoff": 12}},
        yaxis=_class_axis(classes)
        | {"title": {"text": "true class", "standoff": 12}, "autorange": "reversed"},
    )
    return figure


def _strength(share: float, is_right: bool) -> float:
    """Where a cell lies between -1 and 1: mistakes, which are small shares, on a scale of roots."""
    return share if is_right or not share else -math.sqrt(share)


def _class_axis(classes: Sequence[str]) -> dict[str, Any]:
    """One place for each class: names that are alike when shortened stay apart."""
    labels = [_label(name, limit=18) for name in classes]
    axis = {"tickvals": list(range(len(classes))), "ticktext": labels}
    return axis | {"showgrid": False, "zeroline": False}


def _label(name: str, *, limit: int) -> str:
    """A name that Plotly shows as it is: it takes HTML for markup otherwise."""
    return html.escape(plain(name, limit=limit))


def class_counts_figure(classes: Mapping[str, int]) -> go.Figure:
    """Images of each class as horizontal bars."""
    bars = go.Bar(
        x=list(classes.values()),
        y=list(range(len(classes))),
        customdata=[_label(name, limit=80) for name in classes],
        orientation="h",
        text=list(classes.values()),
        textposition="auto",
        marker={"color": CLEAN},
        hovertemplate="%{customdata}: %{x} images<extra></extra>",
    )
    figure = go.Figure(bars)
    figure.update_layout(
        margin=_MARGIN,
        bargap=0.25,
        xaxis={"title": {"text": "images"}},
        yaxis=_class_axis(list(classes)) | {"autorange": "reversed"},
    )
    return figure


def learning_rate_figure(config: RunConfig) -> dict[str, Any]:
    """Learning rate over the epochs of a run, as its schedule plans it, as Plotly's JSON."""
    epochs = config.training.epochs
    per_epoch = max(1, min(_STEPS_DRAWN_PER_EPOCH, _MOST_POINTS // epochs))
    drawn = range(0, epochs * per_epoch, -(-epochs * per_epoch // _MOST_POINTS))
    line = {
        "type": "scatter",
        "x": [step / per_epoch for step in drawn],
        "y": [planned_rate(config, step, steps_per_epoch=per_epoch) for step in drawn],
        "mode": "lines",
        "line": {"color": VALIDATION, "width": 2},
        "hovertemplate": "epoch %{x:.1f}: %{y:.3g}<extra></extra>",
    }
    layout = {
        "margin": _MARGIN,
        "xaxis": {"title": {"text": "epoch"}},
        "yaxis": {"rangemode": "tozero", "exponentformat": "power", "title": {"text": "rate"}},
    }
    return {"data": [line], "layout": layout}
