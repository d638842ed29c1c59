"""Preparing the model of a run that left it out: the button, and how far it is."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.text import escaped

_POLL_SECONDS = 0.5


def render_prepare_button(run: Run) -> None:
    """The button, where there is a model to prepare and nobody is at it."""
    if not lab.is_model_missing(run) or _is_under_way(lab.model_state(run.id)):
        return
    # No help text here: Streamlit draws a button that has one twice, which confuses scripts.
    if st.button("Prepare the model", key="prepare_model", icon=":material/deployed_code:"):
        lab.prepare_model(run.id)
        st.rerun()


def render_preparation(run: Run) -> None:
    """How far it is, or why there is no model; found again when the page is loaded anew."""
    state = lab.model_state(run.id)
    if state is None:
        st.caption("Runs of a study leave the model file out; *Prepare the model* makes it.")
    elif state.problem:
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")
    else:
        st.fragment(_render_progress, run_every=_POLL_SECONDS)(run.id)


def _render_progress(run: str) -> None:
    state = lab.model_state(run)
    if not _is_under_way(state):
        st.rerun()
    with st.container(key="model_progress"):
        st.markdown(f":material/progress_activity: {escaped(state.phase)} ...")


def _is_under_way(state: lab.ExportState | None) -> bool:
    return state is not None and not state.is_ended
