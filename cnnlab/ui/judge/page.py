"""The Evaluate page: which run, which part, and what its model does there."""

import streamlit as st

from cnnlab.domain.data.split import TEST, TRAIN
from cnnlab.ui.components.scroll.scroll import render_scrolling
from cnnlab.ui.judge.crossfit_view import render_search_note
from cnnlab.ui.judge.deleting import render_deletion
from cnnlab.ui.judge.job import ask_judgement
from cnnlab.ui.judge.parts import ask_part
from cnnlab.ui.judge.sections import VAULT, render_overview, render_sections
from cnnlab.ui.judge.vault import opened_test, render_vault
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.run_choice import ask_run
from cnnlab.ui.run.way_back import lead_to, render_way_back
from cnnlab.ui.tab import name_tab


def render_evaluate() -> None:
    """The whole page."""
    way = render_way_back()
    st.title("Judge a model", anchor=False)
    st.caption("Where it errs, how sure it is of what it says, and how far that can be trusted.")
    run = ask_run()
    if run is None:
        return
    lead_to(way, [run])
    name_tab(f"Judge: {run.name}")
    test = opened_test(run)
    with st.container(horizontal=True, vertical_alignment="bottom", key="judge_head"):
        split = ask_part(is_test_open=test is not None)
        if st.button("The run's page", key="open_run", icon=":material/monitoring:"):
            st.switch_page(page_file("runs"), query_params={"run": run.id})
        if st.button("Look inside", key="open_explain", icon=":material/frame_inspect:"):
            st.switch_page(page_file("explain"), query_params={"run": run.id})
    if split != TRAIN:
        render_search_note(run)
    if test is not None and split == TEST:
        render_overview()
        with st.container(key=VAULT):
            render_vault(run)
        render_sections(test.judgement, test.predictions, run)
        render_deletion(run, split)
    else:
        found = ask_judgement(run, split)
        if found:
            render_overview()
            render_sections(*found, run)
        with st.container(key=VAULT):
            render_vault(run)
        if found:
            render_deletion(run, split)
    render_scrolling()
