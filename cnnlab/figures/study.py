"""Figures of a study, as Plotly's JSON: for the page, the presenter and the report alike.

Fonts, grid and background are left to whoever draws them. One hue belongs to each arm in all of
them, and beyond six arms a mark; a dash is validation beside training.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.domain.arms import same_size
from cnnlab.domain.history import best_epoch, thin
from cnnlab.domain.records.training import CurveMetric, EpochRecord
from cnnlab.domain.study import Kind, Study
from cnnlab.figures.end_labels import end_labels, room_beside
from cnnlab.figures.traces import (
    MARGIN,
    MOST_POINTS,
    SHARE_TICKS,
    Figure,
    Style,
    accuracy_ends,
    band_traces,
    in_points,
    label_of,
    mode_of,
    number,
)
from cnnlab.study.measures.bands import Band, Histories, band, curve, value_of

REFERENCE_COLOR = "#6b7a90"
ARM_COLORS = (
    "#2f6fd0",
    "#e07b16",
    "#2a9d5c",
    "#a0522d",
    "#d20078",
    "#7c4df0",
    "#2e9fd0",
    "#117a65",
    "#b5892b",
    "#c4502f",
)
"""Hues of arms; the first ones are told apart by eyes that see no red or no green, too."""

_TOLD_APART = 6
_MARKS = ("", "square", "diamond", "triangle-up", "cross")
"""On the curves of the first arms, of as many after them, and so on."""

Color = tuple[int, int, int]
"""Red, green and blue, 0..255."""
_BLUES: tuple[Color, Color] = (0x74, 0xA9, 0xEA), (0x20, 0x57, 0xD0)
_GREYS: tuple[Color, Color] = (0xA9, 0xB3, 0xC1), (0x6B, 0x7A, 0x90)
_FEW_STEPS = 3
"""One or two strengths aren't the palest."""
_SHARES = ("val_accuracy", "clean_accuracy", "gap", "memorized", "rescued")
MOST_SEED_LINES = 60
_FEW_EPOCHS = 10
_BESIDE = 0.02
"""Room at both ends of curves, as a share of what they fill."""
_ABOVE = 0.05
"""Room above curves; half as much is below them."""
_UNKNOWN_YET: dict[CurveMetric, tuple[float, float]] = {
    "gap": (-10.0, 50.0),
    "val_cross_entropy": (0.0, 2.5),
}
"""Ends of the y axis before the first epoch; a bit more than 0 to 1 of the others."""


