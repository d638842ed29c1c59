"""The import that a session waits for: begun by a form, shown on top of the page."""

import streamlit as st

from cnnlab.ui.components.scroll.scroll import scroll_to

IMPORTING = "importing"
"""Session key: the token of the import that runs."""

RESULT = "import_result"
"""Session key: the dataset that came of the last one."""

PROBLEM = "import_problem"
"""Session key: why nothing came of the last one."""

CHOICES = "import_choices"
"""Session key: the upload and what may be chosen, where the last one lacked a choice."""

PARAMETER = "import"
"""In the address: the import that is shown, so that a page that is loaded again finds it."""

GATHERED = "gathered"
"""Session key: by dataset that the cards are for, the draft of which something has come last."""

STATUS = "import_status"
"""Key of the place on the page."""


def is_importing() -> bool:
    """Whether this session waits for an import."""
    return IMPORTING in st.session_state


def follow_import(token: str) -> None:
    """Show how an import goes that has just been started, in a new run of the page."""
    begin_following(token)
    st.rerun()


def begin_following(token: str) -> None:
    """Have the next run of the page show how an import goes."""
    forget_result()
    st.session_state[IMPORTING] = st.query_params[PARAMETER] = token
    scroll_to(STATUS)


def forget_result() -> None:
    """Show nothing of earlier imports any more."""
    st.session_state.pop(RESULT, None)
    st.session_state.pop(PROBLEM, None)
    st.session_state.pop(CHOICES, None)
