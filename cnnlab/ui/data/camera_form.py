"""A dataset made with the camera: name a class, take pictures, go on with the next class."""

import base64

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.components.camera.camera import ask_pictures
from cnnlab.ui.data.followed_import import follow_import
from cnnlab.ui.text import escaped, plain

_TOKEN = "camera_token"
_TURN = "camera_turn"
_PROBLEM = "camera_problem"
_LEAST_EACH = 2
_SHOWN = 4
_SHOWN_PX = 56


def render_camera_form() -> None:
    """Take pictures into classes and import them."""
    st.markdown("Name a class, take pictures of it, then go on with the next one.")
    counts = _counts()
    left, right = st.columns(2)
    with left:
        label = st.text_input("Class", key="camera_class", max_chars=100)
        if st.toggle("Camera on", key="camera_on"):
            turn = st.session_state.setdefault(_TURN, 0)
            ask_pictures(key="camera", turn=turn, on_picture=_keep)
        if _PROBLEM in st.session_state:
            st.error(escaped(st.session_state.pop(_PROBLEM), limit=500))
        if counts:
            _render_last(st.session_state[_TOKEN], label)
    with right:
        for name, count in counts.items():
            st.markdown(f"**{escaped(name)}** · {count:,}")
        if not counts:
            st.caption("No pictures yet. About 30 of each class are a good start.")
        _render_making(counts)


def _render_last(token: str, label: str) -> None:
    """The pictures that the class got last, the newest at the button that takes it back."""
    pictures = lab.last_pictures(token, label, count=_SHOWN, size_px=2 * _SHOWN_PX)
    if not pictures:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="camera_last"):
        st.button(
            "Undo last",
            key="camera_undo",
            icon=":material/undo:",
            on_click=_undo,
            args=(token, label),
        )
        for picture in pictures:
            st.image(picture, width=_SHOWN_PX, alt=f"A picture of {plain(label)}")


def _render_making(counts: dict[str, int]) -> None:
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


def _undo(token: str, label: str) -> None:
    try:
        lab.remove_last_picture(token, label)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


def _keep() -> None:
    """Keep the picture that was just taken; the next turn tells the camera that this is done."""
    state = st.session_state
    state[_TURN] += 1
    picture = state["camera"]["picture"]  # a data URL
    try:
        if _TOKEN not in state:
            state[_TOKEN] = lab.begin_pictures()
        content = base64.b64decode(picture.partition(",")[2])
        lab.add_picture(state[_TOKEN], state["camera_class"], content)
    except CnnlabError as error:
        state[_PROBLEM] = str(error)
