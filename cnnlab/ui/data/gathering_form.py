"""Photos dropped or taken class by class: a new dataset, or more of what one has."""

import streamlit as st

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.lab.data import drafts
from cnnlab.ui.components.class_cards.class_cards import Gathered, ask_gathered
from cnnlab.ui.data.followed_import import GATHERED, follow_import, is_importing
from cnnlab.ui.data.version_view import show_version
from cnnlab.ui.text import escaped, plain

_LONG = 1000
_NAME = 40
_WAIT = (
    "Another import is still going on, see above. The pictures stay on their cards: press the "
    "button again when it has ended."
)


def render_gathering(dataset: Dataset | None) -> None:
    """Ask for photos of classes; the press of the button makes a dataset, or a new version of one.

    Args:
        dataset: the one that is chosen, if there is any.
    """
    into = _ask_target(dataset) if dataset else None
    done = st.session_state.get(GATHERED, {}).get(into.id if into else "", "")
    asked = (
        ask_gathered(key=f"more_cards_{into.id}", target=into.id, classes=into.classes, done=done)
        if into
        else ask_gathered(key="class_cards", done=done)
    )
    if asked is None:
        return
    try:
        if into:
            _add(into, asked)
        elif is_importing():
            st.warning(_WAIT, icon=":material/hourglass_top:")
        else:
            follow_import(drafts.import_draft(asked["draft"], name=asked["name"]))
    except CnnlabError as error:
        st.error(escaped(str(error), limit=_LONG), icon=":material/error:")


def _ask_target(dataset: Dataset) -> Dataset | None:
    names = {False: "A new dataset", True: f"More of {plain(dataset.name, limit=_NAME)}"}
    chosen = st.segmented_control(
        "The photos are for",
        list(names),
        key="gather_into",
        default=False,
        format_func=names.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    return dataset if chosen else None


def _add(dataset: Dataset, asked: Gathered) -> None:
    with st.spinner("Looking at the pictures"):
        grown = drafts.add_draft(asked["draft"], dataset.id)
    st.session_state[GATHERED] = {grown.id: asked["draft"]}
    show_version(grown, instead_of=dataset.id)
    st.rerun()
