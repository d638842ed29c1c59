"""One button that makes the base of a study overfit, says what it set, and takes it back."""

from typing import Any, NamedTuple

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError, DamagedError
from cnnlab.domain.recipes.overfitting import Overfitting, overfit_on_purpose
from cnnlab.ui.form.fields import PATHS, ask_field
from cnnlab.ui.form.network import own_layers
from cnnlab.ui.form.phases import phases_in_form
from cnnlab.ui.form.state import read_form
from cnnlab.ui.text import escaped

BARE = "study_bare"
"""Key of the switch that leaves out the regularizers of the Train page."""

_DONE = "overfit_set"
_BY_HAND = ("images_per_class", "label_noise", "filters")
_KEYS = {path: key for key, path in PATHS.items()}


class _Done(NamedTuple):
    """What the button set and what was there, by the keys of widgets, and that in words."""

    dataset: str
    set_to: dict[str, Any]
    before: dict[str, Any]
    words: str


def ask_overfitting(dataset: Dataset) -> None:
    """The button with what it set and the way back, and the same by hand."""
    done: _Done | None = st.session_state.get(_DONE)
    if done is not None and done.dataset == dataset.id and _holds(done.set_to):
        st.success(escaped(done.words, limit=600), icon=":material/fitness_center:")
        st.button("Undo", key="undo_overfit", icon=":material/undo:", on_click=_set, args=(done,))
    else:
        found = _for(dataset)
        st.button(
            "Make it overfit",
            key="make_overfit",
            icon=":material/fitness_center:",
            help="Few images, a large network and enough steps to learn them by heart, as suits "
            "this dataset: then watch each arm rescue it.",
            disabled=found is None,
            on_click=_overfit,
            args=(dataset.id, found),
        )
    with st.expander("Make it harder by hand", icon=":material/tune:"):
        st.caption("Few images, wrong labels and a large network make it learn by heart.")
        for column, key in zip(st.columns(3), _BY_HAND, strict=True):
            with column:
                ask_field(key)


def _for(dataset: Dataset) -> Overfitting | None:
    """None where the form holds what no run can be, which is said elsewhere."""
    try:
        counts = lab.training_images(read_form(dataset.id))
    except (BadInputError, DamagedError):
        return None
    preset = st.session_state["preset"]
    return overfit_on_purpose(
        counts, preset, has_own_layers=own_layers() is not None, has_phases=bool(phases_in_form())
    )


def _overfit(dataset: str, found: Overfitting) -> None:
    state = st.session_state
    set_to = {_KEYS[path]: value for path, value in found.changes.items()} | {BARE: True}
    before = {key: state.get(key) for key in set_to}
    state[_DONE] = _Done(dataset, set_to, before, found.words)
    state.update(set_to)


def _set(done: _Done) -> None:
    st.session_state.update(done.before)
    del st.session_state[_DONE]


def _holds(values: dict[str, Any]) -> bool:
    return all(st.session_state.get(key) == value for key, value in values.items())
