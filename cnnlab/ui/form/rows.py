"""Rows of the form: a switch with the name of the field, and beside it its strength.

One grid on every screen: names in one column, sliders and boxes in another.
"""

import streamlit as st
from pydantic.fields import FieldInfo

from cnnlab.augmentations.table import DETAILS
from cnnlab.fields import extra
from cnnlab.ui.form.fields import ask_slider, ask_value, field, help_of_field
from cnnlab.ui.form.problems import render_problem
from cnnlab.ui.form.switch import NAME_PX, icon_of, render_switch
from cnnlab.ui.train.parts import changed


def ask_rows(*keys: str) -> None:
    """Ask for fields, a row each.

    Args:
        keys: of the widgets.
    """
    for key in keys:
        ask_row(key)


def ask_row(key: str) -> None:
    """Ask for one field: a strength with its switch, a choice beside its name, or a switch alone.

    Args:
        key: the widget's key.
    """
    path, info = field(key)
    if info.annotation is bool:
        ask_value(info, key, on_change=changed)
    else:
        with st.container(
            key=f"row_{key}", horizontal=True, vertical_alignment="center", gap="small"
        ):
            if extra(info, "usual") is None or key.removeprefix("aug_") in DETAILS:
                icon = icon_of(key) if key.startswith("aug_") else ""
                name = f"{icon} {extra(info, 'label')}"
                st.markdown(name, help=help_of_field(path, info), width=NAME_PX)
            else:
                _ask_switch(path, info, key)
            _ask_strength(info, key)
    render_problem(path)


def _ask_strength(info: FieldInfo, key: str) -> None:
    """Its box, list or slider, without the name, which stands beside it."""
    if extra(info, "usual") is not None and extra(info, "increment"):
        ask_slider(info, key, label_visibility="collapsed", on_change=changed)
    else:
        ask_value(info, key, label_visibility="collapsed", help=None, on_change=changed)


def _ask_switch(path: str, info: FieldInfo, key: str) -> None:
    """On as long as the strength isn't 0."""
    number = int if info.annotation is int else float
    render_switch(
        extra(info, "label"),
        key=f"{key}_switch",
        icon=icon_of(key),
        is_on=bool(st.session_state.setdefault(key, number(0))),
        help=help_of_field(path, info),
        width=NAME_PX,
        on_click=_switch,
        args=(key, number(extra(info, "usual"))),
    )


def _switch(key: str, usual: float) -> None:
    st.session_state[key] = type(usual)(0) if st.session_state[key] else usual
    changed()
