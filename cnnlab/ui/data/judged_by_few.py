"""What few validation images mean for the accuracies of a run that is about to start."""

import contextlib

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.judged_by import judged_by_few_words
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.page_files import page_file


def render_judged_by_few(config: RunConfig) -> None:
    """Warn, and lead to where images are added; nothing where they are enough."""
    with contextlib.suppress(CnnlabError):  # a dataset that can't be split is said at the start
        images = lab.count_splits(config.dataset, config.split)["validation"]
        if unsure := judged_by_few_words(images):
            _render(config.dataset, *unsure)


def _render(dataset: str, warning: str, about: str) -> None:
    with st.container(key="judged_by_few", gap="xsmall"):
        st.markdown(f":orange[:material/warning:] **{warning}** {about}")
        st.page_link(
            page_file("data"),
            label="Add images on Data",
            icon=":material/add_photo_alternate:",
            query_params={"dataset": dataset},
        )
