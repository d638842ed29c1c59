"""What the model takes for what: the confusion matrix, and the pictures of a chosen cell."""

import numpy as np
import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, counted
from cnnlab.ui.components.confusion.confusion import ask_cell
from cnnlab.ui.components.scroll.scroll import render_scrolling, scroll_to
from cnnlab.ui.judge.pictures.judged import Judged, judged_by, version_of
from cnnlab.ui.judge.pictures.shown import Wall, ask_order, by_sureness, render_pictures
from cnnlab.ui.text import escaped, plain

_PLACE = "cell"
_SEEN = "cell_seen"
"""Session key of the judgement and of its cell whose pictures were shown last."""

_BESIDE_CLASSES = 12
"""Beside a matrix of so many there is room for the pictures of a cell on a wide screen."""

_BESIDE = Wall(tile_px=96, at_first=12)
_PAGE_PX, _LEAST_MATRIX_PX, _LEAST_BESIDE_PX = 1200, 440, 340
_NAMES_PX, _CELL_PX = 165, 65


def render_confusion(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The matrix and, beside or below it, the pictures of the cell that is chosen."""
    st.header("What it takes for what", anchor=False)
    judged = judged_by(judgement, predictions, run)
    version = version_of(judgement, run)
    is_beside = len(judged.classes) <= _BESIDE_CLASSES
    with st.container(key="confusion_matrix"):
        if is_beside:
            matrix, beside = st.columns(_widths(len(judged.classes)), gap="medium")
        else:
            matrix, beside = st.container(), st.container()
        with matrix:
            cell = ask_cell(
                judgement["confusion"], judged.classes, key="confusion_grid", version=version
            )
        with beside:
            if cell is not None:
                _render_cell(judged, cell, version, is_beside=is_beside)
    _bring_into_sight(cell, version)


def _widths(classes: int) -> tuple[int, int]:
    """Shares of the page for the matrix and for what stands beside it: it doesn't move later."""
    matrix = max(_LEAST_MATRIX_PX, _NAMES_PX + classes * _CELL_PX)
    return matrix, max(_LEAST_BESIDE_PX, _PAGE_PX - matrix)


def _bring_into_sight(cell: tuple[int, int] | None, version: str) -> None:
    """Scroll to the pictures of a cell that was just chosen, where they aren't seen anyway."""
    of, before = st.session_state.get(_SEEN, ("", None))
    st.session_state[_SEEN] = (version, cell)
    if cell is not None and of == version and cell != before:
        scroll_to(_PLACE)
    render_scrolling(key="cell_scrolling")


def _render_cell(judged: Judged, cell: tuple[int, int], version: str, *, is_beside: bool) -> None:
    """The pictures of one true class that are taken for one class."""
    label, said = cell
    predictions = judged.predictions
    is_in_it = (predictions.labels == label) & (predictions.probabilities.argmax(axis=1) == said)
    places = np.flatnonzero(is_in_it)
    true, taken = (called(judged.classes[index]) for index in cell)
    what = f"of {true} recognized" if label == said else f"of {true} taken for {taken}"
    with st.container(key=_PLACE):
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
                wall=_BESIDE if is_beside else Wall(),
            )
