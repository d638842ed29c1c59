"""Which runs are ticked: the session holds them, over all pages and whatever the filter shows."""

from collections.abc import Iterable

import streamlit as st

from cnnlab.ui.components.run_table.run_table import ticks_of

TABLE = "runs_table"
_TICKED, _VERSION = "runs_ticked", "runs_ticked_version"


def ticked() -> dict[str, None]:
    """Ids of the ticked runs, in the order of their ticking."""
    found: dict[str, None] = st.session_state.setdefault(_TICKED, {})
    return found


def version() -> int:
    """Counts the changes that didn't come from the table itself."""
    count: int = st.session_state.setdefault(_VERSION, 0)
    return count


def tick(ids: Iterable[str]) -> None:
    """Have these ticked and no others."""
    st.session_state[_TICKED] = dict.fromkeys(ids)
    st.session_state[_VERSION] = version() + 1


def note_ticks() -> None:
    """Take over what was ticked in the table; runs of other pages keep their ticks."""
    ticks = ticks_of(TABLE)
    if ticks is None:
        return
    shown = set(ticks["shown"])
    kept = [run for run in ticked() if run not in shown or run in ticks["ticked"]]
    st.session_state[_TICKED] = dict.fromkeys([*kept, *ticks["ticked"]])
