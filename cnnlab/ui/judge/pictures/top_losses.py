"""The pictures to whose true class a model gave the least probability."""

import numpy as np
import streamlit as st

from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.words import called, percent
from cnnlab.ui.judge.pictures.judged import Judged
from cnnlab.ui.judge.pictures.shown import Wall, render_pictures
from cnnlab.ui.text import plain

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


def render_top_losses(judged: Judged, version: str) -> None:
    """Wrongly recognized pictures, larger, with the probability of their class: the least first.

    Args:
        judged: what the model says; not all of it is right.
        version: tells judgements apart.
    """
    said = judged.predictions
    places = wrong_places(said)
    true = said.probabilities[places, said.labels[places]].tolist()
    names = [plain(called(name), limit=40) for name in judged.classes]
    notes = {
        place: f"{names[said.labels[place]]} only {percent(share)}"
        for place, share in zip(places.tolist(), true, strict=True)
    }
    st.subheader("What surprised it most", anchor=False)
    with st.container(key="top_losses"):
        st.caption(
            "First those whose true class it thought least likely; how likely stands below each. "
            "Look for wrong labels, for pictures that show two classes or neither, and for "
            "what the mistakes have in common: light, crop, background. Choose one to see it large."
        )
        render_pictures(
            judged._replace(notes=notes),
            places,
            place=PLACE,
            label="The pictures whose true class surprised it most",
            version=version,
            wall=Wall(_TILE_PX),
        )
