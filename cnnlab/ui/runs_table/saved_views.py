"""Views that have a name: opened, saved, deleted."""

from urllib.parse import parse_qs

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.lab import RunsView
from cnnlab.ui.changing import for_editors
from cnnlab.ui.runs_table.address import go_to
from cnnlab.ui.text import escaped

_PROBLEM = "view_problem"


def render_saved_views(view: RunsView) -> None:
    """A popover with all saved views.

    Args:
        view: what the address says, which can be saved.
    """
    with st.popover("Views", icon=":material/bookmark:", key="views_popover"):
        st.caption("The address of this page holds the view: a copy of it shows the same table.")
        for saved in lab.list_views():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    escaped(saved.name), key=f"view_{saved.id}", on_click=_open,
                    args=(saved.address,), width="stretch",
                )  # fmt: skip
                st.button(
                    "Delete", icon=":material/delete:", key=f"delete_view_{saved.id}",
                    type="tertiary", on_click=_delete, args=(saved.id,),
                    **for_editors(),
                )  # fmt: skip
        st.text_input("Name of this view", key="view_name", max_chars=200)
        st.button("Save this view", key="save_view", on_click=_save, args=(view,), **for_editors())
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.error(escaped(problem, limit=300), icon=":material/error:")


def _open(address: str) -> None:
    view, _ = lab.view_from(parse_qs(address))
    go_to(view)


def _delete(view: str) -> None:
    try:
        lab.delete_view(view)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)


def _save(view: RunsView) -> None:
    try:
        lab.save_view(st.session_state.view_name, view)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state.view_name = ""
