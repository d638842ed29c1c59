"""Figures of what a study shows beyond its curves, as Plotly's JSON.

Each is None where the runs didn't measure it, as runs of earlier versions didn't.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.domain.records.training import CurveMetric
from cnnlab.domain.words import percent
from cnnlab.figures.answers.worth_chart import worth_figure
from cnnlab.figures.panels import (
    LEGEND_ABOVE,
    axis_names,
    hover_of,
    metric_axis,
    panel_layout,
    placed,
    plain_axis,
    seed_dots,
)
from cnnlab.figures.study import REFERENCE_COLOR
from cnnlab.figures.traces import (
    MARGIN,
    SHARE_TICKS,
    Figure,
    Style,
    area,
    band_traces,
    in_points,
    label_of,
    line,
    possible,
)
from cnnlab.study.kinds.doses import DoseResponse
from cnnlab.study.measures.bands import Histories, Rows, band
from cnnlab.study.measures.measured import (
    Evaluations,
    Strength,
    calibration_of,
    layer_histories,
    memorization_histories,
    robustness_of,
)

__all__ = [
    "dose_figure",
    "memorization_figure",
    "reliability_figure",
    "robustness_figure",
    "weights_figure",
    "worth_figure",
]

_TOO_MUCH_FILL = "rgba(214,69,80,0.13)"
_LEAST_DOT_PX, _MOST_DOT_PX = 5, 22
_PERCENT = "%{y:.1%}"


def dose_figure(found: DoseResponse, style: Style) -> Figure:
    """The mean and 95 % band at each strength, a dot per seed, the too-much side shaded.

    Strengths stand side by side at equal distances: they often span powers of ten, and 0.

    Args:
        found: from `dose_response`.
        style: of the curve.
    """
    doses, places = found.doses, list(range(len(found.doses)))
    names = [found.turned.shown(dose.strength) for dose in doses]
    shown = hover_of(found.metric)
    curve = line(found.turned.label, places, [dose.mean for dose in doses], style)
    curve |= {
        "mode": "lines+markers",
        "showlegend": False,
        "customdata": names,
        "marker": {
            "size": [15 if dose is found.best else 8 for dose in doses],
            "symbol": ["star" if dose is found.best else "circle" for dose in doses],
            "color": style.color,
        },
        "hovertemplate": f"%{{customdata}}: {shown} on average<extra></extra>",
    }
    ends = (
        possible([dose.low for dose in doses], found.metric.name),
        possible([dose.high for dose in doses], found.metric.name),
    )
    band_area = area(places, *ends, style)
    dots = [(place, seed, value) for place in places for seed, value in doses[place].values.items()]
    data = [band_area, seed_dots(dots, style, shown), curve]
    if found.metric.name == "gap":
        data = in_points(data)
    layout = {
        "margin": MARGIN | {"t": 24},
        "hovermode": "closest",
        "uirevision": "dose",
        "xaxis": plain_axis()
        | {
            "title": {"text": found.turned.label},
            "tickvals": places,
            "ticktext": names,
            "range": [-0.4, len(doses) - 0.6],
        },
        "yaxis": metric_axis(found.metric, data),
    }
    if found.too_much is not None:
        layout |= _too_much([dose.strength for dose in doses].index(found.too_much), len(doses))
    return {"data": data, "layout": layout}


def _too_much(first: int, count: int) -> dict[str, Any]:
    return {
        "shapes": [{
            "type": "rect", "x0": first - 0.5, "x1": count - 0.5, "y0": 0, "y1": 1,
            "yref": "paper", "fillcolor": _TOO_MUCH_FILL, "line": {"width": 0}, "layer": "below",
        }],
        "annotations": [{
            "text": "too much", "x": count - 0.65, "y": 1, "yref": "paper", "xanchor": "right",
            "yanchor": "bottom", "showarrow": False,
        }],
    }  # fmt: skip


def robustness_figure(
    evaluations: Mapping[str, Evaluations], styles: Mapping[str, Style], *, columns: int = 3
) -> Figure | None:
    """Accuracy against strength, a panel for each distortion: mean of each arm and its range.

    Args:
        evaluations: by arm and seed, of the arms to be drawn.
        styles: of the arms.
        columns: panels side by side; 2 suits a phone.
    """
    found = {name: robustness_of(of_arm) for name, of_arm in evaluations.items()}
    kinds = list(dict.fromkeys(kind for of_arm in found.values() for kind in of_arm))
    if not kinds:
        return None
    data = [
        trace
        for panel, kind in enumerate(kinds)
        for name, of_arm in found.items()
        for trace in placed(_strength_traces(name, of_arm.get(kind, []), styles[name]), panel, name)
    ]
    drawn = {
        kind: [row for of_arm in found.values() for row in of_arm.get(kind, [])] for kind in kinds
    }
    layout = panel_layout([f"{kind}, {drawn[kind][0].unit}" for kind in kinds], columns)
    layout["uirevision"] = "robustness"
    for panel, kind in enumerate(kinds):
        x, y = axis_names(panel)
        layout[x]["tickvals"] = sorted({row.strength for row in drawn[kind]})
        layout[y] |= {"tickformat": SHARE_TICKS, "range": [0, 1.03], "nticks": 6}
    return {"data": data, "layout": layout}


def _strength_traces(
    name: str, strengths: Sequence[Strength], style: Style
) -> list[dict[str, Any]]:
    x = [strength.strength for strength in strengths]
    curve = line(name, x, [strength.mean for strength in strengths], style) | {
        "mode": "lines+markers", "marker": {"color": style.color, "size": 7},
        "customdata": [strength.shown for strength in strengths],
        "hovertemplate": f"{label_of(name)}, %{{customdata}}: {_PERCENT}<extra></extra>",
    }  # fmt: skip
    low = [min(strength.values.values()) for strength in strengths]
    high = [max(strength.values.values()) for strength in strengths]
    return [area(x, low, high, style), curve]


def reliability_figure(
    evaluations: Mapping[str, Evaluations], styles: Mapping[str, Style]
) -> Figure | None:
    """Accuracy against confidence of each arm; on the diagonal a model is as sure as it is right.

    Args:
        evaluations: by arm and seed, of the arms to be drawn.
        styles: of the arms.
    """
    found = {name: calibration_of(of_arm) for name, of_arm in evaluations.items()}
    known = {name: measured for name, measured in found.items() if measured is not None}
    if not known:
        return None
    most = max(bin.images for measured in known.values() for bin in measured.bins)
    data: list[dict[str, Any]] = []
    for name, measured in known.items():
        bins, style = measured.bins, styles[name]
        curve = line(name, [bin.confidence for bin in bins], [bin.accuracy for bin in bins], style)
        data.append(curve | {
            "mode": "lines+markers", "name": f"{label_of(name)}: ECE {percent(measured.error)}",
            "customdata": [bin.images for bin in bins],
            "line": {"color": style.color, "width": 1.5, "dash": style.dash},
            "marker": {
                "color": style.color, "opacity": 0.8, "line": {"width": 0},
                "size": [_dot_px(bin.images, most) for bin in bins],
            },
            "hovertemplate": f"{label_of(name)}: %{{x:.1%}} sure, {_PERCENT} right, "
            "%{customdata} predictions<extra></extra>",
        })  # fmt: skip
    return {"data": data, "layout": _reliability_layout()}


def _dot_px(images: int, most: int) -> float:
    """Diameter of a dot whose area goes with the images."""
    return round(max(_LEAST_DOT_PX, _MOST_DOT_PX * math.sqrt(images / most)), 1)


def _reliability_layout() -> dict[str, Any]:
    side = plain_axis() | {"tickformat": SHARE_TICKS, "range": [0, 1.06]}
    return {
        "margin": MARGIN, "hovermode": "closest", "uirevision": "reliability", "showlegend": True,
        "legend": LEGEND_ABOVE,
        "xaxis": side | {"title": {"text": "confidence"}},
        "yaxis": side | {"title": {"text": "accuracy"}},
        "shapes": [{
            "type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "layer": "below",
            "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
        }],
    }  # fmt: skip


def weights_figure(
    histories: Mapping[str, Histories], styles: Mapping[str, Style], layer: str
) -> Figure | None:
    """Norm and share near zero of one layer's weights over the epochs, a curve for each arm.

    Args:
        histories: epoch records by arm and seed, of the arms to be drawn.
        styles: of the arms.
        layer: one of `weight_layers`.
    """
    rows = {name: layer_histories(of_arm, layer) for name, of_arm in histories.items()}
    titles: dict[CurveMetric, str] = {
        "norm": "norm (L2), after each epoch",
        "near_zero": "share near zero",
    }
    figure = _over_epochs(rows, styles, titles, {"norm": "%{y:.3g}", "near_zero": _PERCENT})
    if figure is not None:
        figure["layout"]["uirevision"] = f"weights {layer}"
        figure["layout"]["yaxis"] |= {"rangemode": "tozero"}
        figure["layout"]["yaxis2"] |= {"tickformat": SHARE_TICKS, "rangemode": "tozero"}
    return figure


def memorization_figure(
    histories: Mapping[str, Histories], styles: Mapping[str, Style]
) -> Figure | None:
    """What becomes of wrongly labelled training images, over the epochs; None without any.

    Args:
        histories: epoch records by arm and seed, of the arms to be drawn.
        styles: of the arms.
    """
    known = {name: memorization_histories(of_arm) for name, of_arm in histories.items()}
    titles: dict[CurveMetric, str] = {
        "memorized": "wrong label said, after each epoch",
        "rescued": "true label said",
    }
    figure = _over_epochs(known, styles, titles, dict.fromkeys(titles, _PERCENT))
    if figure is not None:
        figure["layout"]["uirevision"] = "memorization"
        for axis in ("yaxis", "yaxis2"):
            figure["layout"][axis] |= {"tickformat": SHARE_TICKS, "range": [0, 1.03]}
    return figure


def _over_epochs(
    histories: Mapping[str, Rows],
    styles: Mapping[str, Style],
    titles: Mapping[CurveMetric, str],
    shown: Mapping[CurveMetric, str],
) -> Figure | None:
    """A panel for each metric, one below the other, with all arms in each."""
    data: list[dict[str, Any]] = []
    for panel, metric in enumerate(titles):
        for name, of_arm in histories.items():
            found = band(of_arm, metric)
            if found.epochs:
                traces = band_traces(name, found, styles[name], shown[metric], metric)
                data += placed(traces, panel, name)
    if not data:
        return None
    layout = panel_layout(list(titles.values()), 1)
    return {"data": data, "layout": layout}
