"""The head of a run's page: what it is in words, where it comes from, what was noted of it."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.config_file import config_text
from cnnlab.domain.config.run_config import RunConfig, describe_changes, load_stored
from cnnlab.domain.run import Run
from cnnlab.domain.run_naming import earlier_name, run_words, setting_words
from cnnlab.ui.run.lineage import render_origin
from cnnlab.ui.run.marks import render_marks, render_note
from cnnlab.ui.run.stored_config import what_is_on
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment


def run_title(run: Run, dataset: str) -> str:
    """What a run is, in words: `Digits, small CNN, dropout 0.3`; or the name that somebody gave it.

    Args:
        run: any.
        dataset: name of its dataset.
    """
    config = load_stored(run.config)
    if config is None:
        return run.name
    if run.study:
        return _title_in_study(run, config, dataset)
    is_of_earlier = run.name == earlier_name(describe_changes(config))
    return run_words(config, dataset) if is_of_earlier else run.name


def _title_in_study(run: Run, config: RunConfig, dataset: str) -> str:
    """By its arm, unless somebody gave the run a name."""
    if not run.name.startswith(f"{run.arm}, seed {config.training.seed} ("):
        return run.name
    architecture = config.architecture
    network = setting_words(architecture.preset, architecture.layers, {})
    return ", ".join([dataset, network, run.arm or ""])


def _dataset_name(run: Run) -> str:
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    return names.get(run.dataset, run.dataset)


def titles(runs: Sequence[Run]) -> dict[str, str]:
    """The titles of several runs by their ids."""
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    return {run.id: run_title(run, names.get(run.dataset, run.dataset)) for run in runs}


def render_heading(run: Run) -> str:
    """Title, one line of facts with what is on one click away, note and tags, its origin.

    Returns:
        The title.
    """
    dataset = _dataset_name(run)
    title = run_title(run, dataset)
    name_tab(title)
    st.title(escaped(title, limit=120), anchor=False)
    key = "run_heading_of_study" if run.study else "run_heading"  # its facts take more room
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        st.caption(" · ".join(_facts(run, dataset, title)), width="content")
        _render_settings(run)
        render_marks(run)
    render_note(run)
    render_origin(run)
    return title


def _facts(run: Run, dataset: str, title: str) -> list[str]:
    """What the title doesn't say."""
    facts = [] if title.startswith(dataset) else [escaped(dataset)]
    if run.study:
        facts.append(f"seed {run.config['training']['seed']}")
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
