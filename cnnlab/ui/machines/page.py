"""The Machines page, for admins."""

import streamlit as st

from cnnlab.ui.machines.all_queues import render_all_runs
from cnnlab.ui.machines.checking import render_checking
from cnnlab.ui.machines.nodes import render_nodes


def render_machines() -> None:
    """The whole page."""
    st.title("Machines", anchor=False)
    with st.container(key="nodes_table"):
        nodes = render_nodes()
    render_checking(nodes)
    st.header("All runs", anchor=False)
    st.caption(
        "What trains and waits, of every workspace. Workspaces take turns; moving a run changes "
        "its place among those of its own."
    )
    with st.container(key="queue_table"):
        render_all_runs()
