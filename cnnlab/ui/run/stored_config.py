"""What a run was asked to do, in words; its config may be one that only another version takes."""

import streamlit as st

from cnnlab.domain.config.run_config import describe_changes, load_config, load_stored
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.run import Run
from cnnlab.ui.text import escaped

OF_ANOTHER_VERSION = "a configuration of another version"


def what_is_on(run: Run) -> str:
    """Everything that isn't at its default, as plain text; empty where all is."""
    config = load_stored(run.config)
    return OF_ANOTHER_VERSION if config is None else ", ".join(describe_changes(config))


def render_unreadable(run: Run) -> None:
    """Say why a config can't be read and what follows; nothing where it can."""
    try:
        load_config(run.config)
    except ConfigError as error:
        why = escaped(in_labels(error).rstrip("."), limit=600)
        st.warning(
            f"This run has {OF_ANOTHER_VERSION}, which this one doesn't take: {why}. What was "
            "measured is shown; it can't be diagnosed, gone on with, forked or cloned here. To "
            "train it again, set the fields on the Train page; they stand in the details below.",
            icon=":material/history:",
        )
