"""All workspaces, for admins: what each takes of the machine, and what it may."""

import streamlit as st

from cnnlab.domain.people.workspace import Quota
from cnnlab.domain.words import counted
from cnnlab.lab.access.workspaces import set_quota
from cnnlab.lab.people.use import WorkspaceUse, list_uses
from cnnlab.ui.doing import do
from cnnlab.ui.text import escaped

_GB = 1e9


def render_workspaces() -> None:
    """Every workspace with its use beside its limits, which can be changed."""
    st.caption("An admin sees how much a workspace takes, not what is in it.")
    for each in list_uses():
        _render_workspace(each)


def _render_workspace(each: WorkspaceUse) -> None:
    workspace = each.workspace
    owners = ", ".join(each.owners) or "nobody"
    people = f"{counted(each.members, 'member')}, owned by {escaped(owners, limit=120)}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"use_{workspace.id}"):
        st.markdown(
            f"**{escaped(workspace.title)}** :small[{people}]  \n{_use_words(each)}",
            width="content",
        )
        st.space("stretch")
        with st.popover("Limits", key=f"limits_{workspace.id}", type="tertiary"):
            _render_limits(each)


def _use_words(each: WorkspaceUse) -> str:
    use, quota = each.use, each.workspace.quota
    if use is None:
        return "What it takes can't be read: the app's log says why."
    disk = None if quota.disk_bytes is None else quota.disk_bytes / _GB
    return " · ".join(
        [
            f"{use.disk_bytes / _GB:,.2f}{_of(disk)} GB",
            f"{use.trained_hours:,.1f}{_of(quota.hours_a_day)} h today",
            f"{use.queued_runs:,}{_of(quota.queued_runs)} queued",
            f"{use.running_runs:,}{_of(quota.running_runs)} running",
        ]
    )


def _of(most: float | None) -> str:
    return "" if most is None else f" of {most:,g}"


def _render_limits(each: WorkspaceUse) -> None:
    id, quota = each.workspace.id, each.workspace.quota
    disk = None if quota.disk_bytes is None else quota.disk_bytes / _GB
    with st.form(f"limits_of_{id}", border=False):
        st.number_input("Disk (GB)", 0.0, value=disk, key=f"disk_{id}", placeholder="No limit")
        st.number_input(
            "Training a day (hours)", 0.0, value=quota.hours_a_day, key=f"hours_{id}",
            placeholder="No limit",
        )  # fmt: skip
        st.number_input(
            "Runs that wait", 0, value=quota.queued_runs, key=f"queued_{id}", placeholder="No limit"
        )
        st.number_input(
            "Runs that train", 0, value=quota.running_runs, key=f"running_{id}",
            placeholder="No limit",
        )  # fmt: skip
        st.form_submit_button(
            "Keep", key=f"keep_limits_{id}", type="primary", on_click=_keep,
            args=(id, each.workspace.title),
        )  # fmt: skip


def _keep(id: str, title: str) -> None:
    asked = {name: st.session_state[f"{name}_{id}"] for name in ("disk", "hours")}
    disk, hours = asked["disk"], asked["hours"]
    quota = Quota(
        None if disk is None else round(disk * _GB),
        st.session_state[f"queued_{id}"],
        st.session_state[f"running_{id}"],
        hours,
    )
    do(f"{title} has other limits now.", set_quota, id, quota)
