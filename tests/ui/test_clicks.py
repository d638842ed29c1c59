"""What counts as somebody's choice, and what only comes with a clock."""

import pytest
import streamlit as st

from cnnlab.ui.clicks import is_choice, note_drawn
from tests.ui.apps import late_clock


@pytest.fixture
def state(monkeypatch):
    """What the browser has sent; `preset` was drawn as `small`."""
    state = {"preset": "small"}
    monkeypatch.setattr(st, "session_state", state)
    note_drawn("preset")
    return state


def test_what_a_clock_sends_and_what_the_page_had_set_itself_is_no_choice(state):
    state["preset"] = "tiny"
    with late_clock():
        assert not is_choice("preset")
    state["preset"] = "small"  # the browser has heard of it meanwhile
    assert not is_choice("preset")
    state["preset"] = "tiny"
    assert is_choice("preset")


def test_going_back_is_a_choice_though_the_page_was_not_drawn_between(state):
    for value in ("tiny", "small", "tiny"):
        state["preset"] = value
        assert is_choice("preset")
