"""Runs as a table in the browser; what is ticked there is told to the page, which holds it."""

from collections.abc import Callable
from typing import Any, Literal, TypedDict

import streamlit as st

from cnnlab.ui.components.shared.cards import Card
from cnnlab.ui.components.shared.component import browser_component, rerun

_run_table = browser_component("run_table", styles=["rows"])


class RunColumn(TypedDict):
    """A column beside those for the tick, the star and the name.

    Attributes:
        name: of its field.
        label: above it.
        help: what it means; empty where the label says it.
        kind: how its cells are drawn.
        sorted: whether the rows are sorted by it, and which way.
        card: where its values stand in the cards of a phone.
    """

    name: str
    label: str
    help: str
    kind: Literal["text", "number", "curve"]
    sorted: Literal["", "ascending", "descending"]
    card: Card | Literal["none"]


class RunLine(TypedDict):
    """A run.

    Attributes:
        id: of the run.
        name: of the run.
        starred: whether it has a star.
        ticked: whether it is ticked where `version` is new.
        status: where it stands.
        cells: a text for each column; empty where there is none to say.
        curve: values 0..1, for the column that draws them.
    """

    id: str
    name: str
    starred: bool
    ticked: bool
    status: str
    cells: list[str]
    curve: list[float]


class RunTableData(TypedDict):
    """The table.

    Attributes:
        columns: beside tick, star and name.
        rows: from the top.
        sorted: whether the rows are sorted by name, and which way.
        version: another text says that the page itself has changed what is ticked.
        page: part of the address of a run, before its id.
        locked: why stars can't be changed; empty where they can.
        above: what all rows share, which a phone says once.
    """

    columns: list[RunColumn]
    rows: list[RunLine]
    sorted: Literal["", "ascending", "descending"]
    version: str
    page: str
    locked: str
    above: str


class RunTableAsked(TypedDict):
    """What a user wants: to open or to star a run, or to sort by a field."""

    action: Literal["open", "star", "sort"]
    of: str


class RunTicks(TypedDict):
    """What is ticked.

    Attributes:
        shown: ids of the runs that are shown.
        ticked: ids of those of them that are ticked.
        at: tells one such message from the next.
    """

    shown: list[str]
    ticked: list[str]
    at: float


def ask_run_table(
    data: RunTableData, *, key: str, on_ticked: Callable[[], None]
) -> RunTableAsked | None:
    """Show the table; what is asked for is returned once.

    Args:
        data: what it shows.
        key: the widget's key.
        on_ticked: called when ticks have changed, before the page is run; see `ticks_of`.
    """
    result = _run_table(key=key, data=data, on_asked_change=rerun, on_ticked_change=on_ticked)
    asked: RunTableAsked | None = result.asked
    return asked


def ticks_of(key: str) -> RunTicks | None:
    """What the browser told last of a table's ticks."""
    state: Any = st.session_state.get(key) or {}
    ticks: RunTicks | None = state.get("ticked")
    return ticks
