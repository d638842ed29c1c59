"""The curves of all runs in one chart."""

import streamlit as st

from cnnlab import lab
from cnnlab.figures.comparing import (
    MEASURES,
    Along,
    Overlaid,
    known_measures,
    overlay_figure,
    run_styles,
)
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.text import plain

_FIGURE_PX = 400
_ALONG: dict[Along, str] = {"epoch": "Epochs", "seconds": "Seconds"}


def render_curves(comparison: lab.Comparison) -> None:
    """What is drawn is chosen; a click on a name of the legend hides its run."""
    st.header("Curves", anchor=False)
    known = known_measures([one.history for one in comparison.runs])
    if not known:
        with st.container(key="compare_chart"):
            st.info("No epoch is finished yet, so there is no curve.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_curve"):
        name = st.selectbox(
            "Curve",
            known,
            key="compare_measure",
            format_func=lambda each: MEASURES[each].title,
            width=260,
        )
        along = st.segmented_control(
            "Along",
            list(_ALONG),
            default="epoch",
            key="compare_along",
            format_func=_ALONG.__getitem__,
            required=True,
        )
    measure = MEASURES[name]
    styles = run_styles(len(comparison.runs))
    runs = [
        Overlaid(one.letter, plain(one.run.name), style, one.history)
        for one, style in zip(comparison.runs, styles, strict=True)
    ]
    with st.container(key="compare_chart"):
        render_figure(
            overlay_figure(runs, measure, along or "epoch", height=_FIGURE_PX),
            key="compare_curves",
            alt=f"{measure.title} of {', '.join(one.letter for one in runs)} over "
            f"{_ALONG[along or 'epoch'].lower()}; solid is training, dashed validation",
            height=_FIGURE_PX,
        )
    time = (
        "The seconds are those of training and of the evaluation after each epoch, on the machine "
        "that each ran on. "
        if along == "seconds"
        else ""
    )
    st.caption(f"{time}One colour and one letter for each run; its name above hides it.")
