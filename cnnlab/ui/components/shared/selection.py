"""Rows that are selected in a component: Python holds them, and the browser draws what it holds."""

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st


def held_rows(key: str, version: str, shown: Collection[int]) -> list[int]:
    """The selected rows as they are held before the component is drawn, for its data.

    Args:
        key: the component's.
        version: what is shown; what was selected in another one isn't meant.
        shown: rows that are shown.
    """
    state = st.session_state.get(key) or {}
    return meant_rows(state.get("selected"), version, shown)


def meant_rows(
    selected: Mapping[str, Any] | None, version: str, shown: Collection[int]
) -> list[int]:
    """The selected rows that are shown, in the order in which they were selected.

    Args:
        selected: what the browser told: `version` and `rows`.
        version: of what is shown.
        shown: rows that are shown.
    """
    if not selected or selected.get("version") != version:
        return []
    return [row for row in selected.get("rows", []) if row in shown]
