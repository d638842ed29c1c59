"""Runs whose curves are wanted as one table."""

import streamlit as st

from cnnlab import lab
from cnnlab.server.downloads import curves_address
from cnnlab.ui.text import distinct, moment, plain

_OFFERED = 200


def render_curves_choice(*, alone: bool) -> None:
    """Offer the curves of any runs as one CSV; nothing before a run has finished an epoch.

    Args:
        alone: only those of no study.
    """
    runs = [run for run in lab.list_runs(alone=alone, limit=_OFFERED) if run.last]
    if not runs:
        return
    words = distinct({run.id: f"{plain(run.name)} · {moment(run.created_at)}" for run in runs})
    with st.popover("Curves as CSV", icon=":material/download:"):
        st.caption("One table with a row for each run and epoch. A study's page offers its own.")
        download = st.container()  # above the list, which covers what lies below it while open
        chosen = st.multiselect(
            "Runs", list(words), format_func=words.__getitem__, key="curves_runs",
            placeholder="Choose runs",
        )  # fmt: skip
        if chosen:
            download.link_button(
                "Download", curves_address(chosen), icon=":material/download:", key="curves_csv"
            )
