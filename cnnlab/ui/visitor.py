"""Whose page it is: the session that opened it, as the register knows it at this moment."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import NotSignedInError
from cnnlab.lab.access.acting import Acting, acting, have_accounts
from cnnlab.lab.access.sessions import acting_of, use_session, workspaces_of
from cnnlab.server.addresses import SIGN_OUT, WORKSPACE, address
from cnnlab.server.signing.entrance import SESSION_HEADER
from cnnlab.ui.components.account.account import AccountData

_WHO = "whose_page"


def of_this_page() -> Acting | None:
    """Who acts where a page, fragment or callback runs; None elsewhere, and after signing out."""
    key = _key()
    return acting_of(key) if key else None


def greet() -> AccountData | None:
    """See who opened the page before it is drawn; what another one left in it is dropped.

    Returns:
        What the corner of the header shows; None where nobody has an account.

    Raises:
        NotSignedInError: the session has ended.
    """
    who = acting()
    if not have_accounts():
        return None
    use_session(_key())
    owner = (who.person.id, who.workspace)
    if st.session_state.setdefault(_WHO, owner) != owner:
        st.session_state.clear()
        st.session_state[_WHO] = owner
    return {
        "name": who.person.name,
        "workspaces": [
            {"id": one.id, "title": one.title, "isHere": one.id == who.workspace}
            for one in workspaces_of(who)
        ],
        "change": address(WORKSPACE),
        "leave": "" if lab.auth() is lab.Auth.PROXY else address(SIGN_OUT),
    }


def is_admin() -> bool:
    """Whether whose page it is looks after people, quotas and the queue; False for nobody."""
    try:
        return acting().person.is_admin
    except NotSignedInError:
        return False


def _key() -> str:
    """Of the session with which the browser connected; empty where nobody did."""
    return st.context.headers.get(SESSION_HEADER) or ""
