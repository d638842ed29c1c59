"""What a button does, and what came of it, in one line at the top of a page, dialog or list."""

from collections.abc import Callable

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.text import escaped

_TOLD, _PROBLEM = "told_once", "problem_once"


def do(told: str, function: Callable[..., object], *given: object) -> None:
    """Do what a button asks for, before the page is drawn anew.

    Args:
        told: what is said where it worked; empty where that is seen.
        function: of `lab`.
        *given: to it.
    """
    try:
        function(*given)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.session_state[_TOLD] = told


def render_outcome() -> None:
    """What came of the last click, once."""
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=1000), icon=":material/error:")
    if told := st.session_state.pop(_TOLD, ""):
        st.success(escaped(told, limit=500), icon=":material/check:")
