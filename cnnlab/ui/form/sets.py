"""Usual sets of augmentations: the one that the form shows, and another by one click."""

import streamlit as st

from cnnlab.augmentations.table import DETAILS, SETS, strengths_of_set
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.words import listed
from cnnlab.fields import extra
from cnnlab.ui.form.state import chosen_recipe
from cnnlab.ui.train.recipe import TITLES

_OFF = "Off"
_STRENGTHS: dict[str, dict[str, float]] = {
    _OFF: {},
    **{name: strengths_of_set(position) for position, name in enumerate(SETS)},
}


def ask_set() -> None:
    """The sets, with the one chosen that the fields are as strong as; none of several own ones."""
    chosen, beside = _shown()
    with st.container(
        key="augment_set_row", horizontal=True, vertical_alignment="center", gap="small"
    ):
        for name in _STRENGTHS:  # buttons hold no state that could come back late and be obeyed
            st.button(
                name,
                key=f"augment_{name.lower()}",
                icon=":material/check:" if name == chosen else None,
                on_click=_take,
                args=(name,),
            )
        if chosen is None:
            recipe = chosen_recipe()
            words = f"Set by {TITLES[recipe]}." if recipe else "A mix of your own."
            st.caption(words, width="content")
        elif beside:
            st.caption(f"and {listed(beside)}", width="content")


def _shown() -> tuple[str | None, list[str]]:
    """The set that the fields are as strong as, and the labels of what is on beside it."""
    state, fields = st.session_state, Augmentation.model_fields
    on = {
        name: value
        for name in fields
        if name not in DETAILS and (value := state[f"aug_{name}"]) not in (0, None, False, "none")
    }
    if not on:
        return _OFF, []
    for name, strengths in _STRENGTHS.items():
        if strengths and all(on.get(one) == strength for one, strength in strengths.items()):
            return name, [extra(fields[one], "label") for one in on if one not in strengths]
    return None, []


def _take(name: str) -> None:
    """Switch on what a set says; the empty one switches everything off."""
    strengths = _STRENGTHS[name]
    names = strengths_of_set(0) if strengths else Augmentation.model_fields
    for one in names:
        value = strengths.get(one, Augmentation.model_fields[one].default)
        st.session_state[f"aug_{one}"] = value
