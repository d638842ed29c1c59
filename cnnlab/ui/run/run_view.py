"""One run: live while it runs, its result when it has ended."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.config_file import config_text
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.run import Run, Status
from cnnlab.server.downloads import curves_address
from cnnlab.ui.components.live.live import render_live
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.diagnosis_view import render_diagnosis
from cnnlab.ui.run.dial_panel import render_dials
from cnnlab.ui.run.documents_choice import render_documents
from cnnlab.ui.run.flattered import render_flattered
from cnnlab.ui.run.fork_form import render_fork_button
from cnnlab.ui.run.lineage import chart_data, render_origin
from cnnlab.ui.run.marks import render_marks, render_note
from cnnlab.ui.run.openings import render_openings
from cnnlab.ui.run.result_view import render_result
from cnnlab.ui.run.stored_config import render_unreadable, what_is_on
from cnnlab.ui.run.tracking_line import render_tracking
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment


def render_run(run_id: str) -> None:
    """The page of one run.

    Raises:
        NotFoundError: there is no such run.
    """
    run = lab.load_run(run_id)
    name_tab(run.name)
    st.title(escaped(run.name, limit=100), anchor=False)
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    changes = what_is_on(run) or "everything at its default"
    dataset = escaped(names.get(run.dataset, run.dataset))
    st.caption(f"{dataset} · {escaped(changes, limit=400)} · {moment(run.created_at)}")
    render_note(run)
    if imported := lab.imported_from(run.id):
        st.info(escaped(imported, limit=600), icon=":material/move_to_inbox:")
    render_unreadable(run)
    render_origin(run)
    render_flattered(run)
    with st.container(key="run_status"):
        render_live("status", run)
    _render_buttons(run)
    if run.last or not run.status.is_ended:
        with st.container(key="run_progress"):
            optimism = lab.run_optimism(run) if run.status.is_ended else None
            render_live("numbers", run, more={"optimism": optimism.words if optimism else ""})
        render_live("chart", run, more=chart_data(run))
    view = lab.view_run(run.id)
    render_dials(view)
    if run.status.is_ended:
        if load_stored(run.config):
            render_diagnosis(view)
        render_result(view)
    render_tracking(run)
    if note := lab.version_note(view):
        st.caption(f":material/history: {escaped(note)}")
    with st.expander("Log of the worker"):
        render_live("log", run)
    _render_details(view)


def _render_buttons(run: Run) -> None:
    config = load_stored(run.config)
    goes_on = None if lab.imported_from(run.id) else config
    # No help texts here: Streamlit draws a button that has one twice, which confuses scripts.
    with st.container(horizontal=True):
        stopping = lab.is_stopping(run)
        if not run.status.is_ended and st.button(
            "Stopping" if stopping else "Stop",
            key="stop_run",
            icon=":material/stop:",
            type="primary",
            disabled=stopping,
        ):
            lab.stop_run(run.id)
            st.rerun()
        if (
            goes_on
            and _can_resume(run)
            and st.button("Resume", key="resume_run", icon=":material/resume:", type="primary")
        ):
            lab.resume_run(run.id)
            st.rerun()
        render_openings(run)
        if goes_on and run.status is not Status.QUEUED:
            render_fork_button(run)
        if config and st.button("Clone", key="clone_run", icon=":material/content_copy:"):
            fill_form(config)
            st.switch_page(page_file("train"))
        if run.last:
            st.link_button(
                "Curves (CSV)",
                curves_address([run.id]),
                icon=":material/download:",
                key="run_curves",
            )
            render_documents(run)
        render_marks(run)
        if st.button("Rename", key="rename_run", icon=":material/edit:"):
            _ask_name(run)
        if run.status.is_ended and st.button("Delete", key="delete_run", icon=":material/delete:"):
            _confirm_delete(run)


def _can_resume(run: Run) -> bool:
    """A run that failed before its first epoch would fail in the same way again.

    An interrupted one goes on by itself after a while; this way it doesn't wait.
    """
    return run.status in (Status.INTERRUPTED, Status.STOPPED) or (
        run.status is Status.FAILED and bool(run.last)
    )


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


def _render_config(run: Run) -> None:
    text = config_text(run.config)
    st.download_button(
        "Download as config.json",
        text,
        file_name=f"{run.id}-config.json",
        mime="application/json",
        key="download_config",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption("The Train page fills its form with it, and `train --config` takes it.")
    st.code(text, language="json")


def _render_details(view: lab.RunView) -> None:
    with st.expander("Details: configuration, layers, versions, checksums"):
        facts = {name: value for name, value in view.facts.items() if name != "layers"}
        layers, config = st.tabs(["Network and machine", "Configuration"])
        with layers:
            if view.facts.get("layers"):
                st.dataframe(view.facts["layers"], hide_index=True, width="stretch")
            elif view.run.status is Status.QUEUED:
                st.caption("Known as soon as the run has started.")
            st.json(facts, expanded=1)
        with config:
            _render_config(view.run)
