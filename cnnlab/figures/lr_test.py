"""The losses of a learning-rate test over the rate, as Plotly's JSON."""

import math
from typing import Any

from cnnlab.domain.records.lr_test import LrTestOutcome
from cnnlab.figures.palette import CLEAN, TRAIN, VALIDATION
from cnnlab.figures.panels import LEGEND_ABOVE
from cnnlab.figures.traces import MARGIN, Figure, number

_ABOVE_START = 1.15
"""The axis ends so far above the highest loss at the start: a loss that diverges leaves it."""


def lr_test_figure(outcome: LrTestOutcome) -> Figure:
    """Each test thin, their median thick, and the suggestion where it lies on the median.

    Args:
        outcome: with at least one point in its curve.
    """
    points = outcome["curve"]
    rates = [point["learning_rate"] for point in points]
    median = [point["loss"] for point in points]
    tests = [
        _curve(f"test {test + 1}", rates, [point["losses"][test] for point in points], TRAIN, 1)
        | {"legendgroup": "tests", "showlegend": test == 0}
        for test in range(len(points[0]["losses"]))
    ]
    tests[0]["name"] = "each test"  # one line of the legend for all: a phone has room for few
    data = [*tests, _curve("median", rates, median, CLEAN, 3)]
    layout: dict[str, Any] = {
        "margin": MARGIN, "hovermode": "x unified", "legend": LEGEND_ABOVE,
        "xaxis": {
            "type": "log", "title": {"text": "learning rate"}, "exponentformat": "power",
            "dtick": 1, "hoverformat": ".2g",
        },
        "yaxis": {"title": {"text": "loss, smoothed"}, "range": _range(outcome)},
    }  # fmt: skip
    if (suggestion := outcome["suggestion"]) is not None:
        layout["shapes"] = [
            {
                "type": "line", "xref": "x", "x0": suggestion, "x1": suggestion,
                "yref": "paper", "y0": 0, "y1": 1,
                "line": {"color": VALIDATION, "width": 1.5, "dash": "dot"},
            }
        ]  # fmt: skip
        data.append(_mark(suggestion, rates, median))
    return {"data": data, "layout": layout}


def _curve(
    name: str, rates: list[float], losses: list[float | None], color: str, width: int
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "name": name,
        "x": rates, "y": [number(loss) for loss in losses],
        "line": {"color": color, "width": width},
        "hovertemplate": f"{name}: %{{y:.3g}}<extra></extra>",
    }  # fmt: skip


def _mark(suggestion: float, rates: list[float], median: list[float | None]) -> dict[str, Any]:
    """A diamond on the median, at the step whose rate is nearest."""
    nearest = min(range(len(rates)), key=lambda step: abs(math.log(rates[step] / suggestion)))
    return {
        "type": "scatter", "mode": "markers", "name": f"{suggestion:g}",
        "x": [suggestion], "y": [number(median[nearest])],
        "marker": {"color": VALIDATION, "size": 12, "symbol": "diamond"},
        "hoverinfo": "skip",
    }  # fmt: skip


def _range(outcome: LrTestOutcome) -> list[float]:
    """From below the lowest loss to a little above those at the start."""
    first = [loss for loss in outcome["curve"][0]["losses"] if loss is not None]
    there = [loss for point in outcome["curve"] for loss in point["losses"] if loss is not None]
    low, high = min(there), max(first) * _ABOVE_START
    return [low - 0.05 * (high - low), high]
