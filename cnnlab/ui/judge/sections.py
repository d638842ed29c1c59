"""What the page tells of a judgement, section by section."""

import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.ui.judge.classes_view import render_classes
from cnnlab.ui.judge.confusion_view import render_confusion
from cnnlab.ui.judge.curves import render_curves
from cnnlab.ui.judge.deleting import render_deletion
from cnnlab.ui.judge.headline import render_headline
from cnnlab.ui.judge.reliability import render_reliability
from cnnlab.ui.judge.slices import render_slices
from cnnlab.ui.judge.suspects import render_suspects
from cnnlab.ui.judge.top_losses import render_top_losses

_SECTIONS = (
    render_headline,
    render_confusion,
    render_classes,
    render_curves,
    render_top_losses,
    render_reliability,
    render_slices,
    render_suspects,
)
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
    render_deletion(run, judgement["split"])
