"""Runs whose curves are wanted as one table."""

import itertools
from collections.abc import Sequence

import streamlit as st

from cnnlab.lab import ListedRun
from cnnlab.server.downloads import curves_address
from cnnlab.ui.text import distinct, moment, plain

_OFFERED = 200


def render_curves_choice(runs: Sequence[ListedRun]) -> None:
    """Offer the curves of some runs as one CSV; nothing before one has finished an epoch.

    Args:
        runs: the first of them are offered.
    """
    with_epoch = list(itertools.islice((run for run in runs if run.last), _OFFERED))
    if not with_epoch:
        return
    words = distinct(
        {run.id: f"{plain(run.row.name)} · {moment(run.row.created_at)}" for run in with_epoch}
    )
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
