"""Which row of a table was clicked, where rows may come while the table is looked at."""

from collections.abc import Sequence

import streamlit as st
from streamlit.typing import DataframeState


def clicked(event: DataframeState, ids: Sequence[str], *, table: str) -> str | None:
    """The id of the row that a click was on, or None.

    The click was on the table as it was drawn before: a row may have been added since.

    Args:
        event: what `st.dataframe` returned.
        ids: of the rows as they are drawn now.
        table: the table's key.
    """
    drawn_before = st.session_state.get(f"{table}_drawn", [])
    st.session_state[f"{table}_drawn"] = list(ids)
    cells = event.selection.cells
    return drawn_before[cells[0][0]] if cells and cells[0][0] < len(drawn_before) else None
