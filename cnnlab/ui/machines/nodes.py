"""The machines as cards: what each has, what is free, what trains there."""

from collections.abc import Callable

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import NO_BREAK, counted, data_size, listed
from cnnlab.lab.upkeep.nodes import Node, Nodes, RunThere, view_nodes
from cnnlab.ui.text import escaped
from cnnlab.ui.watching import found_at_first

_POLL_SECONDS = 5.0
_SHOWN_RUNS = 8


def render_nodes() -> Nodes:
    """All machines; what trains there is looked at again every few seconds.

    Returns:
        What was found when the page was drawn.

    Raises:
        NotAllowedError: whoever looks is no admin.
    """
    found = view_nodes()
    if found.address:
        words = f"Runs train on the cluster at {found.address}: "
        st.caption(escaped(words + counted(len(found.nodes), "machine") + ".", limit=300))
    else:
        st.caption(
            "Runs train on this machine. More of them become a cluster with Ray: see *On several "
            "machines* in the README."
        )
    st.fragment(_render_cards, run_every=_POLL_SECONDS)(found_at_first(found, view_nodes))
    return found


def _render_cards(look: Callable[[], Nodes]) -> None:
    try:
        found = look()
    except CnnlabError as error:  # this is run by a timer: what the page shows besides stays
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    if found.problem:
        st.error(escaped(found.problem, limit=1000), icon=":material/error:")
    for number, node in enumerate(found.nodes):
        with st.container(border=True, key=f"node_{number}"):
            _render_card(node)
    if found.elsewhere:
        st.caption("It isn't known where these train: " + _runs_words(found.elsewhere))


def _render_card(node: Node) -> None:
    machine = node.machine
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escaped(machine.name, limit=80)}**", width="content")
        if machine.is_head:
            st.badge("head", color="blue")
        if node.check and not node.check.is_fit:
            st.badge("not fit", icon=":material/error:", color="red")
        elif node.check:
            st.badge("fit", icon=":material/check:", color="green")
        elif machine.cpus:  # else nothing is sent there, so it is never checked
            st.badge("not checked", color="gray")
    st.markdown(f"{NO_BREAK}· ".join(_parts(node)))  # no line begins with a dot
    if node.versions:
        shown = (f"{name} {version}" for name, version in node.versions.items())
        st.caption(escaped(", ".join(shown), limit=300))
    if words := _trains_words(node):
        st.markdown(words)
    for problem in node.check.problems if node.check else ():
        st.warning(escaped(problem, limit=500), icon=":material/warning:")


def _trains_words(node: Node) -> str:
    if node.runs:
        return f"Trains {_runs_words(node.runs)}"
    return "" if node.machine.cpus else "It has no CPU to give, so no run."


def _parts(node: Node) -> list[str]:
    """What a machine has and what of it is free, a part each."""
    machine, parts = node.machine, []
    if machine.gpus:
        gpus = _of(counted(round(machine.gpus), "GPU"), machine.free_gpus)
        kind = "" if machine.kind in ("GPU", "cpu") else f" ({escaped(machine.kind, limit=60)})"
        parts.append(gpus + kind)
    else:
        parts.append("No GPU")
    parts.append(_of(counted(round(machine.cpus), "CPU"), machine.free_cpus))
    free = data_size(machine.free_memory_bytes)
    parts.append(f"{data_size(machine.memory_bytes)} memory, {free} free")
    if node.free_disk_bytes is not None:
        parts.append(f"{data_size(node.free_disk_bytes)} of disk free")
    return parts


def _of(words: str, free: float | None) -> str:
    return words if free is None else f"{words}, {free:g} free"


def _runs_words(runs: list[RunThere]) -> str:
    """Which runs, by name where the reader may know it, else by workspace and id."""
    shown = [
        escaped(one.name, limit=110)
        if one.name
        else f"`{one.run}` of {escaped(one.title, limit=60)}"
        for one in runs[:_SHOWN_RUNS]
    ]
    more = len(runs) - len(shown)
    return listed([*shown, f"{more} more"] if more else shown)
