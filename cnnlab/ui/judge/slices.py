"""Kinds of images on which the model is worse, found by themselves, with their pictures."""

import numpy as np
import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement, Slice
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.judging.words.sentences import no_slice_words, slice_words
from cnnlab.ui.judge.pictures.judged import Judged, judged_by, version_of
from cnnlab.ui.judge.pictures.shown import Wall, render_pictures
from cnnlab.ui.text import escaped, plain

_TILE_PX = 96
"""Three side by side on a phone."""

_AT_FIRST = 8
"""A row on a wide screen: the sentence says more than all of them."""


def render_slices(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """Each slice with what it costs and its images, or that none was found."""
    st.header("Where it is worse", anchor=False)
    found = judgement["slices"]
    if found:
        st.caption(
            f"Kinds of images on which it is right less often than elsewhere: "
            f"{counted(len(found), 'was', 'were')} found "
            f"among {judgement['slices_tried']:,} that were tried."
        )
    else:
        with st.container(key="no_slices"):
            st.info(escaped(no_slice_words(judgement), limit=1000), icon=":material/search_off:")
    judged, version = (
        judged_by(judgement, predictions, run),
        version_of(judgement, run),
    )
    for number, one in enumerate(found):
        _render_slice(one, number, judged, version)
    with st.expander("How they are found", icon=":material/help:", key="how_slices"):
        st.markdown(
            "By brightness, size, sharpness, colour and copies, alone and within each class, the "
            "images are cut into slices. On one half of the images those are chosen on which the "
            "model seems worse; on the other half they are tried again, and only what is worse "
            "there, too, is shown, with numbers of that half alone. Each slice more that is tried "
            "is a chance for luck: Holm's correction raises the p-values by it. Copies of one "
            "picture are in one half together."
        )


def _render_slice(one: Slice, number: int, judged: Judged, version: str) -> None:
    words = plain(one["words"][:1].upper() + one["words"][1:], limit=200)
    with st.container(border=True, key=f"slice_{number}"):
        st.markdown(f"**{escaped(words, limit=200)}**")
        st.markdown(escaped(slice_words(one), limit=1000))
        render_pictures(
            judged,
            np.searchsorted(judged.predictions.positions, one["positions"]),
            place=f"slice_{number}",
            label=words,
            version=f"{version} {one['words']}",
            wall=Wall(_TILE_PX, _AT_FIRST),
        )
        st.caption("Pictures of both halves, those first that the model is most wrong about.")
