"""Figures of runs side by side, as Plotly's JSON: hue is the run, dash is validation.

Each run has a letter, which stands at the end of its curves: a hue alone isn't seen by everybody.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from cnnlab.domain.history import thin
from cnnlab.domain.records.judgement import ReliabilityBin
from cnnlab.domain.records.training import CurveMetric, EpochRecord, WeightMetric, WeightRow
from cnnlab.figures.end_labels import end_labels, room_beside
from cnnlab.figures.panels import LEGEND_ABOVE, plain_axis
from cnnlab.figures.study import (
    ARM_COLORS,
    REFERENCE_COLOR,
    ends_along,
    epoch_axis,
    span_of,
)
from cnnlab.figures.traces import (
    MARGIN,
    MOST_POINTS,
    SHARE_TICKS,
    Figure,
    Style,
    in_points,
    label_of,
    mode_of,
    number,
)
from cnnlab.study.measures.bands import value_of

Along = Literal["epoch", "seconds"]
_VALIDATION = "dash"


class Measure(NamedTuple):
    """What curves show.

    Attributes:
        title: on screen.
        axis: what stands at the axis, with the unit.
        solid: metric of the solid curve.
        dashed: metric of the dashed curve, which is of validation.
        is_share: whether values are said in percent.
    """

    title: str
    axis: str
    solid: CurveMetric
    dashed: CurveMetric | None = None
    is_share: bool = False


MEASURES: dict[str, Measure] = {
    "accuracy": Measure("Accuracy", "accuracy", "clean_accuracy", "val_accuracy", is_share=True),
    "cross_entropy": Measure(
        "Cross-entropy", "cross-entropy (nats)", "clean_cross_entropy", "val_cross_entropy"
    ),
    "gap": Measure("Gap", "clean train minus validation accuracy (points)", "gap", is_share=True),
    "trained_accuracy": Measure(
        "Accuracy as seen in training", "accuracy", "accuracy", is_share=True
    ),
    "loss": Measure("Loss", "loss, penalty included", "loss"),
    "penalty": Measure("Penalty", "L1 and L2 part of the loss", "penalty"),
    "learning_rate": Measure("Learning rate", "learning rate", "learning_rate"),
    "seconds": Measure("Seconds an epoch", "seconds of training", "seconds"),
    "images_per_second": Measure("Images a second", "images a second", "images_per_second"),
    "memorized": Measure(
        "Wrong labels learnt", "of the flipped labels", "memorized", is_share=True
    ),
}
"""By name; those of a run whose records lack it are left out."""


class Overlaid(NamedTuple):
    """A run in a chart: its letter, its name, its style and what it told of its epochs."""

    letter: str
    name: str
    style: Style
    history: Sequence[EpochRecord]


def run_styles(count: int) -> list[Style]:
    """A style for each of so many runs, at most ten."""
    return [Style(color) for color in ARM_COLORS[:count]]


def known_measures(histories: Sequence[Sequence[EpochRecord]]) -> list[str]:
    """Names of those measures of which any run has a number; of no penalty there is no curve."""
    last = [history[-1] for history in histories if history]
    return [
        name
        for name, measure in MEASURES.items()
        if any(math.isfinite(value_of(record, measure.solid)) for record in last)
        and (name != "penalty" or any(record["penalty"] for record in last))
    ]


def overlay_figure(
    runs: Sequence[Overlaid], measure: Measure, along: Along, *, height: int
) -> Figure:
    """The curves of several runs in one chart.

    Args:
        runs: those that are drawn.
        measure: what of them.
        along: epochs, or seconds of training and evaluation since each began.
        height: in px, for the letters at the ends of the curves.
    """
    ended_by = measure.dashed or measure.solid
    data: list[dict[str, Any]] = []
    ends: list[tuple[str, float, float]] = []
    for run in runs:
        if not run.history:
            continue
        places = _places(run.history, along)
        for metric in (measure.solid, measure.dashed):
            if metric is not None:
                trace = _curve(run, metric, places, measure, along)
                data.append(trace | {"showlegend": metric == measure.solid})
        last = value_of(run.history[-1], ended_by)
        if math.isfinite(last):
            ends.append((run.letter, places[-1], last))
    if is_gap := measure.solid == "gap":
        data = in_points(data)
        ends = [(letter, place, 100 * value) for letter, place, value in ends]
    x_axis = (
        epoch_axis(max((len(run.history) for run in runs), default=1))
        if along == "epoch"
        else {"title": {"text": "seconds since it began"}, "range": _seconds_shown(data)}
    )
    y_axis: dict[str, Any] = {"title": {"text": measure.axis}}
    y_axis |= {"tickformat": SHARE_TICKS} if measure.is_share and not is_gap else {}
    styles = {run.letter: run.style for run in runs}
    layout = {
        "margin": MARGIN | {"r": room_beside(styles)}, "hovermode": "closest",
        "uirevision": f"{measure.axis} {along}",
        "annotations": end_labels(ends, styles, _around(span_of(data)), height),
        "xaxis": x_axis, "yaxis": y_axis, "legend": LEGEND_ABOVE, "showlegend": True,
    }  # fmt: skip
    keys = _dash_keys() if measure.dashed and data else []
    return {"data": data + keys, "layout": layout}


def _around(span: tuple[float, float]) -> tuple[float, float]:
    """About the axis that Plotly gives such curves."""
    edge = 0.05 * (span[1] - span[0])
    return span[0] - edge, span[1] + edge


def _legend_name(letter: str, name: str) -> str:
    """A run in a legend: the letter alone would have to be looked up."""
    return f"{letter}: {label_of(name)}"


def _named(letter: str, name: str, style: Style) -> dict[str, Any]:
    """A run in a legend whose curves are all dashed: its hue is what tells it from the others."""
    return _key(_legend_name(letter, name), style.color, "solid") | {"legendgroup": letter}


def _dash_keys() -> list[dict[str, Any]]:
    """What solid and dashed mean, in a legend that names runs by their hues."""
    return [
        _key("solid: clean train", REFERENCE_COLOR, "solid"),
        _key("dashed: validation", REFERENCE_COLOR, _VALIDATION),
    ]


def _key(name: str, color: str, dash: str) -> dict[str, Any]:
    """A line of a legend without a curve of its own."""
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": [None], "y": [None],
        "line": {"color": color, "width": 2, "dash": dash}, "hoverinfo": "skip",
        "showlegend": True,
    }  # fmt: skip


def _places(history: Sequence[EpochRecord], along: Along) -> list[float]:
    if along == "epoch":
        return [record["epoch"] + 1 for record in history]
    places, passed = [], 0.0
    for record in history:
        passed += (record["seconds"] or 0.0) + (record.get("evaluation_seconds") or 0.0)
        places.append(round(passed, 2))
    return places


def _seconds_shown(data: Sequence[Mapping[str, Any]]) -> list[float]:
    places = [place for trace in data for place in trace["x"]] or [0.0, 1.0]
    return ends_along(min(places), max(places))


def _curve(
    run: Overlaid,
    metric: CurveMetric,
    places: Sequence[float],
    measure: Measure,
    along: Along,
) -> dict[str, Any]:
    points = thin(range(len(run.history)), MOST_POINTS)
    is_dashed = metric == measure.dashed
    shown = "%{y:.1%}" if measure.is_share else "%{y:.4g}"
    what = "validation, " if is_dashed else "clean train, " if measure.dashed else ""
    where = "epoch %{x}" if along == "epoch" else "%{x:.1f} s"
    y = [number(value_of(run.history[point], metric)) for point in points]
    x = [places[point] for point in points]
    return {
        "type": "scatter", "name": _legend_name(run.letter, run.name),
        "legendgroup": run.letter,
        "mode": mode_of(x), "x": x, "y": y,
        "line": {
            "color": run.style.color, "width": 2,
            "dash": _VALIDATION if is_dashed else "solid",
        },
        "hovertemplate": f"{run.letter} {label_of(run.name)}<br>{what}{where}: {shown}"
        "<extra></extra>",
    }  # fmt: skip


def reliability_overlay_figure(
    bins: Sequence[tuple[str, str, Style, Sequence[ReliabilityBin]]],
) -> Figure:
    """How often each model is right against how sure it is; on the dotted line both are the same.

    Args:
        bins: letter, name, style and the bins of each run.
    """
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "name": letter,
            "x": [number(one["confidence"]) for one in found],
            "y": [number(one["accuracy"]["value"]) for one in found],
            "customdata": [one["images"] for one in found],
            "line": {"color": style.faded(0.45), "width": 1.5, "dash": _VALIDATION},
            "marker": {"color": style.color, "size": 9},
            "legendgroup": letter, "showlegend": False,
            "hovertemplate": f"{letter} {label_of(name)}<br>%{{x:.1%}} sure, %{{y:.1%}} right, "
            "%{customdata} images<extra></extra>",
        }
        for letter, name, style, found in bins
    ]  # fmt: skip
    dots = [
        _named(letter, name, style)
        | {"mode": "markers", "marker": {"color": style.color, "size": 9}}
        for letter, name, style, _ in bins
    ]
    keys = [*dots, _key("as sure as right", REFERENCE_COLOR, "dot")]
    lowest = min(
        (value for *_, found in bins for one in found
         for value in (one["confidence"], one["accuracy"]["value"] or 0.0)),
        default=0.0,
    )  # fmt: skip
    begin = max(0.0, math.floor(10 * lowest) / 10)
    side = plain_axis() | {"tickformat": SHARE_TICKS, "range": [begin - 0.02, 1.02], "nticks": 6}
    layout = {
        "margin": MARGIN, "hovermode": "closest", "uirevision": "reliability",
        "legend": LEGEND_ABOVE, "showlegend": True,
        "xaxis": side | {"title": {"text": "how sure it is (confidence)"}},
        "yaxis": side | {"title": {"text": "how often it is right"}},
        "shapes": [{
            "type": "line", "x0": begin, "y0": begin, "x1": 1, "y1": 1, "layer": "below",
            "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
        }],
    }  # fmt: skip
    return {"data": data + keys, "layout": layout}


def weights_figure(
    runs: Sequence[tuple[str, str, Style, Sequence[WeightRow]]],
    metric: WeightMetric,
    names: Mapping[str, str],
) -> Figure:
    """Each kernel's norm, or its share of weights near 0, one dot for each run that has it.

    Args:
        runs: letter, name, style and the kernels of each run after the compared epoch.
        metric: what is drawn.
        names: what people call a layer, by its name in the network; others have that name.
    """
    layers = list(dict.fromkeys(row["layer"] for *_, rows in runs for row in rows))
    called = [names.get(layer, layer) for layer in layers]
    if len(set(called)) < len(called):  # two would lie at one place
        called = layers
    shown = "%{y:.1%}" if metric == "near_zero" else "%{y:.4g}"
    data = []
    for letter, name, style, rows in runs:
        by_layer: Mapping[str, float] = {row["layer"]: row[metric] for row in rows}
        data.append({
            "type": "scatter", "mode": "lines+markers", "name": _legend_name(letter, name),
            "x": [label_of(layer) for layer in called],
            "y": [number(by_layer.get(layer)) for layer in layers],
            "line": {"color": style.color, "width": 1.5},
            "marker": {"color": style.color, "size": 8},
            "hovertemplate": f"{letter} {label_of(name)}<br>%{{x}}: {shown}<extra></extra>",
        })  # fmt: skip
    y_axis: dict[str, Any] = {"rangemode": "tozero"}
    if metric == "near_zero":
        y_axis |= {"tickformat": SHARE_TICKS, "title": {"text": "share below 0.001 in magnitude"}}
    else:
        y_axis |= {"title": {"text": "L2 norm"}}
    layout = {
        "margin": MARGIN, "hovermode": "closest", "uirevision": metric, "showlegend": True,
        "legend": LEGEND_ABOVE, "xaxis": {"type": "category", "automargin": True}, "yaxis": y_axis,
    }  # fmt: skip
    return {"data": data, "layout": layout}
