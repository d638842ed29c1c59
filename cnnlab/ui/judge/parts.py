"""The part of the dataset that a model is judged on, as it is chosen on the page."""

import streamlit as st

from cnnlab.domain.data.split import TEST

_KEY = "judge_split"
_PARAMETER = "part"
"""Of the address, which a reload keeps."""

_CHOSEN = "judge_split_chosen"
"""Session key of the choice; that of the widget would be lost on another page."""

PARTS = {"validation": "Validation images", "train": "Training images", "test": "Test images"}
"""What each part is called on the page."""

_USUAL = "validation"

IMAGES_OF = {"validation": "validation images", "train": "training images", "test": "test images"}
"""What its images are called."""


def ask_part(*, is_test_open: bool) -> str:
    """Ask on which part the model is judged: one of `PARTS`.

    Args:
        is_test_open: whether the test images can be chosen: somebody has opened them.
    """
    options = [split for split in PARTS if split != TEST or is_test_open]
    before = st.query_params.get(_PARAMETER) or st.session_state.get(_CHOSEN, _USUAL)
    st.session_state[_KEY] = before if before in options else _USUAL
    chosen = st.segmented_control(
        "Judged on",
        options,
        key=_KEY,
        format_func=PARTS.__getitem__,
        on_change=_choose,
        required=True,
    )
    return chosen or _USUAL


def _choose() -> None:
    show_part(st.session_state[_KEY])


def show_part(split: str) -> None:
    """Have the page show another part; before it is drawn, such as in a button's callback.

    Args:
        split: one of `PARTS`.
    """
    st.session_state[_CHOSEN] = st.query_params[_PARAMETER] = split
