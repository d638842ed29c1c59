"""What the model takes for what: the confusion matrix, and the pictures of a chosen cell."""

import numpy as np
import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.ui.components.confusion.confusion import ask_cell
from cnnlab.ui.judge.pictures import Judged, judged_by, version_of
from cnnlab.ui.judge.shown import ask_order, by_sureness, render_pictures
from cnnlab.ui.text import escaped, plain

_PLACE = "cell"


def render_confusion(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The matrix and, below it, the pictures of the cell that is chosen."""
    st.subheader("What it takes for what", anchor=False)
    judged = judged_by(judgement, predictions, run)
    version = version_of(judgement, run)
    with st.container(key="confusion_matrix"):
        cell = ask_cell(
            judgement["confusion"], judged.classes, key="confusion_grid", version=version
        )
        if cell is not None:
            _render_cell(judged, cell, version)


def _render_cell(judged: Judged, cell: tuple[int, int], version: str) -> None:
    """The pictures of one true class that are taken for one class."""
    label, said = cell
    predictions = judged.predictions
    is_in_it = (predictions.labels == label) & (predictions.probabilities.argmax(axis=1) == said)
    places = np.flatnonzero(is_in_it)
    true, taken = (judged.classes[index] for index in cell)
    what = f"of {true} recognized" if label == said else f"of {true} taken for {taken}"
    with st.container(key="cell"):
        with st.container(horizontal=True, vertical_alignment="center"):
            words = f"{counted(len(places), 'image')} {what}"
            st.markdown(f"**{escaped(words, limit=200)}**", width="content")
            order = ask_order("cell_order") if len(places) > 1 else ""
        if len(places):
            render_pictures(
                judged,
                by_sureness(judged, places, order),
                place=_PLACE,
                label=f"Images {plain(what, limit=200)}",
                version=f"{version} {cell} {order}",
            )
