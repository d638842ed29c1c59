"""The page: one part after the other, by what whoever looks may do."""

import streamlit as st

from cnnlab.domain.people.person import Role
from cnnlab.lab.access.acting import acting, have_accounts
from cnnlab.server.signing.page import FIRST_ACCOUNT
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


_BEGINNING = f"{FIRST_ACCOUNT}\nCNNLAB_AUTH=password .venv/bin/python -m cnnlab start"


def _render_how_to_begin() -> None:
    """What accounts are for, and what makes the first one and starts with them."""
    st.markdown(
        "Nobody has an account here: whoever has the link may do everything, and sees the same "
        "datasets, runs and studies."
    )
    st.markdown(
        "With accounts people sign in by name and password. They work in workspaces: only the "
        "members of one see its datasets, runs and studies, and each is a viewer, an editor or an "
        "owner there. Who did what is kept. Stop cnnlab, make the first account, which looks after "
        "all others, and start it again:"
    )
    st.code(_BEGINNING, language=None)  # scrolls: a wrapped line would look like two commands
    st.caption(
        "`CNNLAB_AUTH=password` says how people sign in: type it as it is, it holds no password. "
        "What is here now stays, in the first account's workspace. To go back, start without "
        "`CNNLAB_AUTH`. A university's or company's own sign-in works, too: the README says how."
    )


def render_people() -> None:
    """The whole page."""
    st.title("People", anchor=False)
    if not have_accounts():
        _render_how_to_begin()
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
