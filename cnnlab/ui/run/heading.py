"""The head of a run's page: what it is in words, where it comes from, what was noted of it."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.architecture import Architecture
from cnnlab.domain.config.choice_words import choice_words
from cnnlab.domain.config.config_file import config_text
from cnnlab.domain.config.run_config import RunConfig, describe_changes, load_stored
from cnnlab.domain.run import Run
from cnnlab.ui.run.lineage import render_origin
from cnnlab.ui.run.marks import render_marks, render_note
from cnnlab.ui.run.stored_config import what_is_on
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped, moment

_MOST_CHANGES = 3
_TITLED = ("regularization", "augmentation")
"""Parts of the config that a title tells of, in this order: what a user compares."""


def run_title(run: Run, dataset: str) -> str:
    """What a run is, in words: `Digits, small CNN, dropout 0.3`; or the name that somebody gave it.

    Args:
        run: any.
        dataset: name of its dataset.
    """
    config = load_stored(run.config)
    if config is None or not _is_named_by_itself(run, config):
        return run.name
    network = _network_words(config.architecture)
    return ", ".join([dataset, network, *([run.arm] if run.arm else _changes(config))])


def _dataset_name(run: Run) -> str:
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    return names.get(run.dataset, run.dataset)


def _is_named_by_itself(run: Run, config: RunConfig) -> bool:
    if run.study:
        return run.name.startswith(f"{run.arm}, seed {config.training.seed} (")
    return run.name == lab.describe(config)


def _changes(config: RunConfig) -> list[str]:
    """What is on, the network's own settings left out: `dropout 0.3`, `L2 0.001`."""
    chosen = [RunConfig().model_copy(update={part: getattr(config, part)}) for part in _TITLED]
    words = [words for part in chosen for words in describe_changes(part)]
    told = [_lowered(each) for each in words] or ["nothing else switched on"]
    more = [f"{len(told) - _MOST_CHANGES} more"] if len(told) > _MOST_CHANGES else []
    return [*told[:_MOST_CHANGES], *more]


def _network_words(network: Architecture) -> str:
    """A network within a sentence: `small CNN`, `MobileNetV3 Small`, `own network`."""
    if network.layers:
        return "own network"
    return _lowered(choice_words(network.preset))


def _lowered(words: str) -> str:
    """Words within a sentence; names that are written their own way keep it: `L2`, `CutMix`."""
    return words[0].lower() + words[1:] if words.split()[0][1:].islower() else words


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
