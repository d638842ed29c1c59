"""The curves of a study's arms over the epochs, with bands, and the gap of each arm."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab import lab
from cnnlab.domain.records.training import CurveMetric
from cnnlab.domain.words import points
from cnnlab.figures.study import arm_styles, band_figure, epochs_reached, gap_figure, has_penalty
from cnnlab.figures.traces import METRIC_LABELS, Style
from cnnlab.study.measures.bands import Histories, value_of
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.study.swatches import swatches
from cnnlab.ui.text import escaped, plain

_CHARTS = {"val_accuracy": 380, "val_cross_entropy": 300, "gap": 300, "penalty": 300}
_SMALL_PX, _SMALL_COLUMNS, _MOST_COLUMNS = 190, 3, 4


def render_curves(view: lab.StudyView) -> None:
    """The curves of the arms that are chosen; nothing before there are runs.

    Args:
        view: of the study.
    """
    histories = lab.study_histories(view)
    styles = arm_styles(view.study)
    if not view.all_runs:
        return
    st.header("Curves", anchor=False)
    if not any(records for of_arm in histories.values() for records in of_arm.values()):
        st.caption("The curves appear with the first finished epoch.")
        epochs = max(run.config["training"]["epochs"] for run in view.all_runs)
        with st.container(key="study_chart"):  # the browser loads what draws it in the meantime
            _render_band(histories, "val_accuracy", styles, epochs)
        return
    chosen = _ask_arms(view, styles)
    shown = {name: histories[name] for name in histories if name in chosen}
    with st.container(key="study_chart"):
        _render_band(shown, "val_accuracy", styles)
    _render_other_metrics(shown, styles)
    _render_small_multiples(view, shown)


def _ask_arms(view: lab.StudyView, styles: Mapping[str, Style]) -> list[str]:
    """Which arms to draw: all of them at first, each with a piece of its curve."""
    key = f"arms_shown_{view.study.id}"
    names = [arm.name for arm in view.study.arms]
    st.html(swatches(key, [styles[name] for name in names]))
    return st.pills(
        "Arms", names, selection_mode="multi", default=names, key=key,
        format_func=lambda name: plain(name, limit=40), label_visibility="collapsed",
    )  # fmt: skip


def _render_other_metrics(shown: Mapping[str, Histories], styles: Mapping[str, Style]) -> None:
    """What stands beside the accuracy, and how to read all of it."""
    metrics: list[CurveMetric] = ["val_cross_entropy", "gap"]
    if any(has_penalty(of_arm) for of_arm in shown.values()):
        metrics.append("penalty")
    for column, metric in zip(st.columns(len(metrics)), metrics, strict=True):
        with column:
            drawn = shown
            if metric == "penalty":
                drawn = {name: of_arm for name, of_arm in shown.items() if has_penalty(of_arm)}
            _render_band(drawn, metric, styles)
    where = ", which has a chart of its own" if "penalty" in metrics else ""
    st.caption(
        "Line: mean over the seeds; band: its 95 % interval (Student's t); thin lines: single "
        "seeds; dots: their epochs of best accuracy. Clean train and validation are measured with "
        f"augmentation and dropout off, the cross-entropy without penalty{where}."
    )


def _render_band(
    shown: Mapping[str, Histories],
    metric: CurveMetric,
    styles: Mapping[str, Style],
    epochs: int = 0,
) -> None:
    height = _CHARTS[metric]
    title = METRIC_LABELS[metric]
    title = f"{title[0].upper()}{title[1:]}"
    st.markdown(f"**{title}**")
    render_figure(
        band_figure(shown, metric, styles, height=height, epochs=epochs),
        key=f"study_{metric}",
        alt=f"{title} of each arm over the epochs, with bands",
        height=height,
    )


def _render_small_multiples(view: lab.StudyView, shown: Mapping[str, Histories]) -> None:
    st.header("The gap of each arm", anchor=False)
    st.caption("Solid: clean train accuracy. Dashed: validation accuracy. Shaded: the gap.")
    styles, epochs = arm_styles(view.study), epochs_reached(shown)
    across = len(shown) if 0 < len(shown) <= _MOST_COLUMNS else _SMALL_COLUMNS
    columns: list[DeltaGenerator] = []
    for number, (name, of_arm) in enumerate(shown.items()):
        if number % across == 0:  # row by row: on a phone they stand below each other in this order
            columns = st.columns(across)
        with columns[number % across]:
            st.markdown(f"**{escaped(name)}**{_gap_words(view, name, of_arm)}")
            if not any(of_arm.values()):
                continue
            render_figure(
                gap_figure(of_arm, styles[name], epochs),
                key=f"study_gap_{view.study.arms.index(view.study.arm(name))}",
                alt=f"Clean train and validation accuracy of {name}",
                height=_SMALL_PX,
            )


def _gap_words(view: lab.StudyView, arm: str, of_arm: Histories) -> str:
    """The mean gap where the runs are judged, or at their last epochs before any counts."""
    if not any(of_arm.values()):
        return ": no run has finished an epoch yet"
    gaps = list(view.values["gap"][arm].values())
    gaps = gaps or [value_of(records[-1], "gap") for records in of_arm.values() if records]
    return f": gap {points(sum(gaps) / len(gaps), signed=True)}" if gaps else ""
