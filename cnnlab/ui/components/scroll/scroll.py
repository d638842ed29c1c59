"""Scrolls to what a click has brought, where that would appear out of sight."""

import secrets

import streamlit as st

from cnnlab.ui.components.shared.component import browser_component

_TARGET = "scroll_target"
_scroll = browser_component("scroll")


def scroll_to(key: str) -> None:
    """Bring the widget or container with this key into sight once the page is drawn."""
    st.session_state[_TARGET] = {"key": key, "turn": secrets.token_hex(8)}


def render_scrolling(key: str = "scrolling") -> None:
    """Do what `scroll_to` asked for; the last thing on a page, or in a part that runs alone."""
    _scroll(key=key, data=st.session_state.get(_TARGET, {"key": "", "turn": ""}))
