"""A dataset made with the camera: name a class, take pictures, go on with the next class."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.import_progress import follow_import
from cnnlab.ui.text import escaped

_TOKEN = "camera_token"
_TAKEN = "camera_taken"
_PROBLEM = "camera_problem"
_LEAST_EACH = 2


def render_camera_form() -> None:
    """Take pictures into classes and import them."""
    st.markdown("Name a class, take pictures of it, then go on with the next one.")
    left, right = st.columns(2)
    with left:
        st.text_input("Class", key="camera_class", max_chars=100)
        if st.toggle("Camera on", key="camera_on"):
            st.camera_input(
                "Take a picture", key="camera", on_change=_keep, label_visibility="collapsed"
            )
    with right:
        counts = _counts()
        if _PROBLEM in st.session_state:
            st.error(escaped(st.session_state.pop(_PROBLEM), limit=500))
        for label, count in counts.items():
            st.markdown(f"**{escaped(label)}** · {count:,}")
        if not counts:
            st.caption("No pictures yet. About 30 of each class are a good start.")
        name = st.text_input("Name of the dataset", key="camera_name", max_chars=100)
        ready = len(counts) >= 2 and min(counts.values()) >= _LEAST_EACH
        if not ready and counts:
            st.caption(f"Needed are two classes with {_LEAST_EACH} pictures each, or more.")
        if st.button("Make the dataset", key="import_pictures", disabled=not ready):
            token = st.session_state.pop(_TOKEN)
            lab.import_pictures(token, name=name or "Camera")
            follow_import(token)


def _counts() -> dict[str, int]:
    token = st.session_state.get(_TOKEN)
    if token is None:
        return {}
    try:
        return lab.count_pictures(token)
    except CnnlabError:  # a day has passed and they were tidied away: begin anew
        st.session_state.pop(_TOKEN)
        return {}


def _keep() -> None:
    """Keep a picture once; the camera's value stays until the next is taken."""
    state = st.session_state
    picture = state["camera"]
    if picture is None or state.get(_TAKEN) == picture.file_id:
        return
    state[_TAKEN] = picture.file_id
    try:
        if _TOKEN not in state:
            state[_TOKEN] = lab.begin_pictures()
        lab.add_picture(state[_TOKEN], state["camera_class"], picture.getvalue())
    except CnnlabError as error:
        state[_PROBLEM] = str(error)
