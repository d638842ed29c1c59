"""A run's model as a file, in one format; 'Take it along' above leads to all of them."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.models.one_format import (
    ask_calibrated,
    ask_format,
    render_format,
    render_problems,
)


def render_exports(run: Run) -> None:
    """The format to choose, and what there is in it: a download, progress, or the button."""
    with st.container(horizontal=True, vertical_alignment="center", key="download_model"):
        rows = lab.export_overview(run.id)
        row = ask_format(rows)
        if ask_calibrated(run):
            name, rows = row.format.name, lab.export_overview(run.id, calibrated=True)
            row = next(each for each in rows if each.format.name == name)
        render_format(run, row, prepare_key="prepare_model")
    render_problems(row)
