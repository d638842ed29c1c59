"""What happened to the home while nobody looked, until somebody has read it."""

import streamlit as st

from cnnlab import lab
from cnnlab.ui.text import escaped


def render_page_note() -> None:
    """Show the note of the home above the page, if there is one."""
    if words := lab.page_note():
        with st.container(key="page_note", border=True, horizontal=True):
            st.markdown(f":material/info: {escaped(words, limit=2000)}", width="stretch")
            st.button("Got it", key="page_note_read", on_click=lab.forget_page_note)
