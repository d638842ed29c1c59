"""What else tells models apart: how sure they are, their weights, what they cost."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.records.training import WeightMetric
from cnnlab.domain.words import UNKNOWN, digits, duration, percent
from cnnlab.figures.comparing import reliability_overlay_figure, run_styles, weights_figure
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.layer_names import layer_names
from cnnlab.ui.text import plain

_FIGURE_PX = 340
_METRICS: dict[WeightMetric, str] = {"norm": "L2 norm", "near_zero": "Share near 0"}
_NOT_MEASURED = "not measured"
_HELPS = {"Per picture": "Of a prepared format, on one CPU."}


def render_calibration(comparison: lab.Comparison) -> None:
    """Reliability of all in one chart, and their calibration errors."""
    st.header("How sure they are", anchor=False)
    styles = run_styles(len(comparison.runs))
    found = [
        (one, style, one.alone)
        for one, style in zip(comparison.runs, styles, strict=True)
        if one.alone.calibration_error is not None
    ]
    if not found:
        st.info("What these runs said of each image isn't known, so nor is how sure they were.")
        return
    errors = ", ".join(
        f"{one.letter} {percent(alone.calibration_error)}" for one, _, alone in found
    )
    drawn = [
        (one.letter, plain(one.run.name), style, alone.reliability) for one, style, alone in found
    ]
    render_figure(
        reliability_overlay_figure(drawn),
        key="compare_reliability",
        alt=f"How often each run is right against how sure it is. Calibration errors: {errors}",
        height=_FIGURE_PX,
    )
    st.caption(
        f"Mean distance of the dots from the dotted line (calibration error): {errors}. It is too "
        "large on few images, so compare it on the same images only. Below the line a model is too "
        "sure."
    )


def render_weights(comparison: lab.Comparison) -> None:
    """The kernels of each run, layer by layer, after the compared epoch."""
    st.header("Weights", anchor=False)
    styles = run_styles(len(comparison.runs))
    rows = [
        (one.letter, plain(one.run.name), style, one.alone.weights)
        for one, style in zip(comparison.runs, styles, strict=True)
        if one.alone.weights
    ]
    if not rows:
        st.info("The weights of these runs weren't measured after this epoch.")
        return
    metric = st.segmented_control(
        "Of each layer's weights",
        list(_METRICS),
        default="norm",
        key="compare_weights",
        format_func=_METRICS.__getitem__,
        required=True,
    )
    render_figure(
        weights_figure(rows, metric or "norm", layer_names(one.run for one in comparison.runs)),
        key="compare_weights_chart",
        alt=f"{_METRICS[metric or 'norm']} of the weights of each layer, by run",
        height=_FIGURE_PX,
    )
    st.caption(
        "Without biases and batch norm. A layer that only one network has is drawn for that run "
        "alone; a layer of the same name may have another size."
    )


def render_costs(comparison: lab.Comparison) -> None:
    """Parameters, multiply-adds, seconds, milliseconds."""
    st.header("What they cost", anchor=False)
    rows = [_cost_row(one) for one in comparison.runs]
    render_table(rows, key="compare_costs", name="What they cost", helps=_HELPS)
    st.caption(
        "Seconds are what the machine took then, beside whatever else it did; parameters and "
        "multiply-adds are exact. A format that is prepared on the Models page is measured."
    )


def _cost_row(one: lab.ComparedRun) -> dict[str, Any]:
    cost = one.cost
    measured = ", ".join(
        f"{title} {digits(milliseconds, most_decimals=2)} ms"
        for title, milliseconds in cost.milliseconds.items()
    )
    return {
        "Run": one.letter,
        "Parameters": _count(cost.parameters),
        "Multiply-adds per picture": _count(cost.multiply_adds),
        "Training": _time(cost.training_seconds),
        "Per epoch": _time(cost.seconds_an_epoch),
        "Evaluations": _time(cost.evaluation_seconds),
        "On": plain(cost.device) or UNKNOWN,
        "Per picture": measured or _NOT_MEASURED,
        "Name": plain(one.run.name, limit=80),
    }


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _time(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else duration(seconds)
