"""Scrolls to what a click has brought, where that would appear out of sight."""

import streamlit as st

from cnnlab.ui.components import asset

_TARGET = "scroll_target"
_scroll = st.components.v2.component(
    "cnnlab_scroll", html="<span></span>", js=asset("scroll.js"), isolate_styles=False
)


def scroll_to(key: str) -> None:
    """Bring the widget or container with this key into sight once the page is drawn."""
    state = st.session_state
    state[_TARGET] = {"key": key, "turn": state.get(_TARGET, {"turn": 0})["turn"] + 1}


def render_scrolling() -> None:
    """Do what `scroll_to` asked for; the last thing on a page."""
    _scroll(key="scrolling", data=st.session_state.get(_TARGET, {"key": "", "turn": 0}))
