"""What the browser's tab says: with several open, one finds the run that one looks for."""

import streamlit as st

from cnnlab.ui.text import plain


def name_tab(name: str) -> None:
    """Call the tab by the page, or the run, study or search that is on it."""
    st.set_page_config(page_title=f"{plain(name, limit=100)} · cnnlab")
