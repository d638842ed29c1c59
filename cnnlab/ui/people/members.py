"""The members of the workspace that is shown, for its owners."""

import streamlit as st

from cnnlab.domain.people.person import Role
from cnnlab.domain.people.records import Link
from cnnlab.domain.people.workspace import Member
from cnnlab.lab.access.acting import acting
from cnnlab.lab.access.workspaces import list_members, remove_member, set_member
from cnnlab.lab.people.own import my_workspaces, rename_workspace
from cnnlab.lab.sharing.links import list_all_links, revoke_link
from cnnlab.ui.doing import do
from cnnlab.ui.text import escaped, moment

_ROLES = {
    Role.VIEWER: "looks at everything",
    Role.EDITOR: "trains, imports, deletes, shares",
    Role.OWNER: "all that, and chooses the members",
}


def render_members() -> None:
    """Who may come in, as what; adding somebody; the workspace's title."""
    here = acting().workspace
    title = next((each.title for each, _ in my_workspaces() if each.id == here), here)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(escaped(title), anchor=False, width="content")
        with st.popover("Rename", icon=":material/edit:", key="rename_workspace"):
            st.text_input("Title", value=title, max_chars=80, key="workspace_title")
            st.button("Rename", key="confirm_rename_workspace", on_click=_rename, type="primary")
    for member in list_members():
        _render_member(member)
    with (
        st.form("add_member", clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Name of an account", key="member_name", max_chars=80)
        st.selectbox("Role", list(Role), index=1, key="member_role", width=160)
        st.form_submit_button(
            "Add", icon=":material/person_add:", key="confirm_add_member", on_click=_add
        )
    st.caption(". ".join(f"{role.capitalize()}: {words}" for role, words in _ROLES.items()) + ".")
    links = list_all_links()
    if links:
        st.markdown("**Links that work**")
    for link in links:
        _render_link(link)


def _render_member(member: Member) -> None:
    person = member.person
    key = f"member_role_{person.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"member_{person.id}"):
        st.markdown(f"**{escaped(person.name)}**", width="content")
        st.space("stretch")
        st.selectbox(
            f"Role of {person.name}",
            list(Role),
            index=list(Role).index(member.role),
            key=key,
            width=130,
            label_visibility="collapsed",
            on_change=_change,
            args=(person.name, key),
        )
        st.button(
            "Remove",
            key=f"remove_member_{person.id}",
            type="tertiary",
            on_click=do,
            args=(f"{person.name} can't come in any more.", remove_member, person.name),
        )


def _render_link(link: Link) -> None:
    key = link.key_hash[:12]
    ends = f"until {moment(link.expires_at)}" if link.expires_at else "until it is revoked"
    with st.container(horizontal=True, vertical_alignment="center", key=f"shared_{key}"):
        st.markdown(
            f"{link.kind.capitalize()} {escaped(link.object)}  \n"
            f":small[by {escaped(link.made_by)}, {moment(link.created_at)} · {ends}]",
            width="content",
        )
        st.space("stretch")
        told = "The link leads nowhere any more."
        st.button(
            "Revoke",
            key=f"revoke_shared_{key}",
            type="tertiary",
            on_click=do,
            args=(told, revoke_link, link.object, link.key_hash),
        )


def _change(name: str, key: str) -> None:
    role = Role(st.session_state.pop(key))  # where it is refused, the old one is shown again
    do(f"{name} is {role} now.", set_member, name, role)


def _add() -> None:
    name, role = st.session_state["member_name"], Role(st.session_state["member_role"])
    do(f"{name} is {role} now.", set_member, name, role)


def _rename() -> None:
    title = st.session_state.pop("workspace_title")
    do(f"The workspace is called {title} now.", rename_workspace, title)
