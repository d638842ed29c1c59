"""The Machines page, for admins; others are told what they see where."""

import streamlit as st

from cnnlab.ui.machines.all_queues import render_all_runs
from cnnlab.ui.machines.checking import render_checking
from cnnlab.ui.machines.nodes import render_nodes
from cnnlab.ui.page_files import page_file
from cnnlab.ui.visitor import is_admin


def render_machines() -> None:
    """The whole page."""
    st.title("Machines", anchor=False)
    if not is_admin():
        _render_for_others()
        return
    with st.container(key="nodes_table"):
        nodes = render_nodes()
    render_checking(nodes)
    st.header("Training and waiting", anchor=False)
    with st.container(key="queue_table"):
        render_all_runs()


def _render_for_others() -> None:
    """Whoever is no admin has the queue of their own workspace, which says when whose turn is."""
    st.info(
        "This page is for admins: it shows every machine and the runs of all workspaces. What "
        "trains and waits in your workspace, and about when it is each run's turn, stands on Runs; "
        "a run's own page says on which device it trains.",
        icon=":material/dns:",
    )
    st.page_link(page_file("runs"), label="Go to Runs", icon=":material/monitoring:")
