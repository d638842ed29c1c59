"""What can be done with a run: the one next step first, all the rest in a menu."""

from typing import Literal

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.run import Run, Status
from cnnlab.server.downloads import curves_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.fork_form import render_fork_button, render_fork_dialog
from cnnlab.ui.run.openings import FIRST_OPENINGS, FURTHER_OPENINGS, render_openings
from cnnlab.ui.run.result.documents_choice import render_document_links
from cnnlab.ui.sharing.dialog import render_share_button
from cnnlab.ui.text import escaped


def render_actions(run: Run) -> None:
    """The buttons of a run's page; scripts find those of the contract without opening the menu."""
    config = load_stored(run.config)
    goes_on = None if lab.imported_from(run.id) else config
    can_fork = goes_on is not None and run.status is not Status.QUEUED
    # No help texts here: Streamlit draws a button that has one twice, which confuses scripts.
    with st.container(horizontal=True, vertical_alignment="center", key="run_actions"):
        _render_stop(run)
        resumes = goes_on is not None and _can_resume(run)
        if resumes and st.button(
            "Resume", key="resume_run", icon=":material/resume:", type="primary", **for_editors()
        ):
            lab.resume_run(run.id)
            st.rerun()
        render_openings(run, FIRST_OPENINGS, primary=None if resumes else "predict")
        if can_fork:
            render_fork_button(run)
        is_next = run.status.is_ended and not run.last and not resumes
        if config and is_next:
            _render_clone(config, is_next=True)
        with st.popover("More", key="run_menu", icon=":material/more_horiz:"):
            _render_menu(run, None if is_next else config)
    if can_fork:
        render_fork_dialog(run)


def _render_stop(run: Run) -> None:
    if run.status.is_ended:
        return
    stopping = lab.is_stopping(run)
    words = "Stopping" if stopping else "Stop"
    if st.button(words, key="stop_run", icon=":material/stop:", **for_editors(disabled=stopping)):
        lab.stop_run(run.id)
        st.rerun()


def _can_resume(run: Run) -> bool:
    """A run that failed before its first epoch would fail in the same way again.

    An interrupted one goes on by itself after a while; this way it doesn't wait.
    """
    return run.status in (Status.INTERRUPTED, Status.STOPPED) or (
        run.status is Status.FAILED and bool(run.last)
    )


def _render_menu(run: Run, config: RunConfig | None) -> None:
    """What is wanted more seldom; files to take along stand below it."""
    with st.container(horizontal=True):
        render_openings(run, FURTHER_OPENINGS)
        if config:
            _render_clone(config)
        if run.status.is_ended and run.last:
            render_share_button(run.id, "run")
        if st.button("Rename", key="rename_run", icon=":material/edit:", **for_editors()):
            _ask_name(run)
        if run.status.is_ended and st.button(
            "Delete", key="delete_run", icon=":material/delete:", type="tertiary", **for_editors()
        ):
            _confirm_delete(run)
    if run.last:
        with st.container(horizontal=True):
            st.link_button(
                "Curves (CSV)",
                curves_address([run.id]),
                icon=":material/download:",
                key="run_curves",
            )
        render_document_links(run)


def _render_clone(config: RunConfig, *, is_next: bool = False) -> None:
    kind: Literal["primary", "secondary"] = "primary" if is_next else "secondary"
    if st.button("Clone", key="clone_run", icon=":material/content_copy:", type=kind):
        fill_form(config)
        st.switch_page(page_file("train"))


@st.dialog("Rename this run")
def _ask_name(run: Run) -> None:
    with st.form("rename", border=False):
        st.text_input("Name", value=run.name, max_chars=200, key="new_run_name")
        if st.form_submit_button(
            "Rename", type="primary", key="confirm_rename", on_click=_rename, args=(run.id,)
        ):
            st.rerun()


def _rename(run: str) -> None:
    name = st.session_state["new_run_name"].strip()
    if name:
        lab.rename_run(run, name)


@st.dialog("Delete this run?")
def _confirm_delete(run: Run) -> None:
    st.markdown(f"**{escaped(run.name)}**, its curves and its model will be gone for good.")
    with st.container(horizontal=True):
        delete = st.button(
            "Delete",
            type="primary",
            key="confirm_delete_run",
            on_click=lambda: lab.delete_run(run.id),
        )
        if st.button("Cancel", key="cancel_delete_run"):
            st.rerun()
    if delete:
        st.switch_page(page_file("runs"), query_params={})
