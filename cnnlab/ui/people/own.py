"""One's own workspaces: which there are, and making another one."""

import streamlit as st

from cnnlab.lab.access.acting import acting
from cnnlab.lab.people.own import make_own_workspace, may_make_workspace, my_workspaces
from cnnlab.ui.doing import do
from cnnlab.ui.text import escaped


def render_own() -> None:
    """The workspaces of whoever looks; another one, where the admin lets them."""
    who = acting()
    for workspace, role in my_workspaces():
        here = " · you are here" if workspace.id == who.workspace else ""
        st.markdown(f"**{escaped(workspace.title)}** :small[{role}{here}]")
    if not who.workspace:
        st.caption("You are in no workspace yet: make one, or ask an owner to add you to theirs.")
    if may_make_workspace() or who.person.is_admin:
        with (
            st.form("make_workspace", clear_on_submit=True),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.text_input("A new workspace of your own", key="new_workspace", max_chars=80)
            st.form_submit_button(
                "Make it", icon=":material/add:", key="confirm_make_workspace", on_click=_make
            )
    st.caption("Your name in the header, or More on a phone, takes you from one to the other.")


def _make() -> None:
    title = st.session_state["new_workspace"]
    do(f"{title} is there: go there by your name in the header.", make_own_workspace, title)
