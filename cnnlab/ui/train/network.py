"""The network of the Train page, and on request what its layers do to one's own pictures."""

import numpy as np
import streamlit as st
from PIL import Image as PillowImage

from cnnlab import lab
from cnnlab.domain.config.run_config import Image
from cnnlab.lab.access.acting import here
from cnnlab.ui.form.network import render_network_section
from cnnlab.ui.form.state import form_values
from cnnlab.ui.train.parts import Seen

_PICTURES = 6
_SEEN_PX = 64
_SHOWN_PX = 320


def render_network(seen: Seen) -> None:
    """The drawing, and below it, on request, a filter and a pooling at work.

    Args:
        seen: the form; they work on pictures of its dataset.
    """
    render_network_section(len(seen.dataset.classes))
    if st.toggle("See what a layer does", key="layer_examples", persist_state="session"):
        _render_examples(seen.dataset.id)


@st.fragment
def _render_examples(dataset: str) -> None:
    left, middle, right = st.columns(3)
    number = left.selectbox(
        "Picture", range(_PICTURES), format_func=lambda at: f"{at + 1}", key="example_picture"
    )
    name = middle.selectbox("Filter of 3×3 px", lab.FILTERS, key="example_filter")
    pooling = right.selectbox("Then pooling 2×2", lab.POOLINGS, key="example_pooling")
    image = form_values("")["image"]
    picture = _picture(here(), dataset, number, image["color"], image["resize"])
    seed = 0
    if name == lab.FILTERS[-1]:
        seed = st.slider("Which of the random filters", 1, 8, key="example_seed")
    weights = lab.filter_weights(name, picture.shape[-1], seed)
    found = lab.filtered(picture, weights)
    pooled = lab.pooled(found, pooling)
    shown = (
        (picture, f"The picture, {_size(picture)}"),
        (lab.as_picture(found, found), f"What it finds, lighter where more: {_size(found)}"),
        (lab.as_picture(pooled, found), f"After {pooling} pooling, {_size(pooled)}"),
    )
    for column, (pixels, words) in zip(st.columns(3), shown, strict=True):
        column.image(_large(pixels), caption=words, width="stretch", alt=words)
    st.caption(
        "A convolution has many such filters and learns their weights; each filter's picture is "
        "one channel of its output."
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _picture(workspace: str, dataset: str, number: int, color: str, resize: str) -> np.ndarray:
    image = Image.model_validate({"size": _SEEN_PX, "color": color, "resize": resize})
    pictures = lab.square_examples(dataset, image, count=_PICTURES)
    return pictures[number % len(pictures)]


def _size(pixels: np.ndarray) -> str:
    return f"{pixels.shape[0]} × {pixels.shape[1]} px"


def _large(pixels: np.ndarray) -> PillowImage.Image:
    """With pixels that can be seen."""
    picture = PillowImage.fromarray(pixels.squeeze())
    return picture.resize((_SHOWN_PX, _SHOWN_PX), PillowImage.Resampling.NEAREST)
