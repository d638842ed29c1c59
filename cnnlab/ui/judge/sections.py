"""What the page tells of a judgement, section by section."""

import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.ui.judge.headline import render_headline

_SECTIONS = (render_headline,)
"""From the top of the page to its foot."""


def render_sections(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """Draw all sections; each is run again alone by what is clicked in it.

    Args:
        judgement: what was measured.
        predictions: the probabilities that it was measured by.
        run: whose model it is.
    """
    for render in _SECTIONS:
        st.fragment(render)(judgement, predictions, run)
