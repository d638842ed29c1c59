"""What stays to be said of a run whose images were used for something else before."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run
from cnnlab.ui.text import escaped

_LONG = 3000


def render_flattered(run: Run) -> None:
    """Say that test images of earlier looks train it, or that its start knows what judges it.

    Where that can't be found out, it is said, and the rest of the page is there all the same.
    """
    try:
        words = lab.trained_on_looked_at(run)
    except StorageError as error:
        words = f"Whether looked-at test images train it can't be told: {error}"
    if words:
        st.warning(escaped(words, limit=_LONG), icon=":material/lock_open:")
    if words := lab.run_seen_words(run):
        st.warning(escaped(words, limit=_LONG), icon=":material/visibility:")
