"""What a table is given: its words, what it is sorted by, what a click on a row returns."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.apps import click_row, tables


def shown():
    import streamlit as st  # noqa: PLC0415

    from cnnlab.domain.words import percent  # noqa: PLC0415
    from cnnlab.ui.components.table.table import Column, render_table  # noqa: PLC0415

    rows = [
        {"name": "*a*", "share": 0.25, "tags": ["x", "y"]},
        {"name": "b", "share": None, "tags": []},
    ]
    columns = {
        "name": Column("Name"),
        "share": Column("Share", "bar", percent, "Of all."),
        "tags": Column("Tags"),
    }
    clicked = render_table(rows, key="some", name="Some", columns=columns, ids=["1", "2"])
    st.caption(f"clicked: {clicked}")
    render_table(
        [{"Layer": "conv", "Parameters": 1234}], key="plain", name="Plain",
        helps={"Parameters": "Numbers that are learnt."},
    )  # fmt: skip


@pytest.fixture
def app():
    app = AppTest.from_function(shown).run()
    assert not app.exception
    return app


def test_words_are_said_as_they_are_and_what_is_not_known_is_a_dash(app):
    assert tables(app)["Some"] == [
        {"Name": "*a*", "Share": "25.0\u00a0%", "Tags": "x, y"},
        {"Name": "b", "Share": "–", "Tags": ""},
    ]


def test_without_columns_numbers_are_numbers(app):
    (given,) = json.loads(app.get("bidi_component")[1].proto.json)
    assert [column["kind"] for column in given["columns"]] == ["text", "number"]
    assert [column["help"] for column in given["columns"]] == ["", "Numbers that are learnt."]
    assert given["rows"] == [
        {
            "id": "",
            "mark": "",
            "cells": [
                {"text": "conv", "value": None, "curve": []},
                {"text": "1,234", "value": 1234, "curve": []},
            ],
        }
    ]


def test_a_click_is_told_once(app, monkeypatch):
    click_row(monkeypatch, "some", 1)
    app.run()
    assert app.caption[0].value == "clicked: 2"
    app.run()
    assert app.caption[0].value == "clicked: None"


def many(rows):
    from cnnlab.ui.components.table.table import render_table  # noqa: PLC0415

    render_table([{"a": 1, "b": 2}] * rows, key="many", name="Many")


CARD, SHARED, MORE = 2 * 1.25 + 0.8 - 1.25, 1.25, 2.75


@pytest.mark.parametrize(
    ("rows", "phone"),
    [(1, CARD + 1.25), (2, 2 * CARD + SHARED), (50, 12 * CARD + MORE + SHARED)],
)
def test_before_it_is_drawn_it_holds_its_place_on_a_phone_for_the_cards_shown_there(rows, phone):
    app = AppTest.from_function(many, args=(rows,)).run()
    assert (
        f"(max-width: 800px) {{ .st-key-many {{ min-height: {phone:.2f}rem; }}"
        in app.get("html")[0].proto.body
    )


def of_classes():
    from cnnlab.ui.components.table.table import Column, render_table  # noqa: PLC0415

    columns = {
        "class": Column("Class"),
        "images": Column("Images", "number"),
        "found": Column("Found", "number"),
        "area": Column("Area", "number", is_in_cards=False),
    }
    rows = [{"class": c, "images": 41, "found": n, "area": n} for c, n in (("a", 40), ("b", 39))]
    render_table(rows, key="classes", name="Classes", columns=columns)


def test_a_phone_says_once_what_all_rows_share_and_leaves_out_what_it_is_told_to():
    app = AppTest.from_function(of_classes).run()
    (given,) = json.loads(app.get("bidi_component")[0].proto.json)
    assert given["above"] == "All 2: Images 41"
    assert [column["card"] for column in given["columns"]] == ["whole", "above", "half", "none"]
