"""The demo: its recorded study, opened with one click, and the live one, started with another."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.changing import FOR_ALL, for_editors
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

LIVE_WORDS = (
    "'Train it yourself' asks live whether augmentation helps on the same signs. Four short "
    "trainings with it and four without, and a verdict in about a minute on two idle CPU cores."
)


def render_see_demo() -> None:
    """The button that opens the recorded study."""
    there = lab.find_recorded()
    pressed = st.button(
        "See a finished study",
        key="see_demo",
        type="primary",
        icon=":material/visibility:",
        **(FOR_ALL if there else for_editors()),
    )
    if pressed:
        with st.spinner("Opening the recorded study ..."):
            _open(lambda: there or lab.open_recorded())


def render_start_demo() -> None:
    """The button that starts the live study."""
    if st.button(
        "Train it yourself", key="start_demo", icon=":material/play_arrow:", **for_editors()
    ):
        with st.spinner("Starting the runs ..."):
            _open(lambda: lab.launch_demo().id)


def render_live_demo() -> None:
    """The same on the page of the recorded study, with what it is about."""
    with st.container(horizontal=True, vertical_alignment="center", key="live_demo"):
        render_start_demo()
        st.caption(LIVE_WORDS, width="stretch")


def _open(ask: Callable[[], str]) -> None:
    """Go to a study that is asked for, or say why there is none."""
    try:
        study = ask()
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    st.switch_page(page_file("study"), query_params={"study": study})
