"""Figures of what a claim rests on, as Plotly's JSON: a dot for each seed, and their interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.records.training import CurveMetric
from cnnlab.figures.panels import LEGEND_ABOVE, plain_axis
from cnnlab.figures.readable import in_color_of
from cnnlab.figures.study import REFERENCE_COLOR, epoch_axis
from cnnlab.figures.traces import (
    MARGIN,
    SHARE_TICKS,
    Figure,
    Style,
    band_traces,
    in_points,
    label_of,
    line,
    number,
)
from cnnlab.study.chance.claims import JudgedClaim
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.measures.bands import Rows, band, curve

ROW_PX, AROUND_PX = 56, 90
"""Height of a figure of claims for each of its rows, and around them."""

_SEED_OPACITY = 0.45
_SHOWN = 2.0


@dataclass(frozen=True)
class ClaimRow:
    """One row of a figure of claims.

    Attributes:
        name: of the arm.
        values: by seed.
        claim: what they say.
        style: of the arm.
    """

    name: str
    values: Mapping[int, float]
    claim: JudgedClaim
    style: Style


def claims_figure(
    rows: Sequence[ClaimRow], axis: str, *, scale: float = 1, unit: str = ""
) -> Figure:
    """A dot for each seed, its mean and interval in each row; zero is a line.

    Args:
        rows: from the top.
        axis: what the numbers are.
        scale: units in 1 of them.
        unit: what the figure counts them in.
    """
    data: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        data += _row(place, row, scale, f" {unit}" if unit else "")
    layout = {
        "margin": MARGIN,
        "hovermode": "closest",
        "uirevision": "claims",
        "showlegend": False,
        "xaxis": plain_axis() | {"title": {"text": axis}},
        "yaxis": plain_axis()
        | {
            "range": [len(rows) - 0.4, -0.6],
            "tickvals": list(range(len(rows))),
            "ticktext": [label_of(row.name) for row in rows],
            "showgrid": False,
        },
        "shapes": [
            {
                "type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper",
                "layer": "below", "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
            }
        ],
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _row(place: int, row: ClaimRow, scale: float, unit: str) -> list[dict[str, Any]]:
    common = {"type": "scatter", "showlegend": False}
    shown = f"%{{x:+.3g}}{unit}<extra></extra>"
    values = [number(scale * value) for value in row.values.values()]
    dots = common | {
        "mode": "markers",
        "x": values,
        "y": [place + 0.16] * len(values),
        "customdata": list(row.values),
        "marker": {"color": row.style.faded(_SEED_OPACITY), "size": 8},
        "hovertemplate": f"{label_of(row.name)}, seed %{{customdata}}: {shown}",
    }
    claim = row.claim
    if claim.mean is None:
        return [dots]
    ends = [scale * (claim.mean if end is None else end) for end in (claim.low, claim.high)]
    bar = common | {
        "mode": "lines",
        "x": list(map(number, ends)),
        "y": [place - 0.1] * 2,
        "line": {"color": row.style.color, "width": 4},
        "hoverinfo": "skip",
    }
    mean = common | {
        "mode": "markers",
        "x": [number(scale * claim.mean)],
        "y": [place - 0.1],
        "marker": {"color": row.style.color, "size": 12},
        "hovertemplate": f"{label_of(row.name)}, mean: {shown}",
    }
    return [dots, bar, mean]


def courses_figure(
    histories: Mapping[str, Rows],
    styles: Mapping[str, Style],
    *,
    epochs: int,
    guessing: float,
) -> Figure:
    """The training loss of every seed of every arm, the arms named in a legend.

    Args:
        histories: records by arm and seed.
        styles: of the arms.
        epochs: end of the axis.
        guessing: the height that is marked with this name; the axis ends at twice that, and curves
            may leave it.
    """
    data = [
        line(name, range(1, len(records) + 1), curve(records, "cross_entropy"), styles[name])
        | {
            "showlegend": first,
            "legendgroup": name,
            "line": {"color": styles[name].color, "width": 1.6, "dash": styles[name].dash},
            "hovertemplate": f"{label_of(name)}, seed {seed}, epoch %{{x}}: %{{y:.3g}}"
            "<extra></extra>",
        }
        for name, of_arm in histories.items()
        for first, (seed, records) in _numbered(of_arm)
    ]
    layout = _over_epochs(epochs, "training loss (nats)") | {"uirevision": "courses"}
    layout["yaxis"] |= {"range": [0, _SHOWN * guessing]}
    return {"data": data, "layout": layout | _level(guessing, "guessing")}


def _numbered(of_arm: Rows) -> list[tuple[bool, tuple[int, Sequence[Mapping[str, object]]]]]:
    """Seeds that have begun, each with whether it is the first."""
    begun = [(seed, records) for seed, records in of_arm.items() if records]
    return [(not place, found) for place, found in enumerate(begun)]


def means_figure(
    histories: Mapping[str, Rows],
    metric: CurveMetric,
    styles: Mapping[str, Style],
    axis: str,
    *,
    epochs: int,
    is_share: bool = False,
) -> Figure:
    """Mean and 95 % band of each arm over the epochs, the arms named in a legend.

    Below three seeds there is no band: it would be as wide as the chart.

    Args:
        histories: records by arm and seed.
        metric: what of them.
        styles: of the arms.
        axis: what the vertical axis shows.
        epochs: end of the axis.
        is_share: whether it is drawn in percent, a gap in points.
    """
    data: list[dict[str, Any]] = []
    shown = "%{y:.1%}" if is_share else "%{y:.3g}"
    for name, of_arm in histories.items():
        found = band(of_arm, metric)
        if found.epochs:
            traces = band_traces(name, found, styles[name], shown)
            data += traces if found.seeds >= FEWEST_PAIRS else traces[-1:]
    layout = _over_epochs(epochs, axis) | {"uirevision": f"means {metric}"}
    if metric == "gap":
        data = in_points(data)
    elif is_share:
        layout["yaxis"] |= {"tickformat": SHARE_TICKS}
    return {"data": data, "layout": layout}


def _over_epochs(epochs: int, axis: str) -> dict[str, Any]:
    return {
        "margin": MARGIN | {"t": 40},
        "hovermode": "closest",
        "showlegend": True,
        "legend": LEGEND_ABOVE,
        "xaxis": plain_axis() | epoch_axis(epochs),
        "yaxis": plain_axis() | {"title": {"text": axis}, "rangemode": "tozero"},
    }


def _level(height: float, name: str) -> dict[str, Any]:
    return {
        "shapes": [{
            "type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": height, "y1": height,
            "layer": "below", "line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"},
        }],
        "annotations": [{
            "text": in_color_of(Style(REFERENCE_COLOR), name),
            "x": 1, "xref": "paper", "xanchor": "right", "y": height,
            "yanchor": "bottom", "showarrow": False, "font": {"color": REFERENCE_COLOR},
        }],
    }  # fmt: skip
