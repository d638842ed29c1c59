"""The start button, and what will be trained in a few words."""

import math

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config import RunConfig
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped


def render_launch(config: RunConfig) -> None:
    """Say what will be trained on what, and start it on the button's press."""
    st.subheader("Start", anchor=False)
    try:
        splits = lab.count_splits(config.dataset, config.split)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000))
        return
    steps = math.ceil(splits["train"] / config.training.images_per_step)
    st.markdown(
        f"**{splits['train']:,}** training and **{splits['validation']:,}** validation images, "
        f"**{steps:,}** steps per epoch, **{config.training.epochs:,}** epochs."
    )
    if splits["test"]:
        st.caption(f"{splits['test']:,} test images stay locked away.")
    name = st.text_input(
        "Run name", key="run_name", max_chars=200, placeholder=lab.describe(config)
    )
    if st.button(
        "Train", key="launch_run", type="primary", icon=":material/play_arrow:", width="stretch"
    ):
        run = lab.launch_run(config, name=name)
        st.switch_page(page_file("runs"), query_params={"run": run.id})
