"""What the page tells of a judgement, section by section."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.ui.components.jumps.jumps import render_jumps
from cnnlab.ui.judge.classes_view import render_classes
from cnnlab.ui.judge.confusion_view import render_confusion
from cnnlab.ui.judge.curves import render_curves
from cnnlab.ui.judge.headline import render_headline
from cnnlab.ui.judge.pictures.errors import render_errors
from cnnlab.ui.judge.pictures.looks import render_looks
from cnnlab.ui.judge.pictures.suspects import render_suspects
from cnnlab.ui.judge.reliability import render_reliability
from cnnlab.ui.judge.slices import render_slices

VAULT = "section_test"
"""Key of the container that the test images are in, which the page draws itself."""

_Section = Callable[[Judgement, Predictions, Run], None]

_SECTIONS: dict[str, tuple[str, _Section]] = {
    "section_good": ("How good", render_headline),
    "section_matrix": ("Matrix", render_confusion),
    "section_classes": ("Classes", render_classes),
    "section_class": ("One class", render_curves),
    "section_errors": ("Errors", render_errors),
    "section_looks": ("Looks", render_looks),
    "section_sure": ("How sure", render_reliability),
    "section_worse": ("Where worse", render_slices),
    "section_labels": ("Labels", render_suspects),
}
"""From the top of the page to its foot: by the key of its container what a link to it says."""


def render_overview() -> None:
    """Links to all sections and to the test images."""
    titles = {key: title for key, (title, _) in _SECTIONS.items()}
    render_jumps({**titles, VAULT: "Test images"})


def render_sections(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """Draw all sections; each is run again alone by what is clicked in it.

    Args:
        judgement: what was measured.
        predictions: the probabilities that it was measured by.
        run: whose model it is.
    """
    for key, (_, render) in _SECTIONS.items():
        with st.container(key=key):
            st.fragment(_render)(render, judgement, predictions, run)


def _render(render: _Section, judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """A section; of a run that was deleted meanwhile the whole page says so instead."""
    try:
        lab.load_run(run.id)
    except NotFoundError:
        st.rerun()
    render(judgement, predictions, run)
