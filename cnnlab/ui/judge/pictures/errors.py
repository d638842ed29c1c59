"""Where a model errs most: its commonest mistakes with their pictures, and its worst surprises."""

from typing import Any

import numpy as np
import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, counted, percent
from cnnlab.judging.mistakes import Mistake, mistake_words, mistakes_of
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.judge.pictures.judged import Judged, judged_by, version_of
from cnnlab.ui.judge.pictures.shown import SUREST, Wall, by_sureness, render_pictures
from cnnlab.ui.judge.pictures.top_losses import render_top_losses
from cnnlab.ui.text import escaped, plain

PLACE = "mistake"
"""Begins the keys of the pictures."""

_TABLE = "mistakes_table"
_OPEN = f"{_TABLE}_shown"
"""Session key: the mistake whose pictures are shown."""

_MOST, _TILES = 8, Wall(at_first=12)
_COLUMNS = {
    "mistake": Column("Mistake"),
    "images": Column("Images", "number", lambda one: f"{one.images:,} of {one.of:,}",
                     "How many images of the class are taken for the other one.",
                     lambda one: one.images),
    "share": Column("Of the class", "bar", lambda share: percent(share, decimals=0)),
}  # fmt: skip


def render_errors(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The mistakes by how often they are made, the pictures of one, and what surprised most."""
    st.header("Where it errs most", anchor=False)
    found = mistakes_of(judgement["confusion"])
    with st.container(key="errors"):
        if not found:
            st.info(f"All {judgement['images']:,} images are recognized.", icon=":material/check:")
            return
        wrong = sum(one.images for one in found)
        more = len(found) - _MOST
        others = f"; the matrix above has {more:,} more" if more > 0 else ""
        st.caption(
            f"{counted(wrong, 'image is', 'images are')} taken for another class. The commonest "
            f"mistakes come first{others}. Choose one to see its pictures."
        )
        judged, version = judged_by(judgement, predictions, run), version_of(judgement, run)
        chosen = _ask_mistake(found[:_MOST], judged, version)
        _render_mistake(judged, chosen, version)
        render_top_losses(judged, version)


def _ask_mistake(found: list[Mistake], judged: Judged, version: str) -> Mistake:
    """The one that was clicked, else the commonest."""
    ids = [f"{version} {one.true} {one.predicted}" for one in found]
    shown = st.session_state.get(_OPEN)
    shown = shown if shown in ids else ids[0]
    clicked = render_table(
        [_row(one, judged) for one in found],
        key=_TABLE, name="The commonest mistakes", columns=_COLUMNS, ids=ids, chosen=shown,
    )  # fmt: skip
    if clicked and clicked != shown:
        st.session_state[_OPEN] = clicked
        st.rerun()
    return found[ids.index(shown)]


def _row(one: Mistake, judged: Judged) -> dict[str, Any]:
    true, predicted = (
        plain(called(judged.classes[at]), limit=60) for at in (one.true, one.predicted)
    )
    return {"mistake": f"{true} taken for {predicted}", "images": one, "share": one.share}


def _render_mistake(judged: Judged, one: Mistake, version: str) -> None:
    said = judged.predictions
    is_it = (said.labels == one.true) & (said.probabilities.argmax(axis=1) == one.predicted)
    words = mistake_words(one, judged.classes)
    st.markdown(f"**{escaped(words, limit=200)}**")
    render_pictures(
        judged,
        by_sureness(judged, np.flatnonzero(is_it), SUREST),
        place=PLACE,
        label=plain(words, limit=200),
        version=f"{version} {one.true} {one.predicted}",
        wall=_TILES,
    )
