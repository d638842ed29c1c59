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


@pytest.mark.parametrize(("rows", "phone"), [(2, 2 * 3.4), (12, 12 * 3.4), (50, 12 * 3.4 + 2.75)])
def test_before_it_is_drawn_it_holds_its_place_on_a_phone_for_the_cards_shown_there(rows, phone):
    app = AppTest.from_function(many, args=(rows,)).run()
    assert (
        f"(max-width: 800px) {{ .st-key-many {{ min-height: {phone:.2f}rem; }}"
        in app.get("html")[0].proto.body
    )
