"""Suspicious labels of the part that is judged."""

import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.ui.judge.crossfit_view import render_crossfit
from cnnlab.ui.judge.pictures.judged import version_of
from cnnlab.ui.judge.pictures.suspect_list import LabelsJudged, render_suspect_list


def render_suspects(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The suspicious labels of a part; those of training images need models of their own."""
    del predictions
    st.header("Suspicious labels", anchor=False)
    if judgement["split"] == "train":
        render_crossfit(run)
    else:
        render_suspect_list(
            judgement["suspects"],
            run.dataset,
            of=version_of(judgement, run),
            part=judgement["split"],
            judged=LabelsJudged(judgement["images"]),
        )
