"""Which values of images with more than 8 bits are black and white: shown, and to be changed."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.data.followed_import import follow_import, is_importing
from cnnlab.ui.text import escaped


def render_range(dataset: Dataset) -> None:
    """The range of a dataset with deep images; other ones have none."""
    if not lab.has_deep_images(dataset.id):
        return
    known = dataset.value_range
    with st.container(border=True, key="value_range"):
        st.markdown("**Range of values** · images with more than 8 bits a channel")
        st.markdown(
            f"The values {known.words} are black to white in all of them."
            if known
            else "An earlier version imported this dataset: each image is scaled by itself. One "
            "range for all makes them comparable."
        )
        left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
        low = left.number_input(
            "Black", value=known.low if known else 0.0, format="%.10g", key=f"low_{dataset.id}"
        )
        high = middle.number_input(
            "White", value=known.high if known else 255.0, format="%.10g", key=f"high_{dataset.id}"
        )
        if right.button(
            "Read the images with this range",
            key="read_anew",
            icon=":material/tonality:",
            disabled=is_importing(),
            width="stretch",
            help="Makes a new version of the dataset; runs on this one keep it.",
        ):
            if (low, high) == known:
                st.info("They are read with this range already: give another one.")
            else:
                _read_anew(dataset.id, low, high)


def _read_anew(dataset: str, low: float, high: float) -> None:
    try:
        token = lab.read_anew(dataset, low, high)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000))
    else:
        follow_import(token)
