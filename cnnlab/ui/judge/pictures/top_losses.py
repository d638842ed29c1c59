"""The pictures that the model is most wrong about."""

import numpy as np
import streamlit as st

from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.ui.judge.pictures.judged import judged_by, version_of
from cnnlab.ui.judge.pictures.shown import Wall, render_pictures

_TILE_PX = 168
"""Two side by side on a phone."""


PLACE = "top_losses"
"""Begins the keys of the pictures."""


def wrong_places(predictions: Predictions) -> np.ndarray:
    """(N,) int, places of the wrongly recognized images, those first that surprised it most."""
    wrong = predictions.probabilities.argmax(axis=1) != predictions.labels
    losses = cross_entropies(predictions.probabilities, predictions.labels)
    order = np.argsort(-losses, kind="stable")
    places: np.ndarray = order[wrong[order]]
    return places


def render_top_losses(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """Wrongly recognized pictures, larger, those first that the model was surest about."""
    st.header("Where it errs most", anchor=False)
    places = wrong_places(predictions)
    with st.container(key="top_losses"):
        if not len(places):
            st.info(f"All {judgement['images']:,} images are recognized.", icon=":material/check:")
            return
        st.caption(
            f"{counted(len(places), 'image is', 'images are')} taken for another class; here those "
            "first whose true class surprised the model most (cross-entropy). Look for wrong "
            "labels, for pictures that show two classes or neither, and for what the mistakes have "
            "in common: light, crop, background. A click opens one large."
        )
        render_pictures(
            judged_by(judgement, predictions, run),
            places,
            place=PLACE,
            label="The pictures that it is most wrong about",
            version=version_of(judgement, run),
            wall=Wall(_TILE_PX),
        )
