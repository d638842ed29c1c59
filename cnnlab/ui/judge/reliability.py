"""How sure the model is against how right it is, and what it gains by leaving images out."""

import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Calibration, Judgement
from cnnlab.domain.run import Run
from cnnlab.figures.judging import coverage_figure, judged_reliability_figure
from cnnlab.figures.palette import PART_STYLES
from cnnlab.judging.words.sentences import (
    coverage_at,
    coverage_words,
    dots_words,
    error_words,
    is_truer,
    sureness_words,
    temperature_words,
)
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.text import escaped

_FIGURE_PX = 330
_USUAL_LEFT_OUT = 10
_LONG = 2000


def render_reliability(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """Both figures, each with its sentences."""
    del predictions, run
    st.header("How sure it is", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        _render_confidence(judgement)
    with right:
        _render_coverage(judgement)


def _render_confidence(judgement: Judgement) -> None:
    st.markdown("**Is it as sure as it is right?**")
    words = sureness_words(judgement)
    st.markdown(escaped(words, limit=_LONG))
    if judgement["reliability"]:
        render_figure(
            judged_reliability_figure(judgement["reliability"], PART_STYLES[judgement["split"]]),
            key="reliability_diagram",
            alt=f"Reliability diagram: how often it is right against how sure it is. {words}",
            height=_FIGURE_PX,
        )
        st.caption(
            f"{dots_words(judgement['reliability'])} Below the dotted line the model is too sure. "
            f"{escaped(error_words(judgement), limit=_LONG)}"
        )
    _render_temperature(judgement)


def _render_temperature(judgement: Judgement) -> None:
    """Whether scaling the confidence helps, measured on images that it wasn't fitted on."""
    calibration = judgement["calibration"]
    with st.container(border=True, key="temperature"):
        if calibration is None:
            st.markdown(
                ":material/thermostat: Whether a temperature would make its confidence truer is "
                "measured on the validation images."
            )
            return
        st.markdown(
            f":material/thermostat: {escaped(temperature_words(calibration), limit=_LONG)}",
            help="The probabilities p become p ^ (1 / T), scaled to sum to 1: the classes stay the "
            "same. The gain is measured on each fifth of the images with the temperature fitted on "
            "the others.",
        )
        st.caption(_use_words(calibration))


def _use_words(calibration: Calibration) -> str:
    if calibration["temperature"] == 1:
        return "Leave the model as it is: none is known to make it truer."
    if not calibration["helps"]:
        return "Leave the model as it is: a gain as small as this one may be chance."
    if not is_truer(calibration):
        return "Leave the model as it is, or have it applied by *Calibrated*."
    return "*Calibrated* applies it, in a download (the run's page) and where models are tried."


def _render_coverage(judgement: Judgement) -> None:
    st.markdown("**What if it may say \u201cdon't know\u201d?**")
    points = judgement["coverage"]
    share = st.slider(
        "Images it may leave out",
        0,
        95,
        _USUAL_LEFT_OUT,
        step=5,
        format="%d %%",
        key="left_out",
        help="It leaves out those that it is least sure of. Usual: 5 to 20 %.",
    )
    point = coverage_at(points, share / 100)
    if point is None:
        st.info("There are too few images to say.")
        return
    words = coverage_words(point, judgement["measures"]["accuracy"])
    st.markdown(escaped(words, limit=_LONG))
    render_figure(
        coverage_figure(points, PART_STYLES[judgement["split"]], point),
        key="coverage_chart",
        alt="Accuracy on the answered images against the share that is left out. "
        f"The mark: {words}",
        height=_FIGURE_PX,
    )
