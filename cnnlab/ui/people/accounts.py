"""Accounts, for admins: who may come in, and who is in."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.people.person import Account
from cnnlab.domain.words import counted
from cnnlab.lab.access.people import add_account, disable_account, list_accounts, make_admin
from cnnlab.lab.people.accounts import list_signed_in, sign_out_everywhere
from cnnlab.ui.doing import do
from cnnlab.ui.text import escaped

_PASSWORD = ".venv/bin/python -m cnnlab user password NAME"


def render_accounts() -> None:
    """All accounts with what can be done to each, and adding one."""
    signed_in = list_signed_in()
    for account in list_accounts():
        _render_account(account, signed_in.get(account.person.id, 0))
    with st.form("add_account", clear_on_submit=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Name", key="account_name", max_chars=80)
            st.text_input("E-mail, for OIDC", key="account_email", max_chars=254)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.checkbox("Admin", key="account_is_admin")
            st.form_submit_button(
                "Add an account", icon=":material/person_add:", key="confirm_add_account",
                on_click=_add,
            )  # fmt: skip
    if lab.auth() is lab.Auth.PASSWORD:
        st.caption("Nobody chooses another's password in a browser. On the machine, for each:")
        st.code(_PASSWORD, language=None, wrap_lines=True)


def _render_account(account: Account, places: int) -> None:
    person = account.person
    facts = ["admin"] if person.is_admin else []
    facts += ["kept out"] if account.disabled else []
    facts += [f"signed in at {counted(places, 'place')}"] if places else []
    facts += [escaped(account.email)] if account.email else []
    with st.container(horizontal=True, vertical_alignment="center", key=f"account_{person.id}"):
        words = f" :small[{' · '.join(facts)}]" if facts else ""
        st.markdown(f"**{escaped(person.name)}**{words}", width="content")
        st.space("stretch")
        with st.popover("Change", key=f"change_account_{person.id}", type="tertiary"):
            _render_changes(account, places)


def _render_changes(account: Account, places: int) -> None:
    name, id = account.person.name, account.person.id
    words = "Let in again" if account.disabled else "Keep out"
    told = f"{name} may come in again." if account.disabled else f"{name} is kept out."
    disable = (told, _set_disabled, name, not account.disabled)
    st.button(words, key=f"disable_{id}", on_click=do, args=disable)
    if places:
        told = f"{name} is signed out everywhere."
        end = (told, sign_out_everywhere, name)
        st.button("Sign out everywhere", key=f"sign_out_{id}", on_click=do, args=end)
    is_admin = account.person.is_admin
    told = f"{name} is {'no admin any more' if is_admin else 'an admin now'}."
    st.button(
        "Not an admin" if is_admin else "Make admin",
        key=f"admin_{id}",
        on_click=do,
        args=(told, _set_admin, name, not is_admin),
    )


def _set_disabled(name: str, disabled: bool) -> None:
    disable_account(name, disabled=disabled)


def _set_admin(name: str, is_admin: bool) -> None:
    make_admin(name, is_admin=is_admin)


def _add() -> None:
    state = st.session_state
    name = state["account_name"]
    told = f"{name} has an account, and a workspace of their own."
    do(told, _add_account, name, state["account_email"], state["account_is_admin"])


def _add_account(name: str, email: str, is_admin: bool) -> None:
    add_account(name, email=email, is_admin=is_admin)
