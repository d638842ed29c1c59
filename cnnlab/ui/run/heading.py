"""The head of a run's page: what it is in words, where it comes from, what was noted of it."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.config_file import config_text
from cnnlab.domain.run import Run
from cnnlab.ui.run.lineage import render_origin
from cnnlab.ui.run.marks import render_marks, render_note
from cnnlab.ui.run.stored_config import what_is_on
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment


def _dataset_name(run: Run) -> str:
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    return names.get(run.dataset, run.dataset)


def render_heading(run: Run) -> None:
    """Its name, one line of facts with what is on one click away, note and tags, its origin."""
    name_tab(run.name)
    st.title(escaped(run.name, limit=120), anchor=False)
    key = "run_heading_of_study" if run.study else "run_heading"  # its facts take more room
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        st.caption(" · ".join(_facts(run)), width="content")
        _render_settings(run)
        render_marks(run)
    render_note(run)
    render_origin(run)


def _facts(run: Run) -> list[str]:
    """What the title doesn't say."""
    dataset, seed = _dataset_name(run), f"seed {run.config['training']['seed']}"
    facts = [] if run.name.startswith(dataset) else [escaped(dataset)]
    if run.study and seed not in run.name:
        facts.append(seed)
    return [*facts, moment(run.created_at)]


def _render_settings(run: Run) -> None:
    with st.popover("All settings", key="run_settings", icon=":material/tune:", type="tertiary"):
        st.markdown("**What isn't at its default**")
        st.markdown(escaped(what_is_on(run) or "Nothing: all is at its default.", limit=2000))
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
        st.code(text, language="json", height=260)
