"""What stays to be said of a run that trains on images that others were judged on."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run
from cnnlab.ui.text import escaped

_LONG = 3000


def render_flattered(run: Run) -> None:
    """Say that test images of earlier looks train it; nothing where none do.

    Where that can't be found out, it is said, and the rest of the page is there all the same.
    """
    try:
        words = lab.trained_on_looked_at(run)
    except StorageError as error:
        words = f"Whether looked-at test images train it can't be told: {error}"
    if words:
        st.warning(escaped(words, limit=_LONG), icon=":material/lock_open:")
