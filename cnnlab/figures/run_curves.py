"""The curves of one run over its epochs, as Plotly's JSON; a document draws them."""

from collections.abc import Sequence
from typing import Any, Literal

from cnnlab.domain.history import thin
from cnnlab.domain.records.training import EpochMetric, EpochRecord
from cnnlab.figures.palette import CLEAN, VALIDATION
from cnnlab.figures.panels import LEGEND_ABOVE
from cnnlab.figures.study import epoch_axis
from cnnlab.figures.traces import MARGIN, MOST_POINTS, SHARE_TICKS, Figure, Style, line, number

Measure = Literal["accuracy", "cross_entropy"]

_CLEAN_STYLE, _VALIDATION_STYLE = Style(CLEAN, "solid"), Style(VALIDATION, "dash")
_CURVES: dict[Measure, tuple[EpochMetric, EpochMetric]] = {
    "accuracy": ("clean_accuracy", "val_accuracy"),
    "cross_entropy": ("clean_cross_entropy", "val_cross_entropy"),
}


def run_curves_figure(
    history: Sequence[EpochRecord], measure: Measure, *, marked: int | None
) -> Figure:
    """Clean train solid, validation dashed, and the epoch whose weights the model has.

    Args:
        history: at least one record.
        measure: what is drawn.
        marked: 0-based epoch with the mark; None for none.
    """
    shown = "%{y:.1%}" if measure == "accuracy" else "%{y:.3f} nats"
    clean, validation = _CURVES[measure]
    data = [
        _curve("clean train", history, clean, _CLEAN_STYLE, shown),
        _curve("validation", history, validation, _VALIDATION_STYLE, shown),
    ]
    data += [
        _mark(record["epoch"] + 1, record[validation], shown)
        for record in history
        if record["epoch"] == marked
    ]
    axis = {"tickformat": SHARE_TICKS} if measure == "accuracy" else {"rangemode": "tozero"}
    title = "accuracy" if measure == "accuracy" else "cross-entropy (nats)"
    layout = {
        "margin": MARGIN, "hovermode": "x unified", "uirevision": measure,
        "xaxis": epoch_axis(len(history)),
        "yaxis": axis | {"title": {"text": title}},
        "legend": LEGEND_ABOVE,
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _curve(
    name: str, history: Sequence[EpochRecord], metric: EpochMetric, style: Style, shown: str
) -> dict[str, Any]:
    points = thin(history, MOST_POINTS)
    epochs = [record["epoch"] + 1 for record in points]
    values = [record.get(metric) for record in points]
    curve = line(
        name, epochs, [float("nan") if value is None else value for value in values], style
    )
    return curve | {"hovertemplate": f"{name}: {shown}<extra></extra>"}


def _mark(epoch: int, value: float | None, shown: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": "the model",
        "x": [epoch], "y": [number(value)],
        "marker": {"color": VALIDATION, "size": 12, "symbol": "diamond"},
        "hovertemplate": f"the model: {shown}<extra></extra>",
    }  # fmt: skip
