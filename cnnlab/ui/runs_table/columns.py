"""What the table shows of each run, and by what it is sorted."""

from dataclasses import replace

import streamlit as st

from cnnlab import lab
from cnnlab.lab import RunsView
from cnnlab.ui.runs_table.address import current_view, follow, go_to
from cnnlab.ui.runs_table.filters import field_words


def render_columns(view: RunsView) -> None:
    """A popover with the columns and the order; a click on a column's head sorts as well."""
    fields = lab.table_fields()
    with st.popover("Columns and order", icon=":material/view_column:", key="columns_popover"):
        follow("runs_columns", list(view.columns))
        st.multiselect(
            "Columns, from left to right", [name for name in fields if name != "name"],
            key="runs_columns", format_func=lambda name: field_words(fields[name]),
            on_change=_keep_columns, select_all=False, placeholder="Only the name",
        )  # fmt: skip
        st.button(
            "Usual columns", key="usual_columns", type="tertiary",
            disabled=view.columns == lab.DEFAULT_COLUMNS,
            on_click=lambda: go_to(replace(current_view()[0], columns=lab.DEFAULT_COLUMNS)),
        )  # fmt: skip
        follow("runs_sort", view.sort.removeprefix("-"))
        st.selectbox(
            "Sorted by", list(fields), key="runs_sort",
            format_func=lambda name: field_words(fields[name]), on_change=_keep_sort,
        )  # fmt: skip
        follow("runs_descending", view.sort.startswith("-"))
        st.toggle("Greatest or latest first", key="runs_descending", on_change=_keep_sort)


def _keep_columns() -> None:
    view, _ = current_view()
    go_to(replace(view, columns=tuple(st.session_state.runs_columns)))


def _keep_sort() -> None:
    view, _ = current_view()
    way = "-" if st.session_state.runs_descending else ""
    go_to(replace(view, sort=f"{way}{st.session_state.runs_sort}", page=1))
