"""The page: one part after the other, by what whoever looks may do."""

import streamlit as st

from cnnlab.domain.people.person import Role
from cnnlab.lab.access.acting import acting, have_accounts
from cnnlab.ui.doing import render_outcome
from cnnlab.ui.people.accounts import render_accounts
from cnnlab.ui.people.audit import render_audit
from cnnlab.ui.people.members import render_members
from cnnlab.ui.people.own import render_own
from cnnlab.ui.people.workspaces import render_workspaces

_WIDEST_PX = 900
_OF_ADMINS = {
    "Accounts": render_accounts,
    "All workspaces": render_workspaces,
    "Who did what": render_audit,
}


def render_people() -> None:
    """The whole page."""
    st.title("People", anchor=False)
    if not have_accounts():
        st.info(
            "Nobody has an account here: whoever has the link is the one who started cnnlab. "
            "With CNNLAB_AUTH=password people sign in, each into workspaces of their own.",
            icon=":material/group_off:",
        )
        return
    who = acting()
    parts = {"My workspaces": render_own}
    if who.role is Role.OWNER:
        parts = {"Members": render_members, **parts}
    if who.person.is_admin:
        parts |= _OF_ADMINS
    chosen = st.segmented_control(
        "Part of the page", list(parts), default=next(iter(parts)), required=True,
        key="people_part", label_visibility="collapsed",
    )  # fmt: skip
    with st.container(width=_WIDEST_PX, key="people"):  # what is done to a name stands near it
        render_outcome()
        parts[chosen]()
