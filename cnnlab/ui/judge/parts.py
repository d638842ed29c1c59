"""The part of the dataset that a model is judged on, as it is chosen on the page."""

import streamlit as st

_KEY = "judge_split"
_CHOSEN = "judge_split_chosen"
"""Session key of the choice; that of the widget would be lost on another page."""

PARTS = {"validation": "Validation images", "train": "Training images"}
"""What each part is called on the page."""

IMAGES_OF = {"validation": "validation images", "train": "training images", "test": "test images"}
"""What its images are called."""


def ask_part() -> str:
    """Ask on which part the model is judged: `validation` or another one of `PARTS`."""
    st.session_state[_KEY] = st.session_state.get(_CHOSEN, "validation")
    chosen = st.segmented_control(
        "Judged on",
        list(PARTS),
        key=_KEY,
        format_func=PARTS.__getitem__,
        on_change=_choose,
        required=True,
    )
    return chosen or "validation"


def _choose() -> None:
    show_part(st.session_state[_KEY])


def show_part(split: str) -> None:
    """Have the page show another part; before it is drawn, such as in a button's callback.

    Args:
        split: one of `PARTS`.
    """
    st.session_state[_CHOSEN] = split
