"""What somebody has clicked, and what only looks like it while the page goes on."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def sent_by_a_clock() -> bool:
    """Whether a field outside all fragments has changed without a click; for its callback.

    A click there runs the page. A fragment's clock sends what the browser shows, too; where a run
    of the page has just set a field, that is what it showed before.
    """
    return runs_a_part()


def runs_a_part() -> bool:
    """Whether fragments are run instead of the whole page; also asked by their callbacks."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def is_choice(key: str) -> bool:
    """Whether a change of a field outside all fragments is somebody's choice; for its callback.

    Neither what a clock has sent too late is one, nor what the page had set before that and comes
    with the browser's next run. Asked where other fields would be replaced.

    Args:
        key: of the field; `note_drawn` is called for it wherever it is drawn.
    """
    state, drawn = st.session_state, _drawn(key)
    if sent_by_a_clock() or state[key] == state.get(drawn):
        return False
    state[drawn] = state[key]
    return True


def note_drawn(key: str) -> None:
    """Remember what a field shows after this run of the page: that is nobody's choice any more."""
    st.session_state[_drawn(key)] = st.session_state[key]


def _drawn(key: str) -> str:
    return f"{key}_drawn"