def arm_styles(study: Study) -> dict[str, Style]:
    """A style for each arm; the reference is grey.

    Strengths of one thing are a ramp of one hue, the strongest the deepest. So are training-set
    sizes, of one hue with a change and of grey without it. Other arms are told apart by hue, and
    from the seventh on by a mark as well.
    """
    styles = {study.reference.name: Style(REFERENCE_COLOR)}
    if study.kind is Kind.DOSE:
        return styles | _ramp([arm.name for arm in study.arms[1:]], *_BLUES)
    if study.kind is Kind.WORTH:
        changed = same_size(study.arms)
        by_size = list(changed)[::-1]  # the largest is the first
        greys = _ramp([changed[name] for name in by_size], *_GREYS)
        return greys | styles | _ramp(by_size, *_BLUES)
    for place, arm in enumerate(study.arms[1:]):
        mark = _MARKS[place // _TOLD_APART % len(_MARKS)]
        styles[arm.name] = Style(ARM_COLORS[place % len(ARM_COLORS)], mark=mark)
    return styles


def _ramp(names: Sequence[str], palest: Color, deepest: Color) -> dict[str, Style]:
    """Colours from the palest to the deepest, all of which show on light and dark alike."""
    styles = {}
    for place, name in enumerate(names):
        share = (place + 1) / len(names) if len(names) < _FEW_STEPS else place / (len(names) - 1)
        mixed = (
            round(first + share * (last - first))
            for first, last in zip(palest, deepest, strict=True)
        )
        styles[name] = Style("#" + "".join(f"{part:02x}" for part in mixed))
    return styles


def band_figure(
    histories: Mapping[str, Histories],
    metric: CurveMetric,
    styles: Mapping[str, Style],
    *,
    height: int,
    epochs: int = 0,
) -> Figure:
    """Mean curve and 95 % band of each arm, thin curves and a dot for each of its seeds.

    The longest curves have their arm's name at their end.

    Args:
        histories: epoch records by arm and seed, of the arms to be drawn.
        metric: what is drawn.
        styles: of the arms.
        height: in px, for the labels at the ends of the curves.
        epochs: end of the axis as long as there is no curve; then it grows with them.
    """
    data: list[dict[str, Any]] = []
    ends: list[tuple[str, float, float]] = []
    lines_left = MOST_SEED_LINES
    for name, of_arm in histories.items():
        found = band(of_arm, metric)
        begun = [records for records in of_arm.values() if records]
        if len(begun) <= lines_left and len(begun) > 1:
            lines_left -= len(begun)
            data += [_seed_line(records, metric, styles[name]) for records in begun]
        if found.epochs:
            data += _band_traces(name, found, styles[name], metric)
            if math.isfinite(found.mean[-1]):
                ends.append((name, found.epochs[-1] + 1, found.mean[-1]))
        data.append(_dots(name, of_arm, metric, styles[name]))
    if metric == "gap":
        data = in_points(data)
        ends = [(name, epoch, 100 * value) for name, epoch, value in ends]
    last = max((epoch for _, epoch, _ in ends), default=0)
    # A name would lie on the curves that go on beyond its own: there the arms' colours have to do.
    ends = [end for end in ends if end[1] == last]
    low, high = _ends_up(data, metric)
    layout = {
        "margin": MARGIN | {"r": room_beside([name for name, *_ in ends])},
        "xaxis": epoch_axis(epochs_reached(histories) or epochs),
        "yaxis": {"range": [low, high]}
        | ({"tickformat": SHARE_TICKS} if metric in _SHARES and metric != "gap" else {}),
        "hovermode": "closest",
        "annotations": end_labels(ends, styles, (low, high), height),
        "meta": {"narrow": "bare"},
        "uirevision": metric,  # zoom and hidden arms outlive an update
    }
    return {"data": data, "layout": layout}


def _ends_up(data: Sequence[dict[str, Any]], metric: CurveMetric) -> tuple[float, float]:
    """Ends of the y axis: all that is drawn with a little room; what isn't a share begins at 0."""
    if not any(trace["y"] for trace in data):
        return _UNKNOWN_YET.get(metric, (0.0, 1.03))
    if metric == "val_accuracy" and (shown := accuracy_ends(data)):
        return shown[0], shown[1]
    low, high = span_of(data)
    low = low if metric in _SHARES else min(low, 0.0)
    edge = _ABOVE * ((high - low) or 1.0)
    return low - edge / 2, high + edge


def _seed_line(records: Sequence[EpochRecord], metric: CurveMetric, style: Style) -> dict[str, Any]:
    values, points = curve(records, metric), thin(range(len(records)), MOST_POINTS)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [point + 1 for point in points],
        "y": [number(values[point]) for point in points],
        "line": {"color": style.faded(0.3), "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _band_traces(name: str, found: Band, style: Style, metric: CurveMetric) -> list[dict[str, Any]]:
    """Named at the end of the curve, not in a legend."""
    seeds = f"{found.seeds} seed{'' if found.seeds == 1 else 's'}"
    hover = f"{'%{y:.1%}' if metric in _SHARES else '%{y:.3f}'}, {seeds}"
    traces = band_traces(name, found, style, hover, metric)
    return [trace | {"showlegend": False} for trace in traces]


def _dots(name: str, of_arm: Histories, metric: CurveMetric, style: Style) -> dict[str, Any]:
    """One for each seed, at the epoch of its best accuracy so far."""
    epochs = {seed: best_epoch(records) for seed, records in of_arm.items()}
    found = {seed: epoch for seed, epoch in epochs.items() if epoch is not None}
    values = [value_of(of_arm[seed][epoch], metric) for seed, epoch in found.items()]
    shown = "%{y:.1%}" if metric in _SHARES else "%{y:.3f}"
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [epoch + 1 for epoch in found.values()],
        "y": [number(value) for value in values],
        "customdata": list(found),
        "marker": {
            "color": style.color,
            "size": 8,
            "symbol": style.mark or "circle",
            "line": {"width": 1, "color": "#ffffff"},
        },
        "hovertemplate": f"{label_of(name)}, seed %{{customdata}}, epoch %{{x}} (best accuracy): "
        f"{shown}<extra></extra>",
        "showlegend": False,
    }


def span_of(data: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """The least and the greatest value of all traces."""
    values = [value for trace in data for value in trace["y"] if value is not None]
    return (min(values), max(values)) if values else (0.0, 1.0)


def epoch_axis(last: int) -> dict[str, Any]:
    """From the first epoch to the last one, with ticks at whole ones.

    Without a range Plotly would make room for labels inside of the axes; between few epochs it puts
    halves, which there aren't.
    """
    steps = {"tick0": 1, "dtick": 1} if last <= _FEW_EPOCHS else {}
    return {"title": {"text": "epoch"}, "range": ends_along(1, max(last, 1))} | steps


def ends_along(first: float, last: float) -> list[float]:
    """Ends of an axis along which curves lie from the first place to the last one."""
    edge = _BESIDE * (last - first) if last > first else first / 2
    return [round(first - edge, 3), round(last + edge, 3)]


def epochs_reached(histories: Mapping[str, Histories]) -> int:
    """As many epochs as the run has finished that is the furthest."""
    every = (records for of_arm in histories.values() for records in of_arm.values())
    return max(map(len, every), default=0)


def has_penalty(histories: Histories) -> bool:
    """Whether any epoch of an arm had an L1 or L2 penalty."""
    return any(record.get("penalty") for records in histories.values() for record in records)


def gap_figure(histories: Histories, style: Style, epochs: int) -> Figure:
    """One arm by itself: clean train solid, validation dashed, the gap between them shaded.

    Args:
        histories: epoch records by seed.
        style: of the arm.
        epochs: end of the axis, the same for all arms.
    """
    clean, validation = band(histories, "clean_accuracy"), band(histories, "val_accuracy")
    x = [epoch + 1 for epoch in clean.epochs]
    common = {"type": "scatter", "mode": mode_of(x), "x": x, "showlegend": False}
    shown = "epoch %{x}: %{y:.1%}<extra></extra>"
    data = [
        common
        | {
            "y": list(map(number, validation.mean)),
            "name": "validation",
            "line": {"color": style.color, "width": 2, "dash": "dash"},
            "hovertemplate": "validation, " + shown,
        },
        common
        | {
            "y": list(map(number, clean.mean)),
            "name": "clean train",
            "fill": "tonexty",
            "fillcolor": style.faded(0.15),
            "line": {"color": style.color, "width": 2},
            "hovertemplate": "clean train, " + shown,
        },
    ]
    layout = {
        "margin": MARGIN,
        "xaxis": epoch_axis(epochs),
        "yaxis": {"tickformat": SHARE_TICKS, "range": [0, 1.03]},
        "uirevision": "gap",
    }
    return {"data": data, "layout": layout}
