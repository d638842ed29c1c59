"""The way back from a page that is reached from a run: above its title, to all runs and the run."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.domain.run import Run
from cnnlab.ui.page_files import page_file
from cnnlab.ui.runs_table.address import latest_address
from cnnlab.ui.text import escaped

_KEY = "way_back"
_LONG = 120


def render_way_back() -> DeltaGenerator:
    """The way to all runs, as they were shown last.

    Returns:
        Where the run is named once it is known, see `lead_to`.
    """
    place = st.container(horizontal=True, key=_KEY)
    place.page_link(page_file("runs"), label="Runs", query_params=latest_address(), width="content")
    return place


def lead_to(place: DeltaGenerator, runs: Sequence[Run]) -> None:
    """Name the run that the page is about; of several, the page itself says which.

    Args:
        place: of `render_way_back`.
        runs: that the page is about.
    """
    if len(runs) == 1:
        place.page_link(
            page_file("runs"),
            label=escaped(runs[0].name, limit=_LONG),
            query_params={"run": runs[0].id},
            width="content",
        )
