"""One run: its curves first, live while it runs; beside them its numbers and what one does now."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.run import Status
from cnnlab.ui.components.live.live import render_live
from cnnlab.ui.queue.panel import render_queue
from cnnlab.ui.run.actions import render_actions
from cnnlab.ui.run.dial_panel import render_dials
from cnnlab.ui.run.heading import render_heading
from cnnlab.ui.run.layers import render_layers
from cnnlab.ui.run.lineage import chart_data
from cnnlab.ui.run.result.diagnosis_view import render_diagnosis
from cnnlab.ui.run.result.flattered import render_flattered
from cnnlab.ui.run.result.result_view import kept_epoch, render_result
from cnnlab.ui.run.stored_config import render_unreadable
from cnnlab.ui.run.tracking_line import render_tracking
from cnnlab.ui.text import escaped

_CURVES, _SIDE = 2.7, 1
"""Widths of the curves and of what stands beside them; on a phone it comes below."""


def render_run(run_id: str) -> None:
    """The page of one run.

    Raises:
        NotFoundError: there is no such run.
    """
    run = lab.load_run(run_id)
    render_heading(run)
    if imported := lab.imported_from(run.id):
        st.info(escaped(imported, limit=600), icon=":material/move_to_inbox:")
    render_unreadable(run)
    with st.container(key="run_status"):
        render_live("status", run)
    render_actions(run)
    with st.container(key="run_queue"):  # always there, so that what follows keeps its place
        if run.status is Status.QUEUED:
            with st.expander("Queue", expanded=True, icon=":material/queue:"):
                render_queue(run.id)
    view = lab.view_run(run.id)
    if run.last or not run.status.is_ended:
        _render_curves(view, run.name)
    else:
        render_dials(view)
        _render_diagnosis(view)
    render_flattered(run)
    if run.status.is_ended:
        render_result(view)
    render_tracking(run)
    if note := lab.version_note(view):
        st.caption(f":material/history: {escaped(note)}")
    with st.expander("Log of the worker"):
        render_live("log", run)
    _render_details(view)


def _render_curves(view: lab.RunView, title: str) -> None:
    """The same places before and after the end, so that a chart stays what it is, its zoom too."""
    run = view.run
    curves, side = st.columns([_CURVES, _SIDE], gap="medium")
    # What has ended is its result: a phone has it above the curves (app.css). What is above comes
    # first, so that nothing that is there has to make way.
    for column in (side, curves) if run.status.is_ended else (curves, side):
        with column:
            if column is side:
                _render_side(view)
            else:
                render_live("chart", run, more={**chart_data(run), "title": title})


def _render_side(view: lab.RunView) -> None:
    run = view.run
    is_ended = run.status.is_ended
    with (
        st.container(key="run_progress"),
        st.container(key="run_outcome" if is_ended else "run_course"),
    ):
        render_live("numbers", run, more={"kept": kept_epoch(view) if is_ended else None})
        if is_ended and (optimism := lab.run_optimism(run)):
            st.caption(escaped(optimism.words, limit=1000))
    render_dials(view)
    _render_diagnosis(view)


def _render_diagnosis(view: lab.RunView) -> None:
    if view.run.status.is_ended and load_stored(view.run.config):
        render_diagnosis(view)


@st.fragment
def _render_details(view: lab.RunView) -> None:
    """Drawn once it is opened, and then alone: the tree of facts takes long."""
    panel = st.expander(
        "Details: layers, versions, checksums", key="run_details", on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        facts = {name: value for name, value in view.facts.items() if name != "layers"}
        if view.facts.get("layers"):
            render_layers(view.facts["layers"], key="run_layers")
        elif view.run.status is Status.QUEUED:
            st.caption("Known as soon as the run has started.")
        st.json(facts, expanded=1)
