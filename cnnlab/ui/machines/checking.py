"""The check of all machines: a button, how far it is, and what it found."""

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import counted, duration
from cnnlab.lab.upkeep.doctor import Check
from cnnlab.lab.upkeep.machines import MachineCheck
from cnnlab.lab.upkeep.nodes import Findings, Nodes, check_nodes
from cnnlab.ui.text import escaped

_FOUND = "machines_found"


def render_checking(nodes: Nodes) -> None:
    """The button and what its last press in this tab has found.

    Args:
        nodes: the machines as the page shows them.
    """
    is_cluster = bool(nodes.address)
    ago = nodes.checked_seconds_ago
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "Check this cluster" if is_cluster else "Check this machine"
        pressed = st.button(words, key="check_cluster", icon=":material/health_and_safety:")
        if ago is not None:  # that it wasn't is on the machine's own card
            st.caption(f"Checked {duration(ago)} ago.")
    if pressed:
        _check(is_cluster=is_cluster)
    if _FOUND in st.session_state:
        _render_findings(st.session_state[_FOUND])


def _check(*, is_cluster: bool) -> None:
    """Ask all machines; the page waits for it, runs don't."""
    words = (
        "Every machine is asked ..." if is_cluster else "Disk, GPU and versions are looked at ..."
    )
    told = st.progress(0.0, words)

    def tell(done: int, total: int) -> None:
        told.progress(done / max(1, total), f"{done} of {counted(total, 'machine')} answered ...")

    try:
        st.session_state[_FOUND] = check_nodes(tell)
    except CnnlabError as error:
        st.session_state.pop(_FOUND, None)
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
    else:
        st.rerun()
    finally:
        told.empty()


def _render_findings(found: Findings) -> None:
    with st.container(border=True, key="machines_found"):
        for machine in found.machines:
            _render_line(machine.is_fit and not machine.problems, machine.name, _words(machine))
        st.divider()
        st.caption("This machine, where the app runs:")
        for name, check in found.here.items():
            _render_line(check.ok, name, _check_words(check))


def _render_line(ok: bool, name: str, words: str) -> None:
    icon = ":green[:material/check_circle:]" if ok else ":red[:material/error:]"
    st.markdown(f"{icon} **{escaped(name, limit=80)}**: {escaped(words, limit=600)}")


def _words(machine: MachineCheck) -> str:
    if machine.problems:
        return " ".join(machine.problems)
    parts = [machine.cpu, *machine.gpus, ", ".join(
        f"{name} {version}" for name, version in (machine.versions or {}).items()
    )]  # fmt: skip
    return "; ".join(part for part in parts if part)


def _check_words(check: Check) -> str:
    return f"{check.found.rstrip('.')}. {check.advice}" if check.advice else check.found
