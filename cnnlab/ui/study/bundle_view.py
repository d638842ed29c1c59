"""The evidence bundle of a study: asked for, how far it is, and its download."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import data_size
from cnnlab.server.downloads import bundle_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.text import escaped

_POLL_SECONDS = 0.5
_PROBLEM = "bundle_problem"
"""Session key: why what was pressed last couldn't be done."""


def render_bundle(view: lab.StudyView) -> None:
    """All that the verdicts rest on as one file; nothing where nothing can be proven yet."""
    if not view.is_ended or not any(run.last for run in view.all_runs):
        return
    if lab.is_recorded(view.study.id):
        return  # what was said after each epoch, which its program computes with, isn't all there
    study = view.study.id
    with st.container(horizontal=True, vertical_alignment="center", key="study_bundle"):
        with_images = st.checkbox(
            "with the images",
            key="bundle_with_images",
            help="Without them the bundle lists every image with its sha256, and shows none.",
        )
        state = lab.bundle_state(study, with_images=with_images)
        if state is not None and state.answer is not None:
            st.link_button(
                "Download the evidence bundle",
                bundle_address(study, with_images=with_images),
                icon=":material/download:",
                key="download_bundle",
            )
            st.caption(
                f"{data_size(state.answer['bytes'])}. Before it was offered, its replay.py has "
                "computed again, without cnnlab, what was measured on validation images, and the "
                "verdicts."
            )
        elif state is not None and not state.is_ended:
            st.fragment(_render_progress, run_every=_POLL_SECONDS)(study, with_images)
        else:
            _render_asking(study, with_images=with_images)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=1000), icon=":material/error:")
    if state is not None and state.problem and state.stage != "cancelled":
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")


def _render_asking(study: str, *, with_images: bool) -> None:
    if st.button("Evidence bundle", key="prepare_bundle", icon=":material/inventory_2:"):
        _do(lab.prepare_bundle, study, with_images=with_images)
        st.rerun()
    st.caption(
        "Data list, configs, histories, verdicts, report, models and code in one file, with a "
        "program that computes the numbers again."
    )


def _do(what: Callable[..., object], study: str, *, with_images: bool) -> None:
    """What was pressed; why it can't be done is said at the next drawing."""
    try:
        what(study, with_images=with_images)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


def _render_progress(study: str, with_images: bool) -> None:
    state = lab.bundle_state(study, with_images=with_images)
    if state is None or state.is_ended:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="bundle_progress"):
        st.markdown(f":material/progress_activity: {escaped(state.phase or 'Waiting')} ...")
        st.button(
            "Cancel",
            key="cancel_bundle",
            icon=":material/close:",
            on_click=_do,
            args=(lab.cancel_bundle, study),
            kwargs={"with_images": with_images},
            **for_editors(),
        )
