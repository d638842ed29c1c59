"""Pictures added to a class of a dataset: dropped, given a class, and in a new version."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.upload.upload import ask_upload
from cnnlab.ui.data.version_view import TURN, show_version
from cnnlab.ui.text import distinct, escaped, plain

_NEW_CLASS = ""
_WORDS = "Drop pictures (or a zip of them) here, or click to choose them."
_TOUCHED = "Tap to choose pictures, or a zip of them."
_ADDED = "pictures_added"


def render_adding(dataset: Dataset) -> None:
    """Ask for pictures and their class; the button adds them in a new version."""
    st.markdown(
        "This makes a new version, in which all other images keep their parts (training, "
        "validation, test). What is in the class already is left out."
    )
    turn = st.session_state.get(TURN, 0)
    upload = ask_upload(
        key="add_images_upload", reset=f"{dataset.id} {turn}", words=_WORDS, touched=_TOUCHED
    )
    if upload and upload["token"] == st.session_state.get(_ADDED):
        upload = None  # the area is empty again; the browser still names what was there
    left, right = st.columns(2, vertical_alignment="bottom")
    classes = {name: plain(name) for name in dataset.classes} | {_NEW_CLASS: "A new class"}
    label = left.selectbox(
        "Class of all these pictures",
        list(classes),
        format_func=distinct(classes).__getitem__,
        key="add_images_label",
    )
    if label == _NEW_CLASS:
        words = "Name of the class to add"
        label = left.text_input(words, key="add_images_new_label", max_chars=1000)
    if (
        right.button(
            "Add pictures to this class",
            key="add_images",
            icon=":material/add_photo_alternate:",
            width="stretch",
            **for_editors(disabled=not upload or not label.strip()),
        )
        and upload
    ):
        _add(dataset.id, upload["token"], label)


def _add(dataset: str, token: str, label: str) -> None:
    try:
        with st.spinner("Looking at the pictures"):
            grown = lab.add_uploaded(dataset, token, label)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000))
        return
    st.session_state[_ADDED] = token
    show_version(grown, instead_of=dataset)
    st.rerun()
