"""A table in the browser: rows are read, sorted by heads, opened by a click; cards on a phone.

It needs neither pandas nor a canvas: its words can be found, copied and read out.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import streamlit as st

from cnnlab.domain.words import UNKNOWN
from cnnlab.ui.components.shared.cards import Card, CardColumn, card_places, words_above
from cnnlab.ui.components.shared.component import browser_component, rerun

_table = browser_component("table", styles=["rows"])

Kind = Literal["text", "compared", "moment", "number", "bar", "curve", "picture"]

_ROW_REM, _PICTURE_REM, _CARD_LINE_REM, _CLOSED_HEAD_REM = 2.25, 3.8, 1.25, 0.8
_MOST_REM = 40.0
"""Of a table on a desk, which is scrolled beyond it; `rows.css` says it, too."""

_CARDS, _MORE_REM = 12, 2.75
"""How many cards a phone shows before it is asked for all, and the height of the question."""


class TableColumn(TypedDict):
    """A column; the first names its row.

    Attributes:
        label: above it, and before its values on a phone.
        help: what it means; empty where the label says it.
        kind: how its cells are drawn.
        card: where its values stand in the cards of a phone; `none` is nowhere.
    """

    label: str
    help: str
    kind: Kind
    card: Card | Literal["none"]


class TableCell(TypedDict):
    """What stands in a cell.

    Attributes:
        text: the value in words, of a picture its address; empty where there is nothing to say.
        value: by which rows are sorted, and a bar's length, 0..1; None is by the text.
        curve: values 0..1, for a column that draws them.
    """

    text: str
    value: float | None
    curve: list[float]


class TableRow(TypedDict):
    """A row.

    Attributes:
        id: without it, it opens nothing.
        mark: address of a small drawing before its name, such as the line of an arm; empty without.
    """

    id: str
    mark: str
    cells: list[TableCell]


class TableData(TypedDict):
    """The table.

    Attributes:
        name: for readers of the screen.
        columns: from the left.
        rows: from the top, until a head is clicked.
        page: part of the address that a row opens, before its id; empty where it opens here.
        chosen: id of the row that is open.
        ticked: ids of the rows that are selected; None where none can be: then rows open.
        above: what all rows share, which a phone says once.
    """

    name: str
    columns: list[TableColumn]
    rows: list[TableRow]
    page: str
    chosen: str
    ticked: list[str] | None
    above: str


@dataclass(frozen=True)
class Column:
    """How the values of a column are shown.

    Attributes:
        label: above it.
        kind: how its cells are drawn; `bar` takes shares, `curve` lists of shares, `picture`
            addresses; `compared` ones are texts as wide as their neighbours, which a phone has one
            below the other.
        words: a value in words; None is never asked.
        help: what it means.
        number: by which its rows are sorted; without it a number by itself, all else by its words.
        is_in_cards: whether a phone says it, too.
    """

    label: str
    kind: Kind = "text"
    words: Callable[[Any], str] = str
    help: str = ""
    number: Callable[[Any], float | None] | None = None
    is_in_cards: bool = True


def render_table(  # noqa: PLR0913 - what a table is made of
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    name: str,
    columns: Mapping[str, Column] | None = None,
    helps: Mapping[str, str] | None = None,
    ids: Sequence[str] = (),
    marks: Sequence[str] = (),
    page: str = "",
    chosen: str = "",
) -> str | None:
    """Show rows of values; the id of a row that is clicked is returned once.

    Args:
        rows: values by the names of their columns; None is said as unknown, a list of texts as they
            are, one after the other. Their texts are shown as they are, never as Markdown.
        key: the widget's key.
        name: what it shows, for readers of the screen.
        columns: in their order; without any, the names stand above and numbers are as they are.
        helps: without `columns`, what some of them mean.
        ids: of the rows, where a click opens them.
        marks: addresses of small drawings before their names.
        page: part of the address that a row opens, before its id; empty where it opens here.
        chosen: id of the row that is open.
    """
    known = columns or {
        each: _plain_column(each, rows, (helps or {}).get(each, ""))
        for each in (rows[0] if rows else {})
    }
    data = _data(rows, name, known, ids, marks) | {"page": page, "chosen": chosen}
    st.html(_place_held(key, data))
    asked: str | None = _table(key=key, data=data, on_opened_change=rerun).get("opened")
    return asked if asked in ids else None


def ask_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    name: str,
    columns: Mapping[str, Column],
    ids: Sequence[str],
) -> list[str]:
    """Show rows of values with a box before each; the ids of those that are ticked.

    Args:
        rows: as `render_table` takes them.
        key: the widget's key.
        name: what it shows, for readers of the screen.
        columns: in their order.
        ids: of the rows.
    """
    held = (st.session_state.get(key) or {}).get("ticked") or []
    data = _data(rows, name, columns, ids)
    data["ticked"] = [each for each in held if each in ids]
    st.html(_place_held(key, data))
    ticked = _table(key=key, data=data, on_ticked_change=rerun).get("ticked") or []
    return [each for each in ticked if each in ids]


def _data(
    rows: Sequence[Mapping[str, Any]],
    name: str,
    columns: Mapping[str, Column],
    ids: Sequence[str],
    marks: Sequence[str] = (),
) -> TableData:
    told: list[TableRow] = [
        {
            "id": ids[place] if ids else "",
            "mark": marks[place] if marks else "",
            "cells": [_cell(column, row.get(each)) for each, column in columns.items()],
        }
        for place, row in enumerate(rows)
    ]
    in_cards = [
        CardColumn(column.label, column.kind, [row["cells"][place]["text"] for row in told])
        for place, column in enumerate(columns.values())
    ][1:]
    cards: list[Card | Literal["none"]] = ["whole", *card_places(in_cards)]
    return {
        "name": name,
        "columns": [
            {
                "label": column.label,
                "help": column.help,
                "kind": column.kind,
                "card": card if column.is_in_cards else "none",
            }
            for column, card in zip(columns.values(), cards, strict=True)
        ],
        "rows": told,
        "page": "",
        "chosen": "",
        "ticked": None,
        "above": words_above(in_cards) if in_cards else "",
    }


def _plain_column(name: str, rows: Sequence[Mapping[str, Any]], meaning: str) -> Column:
    values = [row.get(name) for row in rows]
    numbers = [isinstance(value, int | float) for value in values if value is not None]
    if numbers and all(numbers):
        return Column(name, "number", lambda value: f"{value:,}", help=meaning)
    return Column(name, help=meaning)


def _cell(column: Column, value: Any) -> TableCell:  # noqa: ANN401 - whatever the column's words take
    if column.kind == "curve":
        return {"text": "", "value": None, "curve": value or []}
    if column.kind == "picture":
        return {"text": value or "", "value": None, "curve": []}
    if value is None:
        return {"text": UNKNOWN, "value": None, "curve": []}
    if isinstance(value, list):
        value = ", ".join(value)
    number = value if isinstance(value, int | float) else None
    if column.number is not None:
        number = column.number(value)
    return {"text": column.words(value), "value": number, "curve": []}


def _place_held(key: str, data: TableData) -> str:
    """Its height on a desk at most, and before it is drawn at least: nothing below it jumps."""
    rows = data["rows"]
    has_pictures = any(column["kind"] == "picture" for column in data["columns"])
    least = _PICTURE_REM if has_pictures else 0.0
    desk = min(_MOST_REM, _ROW_REM + max(_ROW_REM, least) * len(rows))
    cards = [max(least, _CARD_LINE_REM * _lines(data, row) + _CLOSED_HEAD_REM) for row in rows]
    above = _CARD_LINE_REM if data["above"] else 0.0
    phone = above + sum(cards[:_CARDS]) + (_MORE_REM if len(cards) > _CARDS else 0)
    return (
        f"<style>.st-key-{key} {{ min-height: {desk:.2f}rem; }} "
        f"@media (max-width: 800px) {{ .st-key-{key} {{ min-height: {phone:.2f}rem; }} }}</style>"
    )


def _lines(data: TableData, row: TableRow) -> int:
    """How many lines a row's card has at least, its name among them."""
    told = [
        column["card"]
        for column, cell in zip(data["columns"], row["cells"], strict=True)
        if cell["curve"] or cell["text"] not in ("", UNKNOWN)
    ]
    return told.count("whole") + math.ceil(told.count("half") / 2)
