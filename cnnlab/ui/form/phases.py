"""The phases of a training: a switch with sensible ones, and a row of fields for each."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnlab.domain.config.phases import MOST_PHASES, Phase
from cnnlab.fields import bounds, extra
from cnnlab.ui.clicks import is_choice, note_drawn, sent_by_a_clock
from cnnlab.ui.form.fields import field
from cnnlab.ui.form.state import BASE

_SWITCH = "phases_on"
_HEAD_EPOCHS, _LEAST_EPOCHS, _BLOCKS, _RATE_SHARE = 5, 5, 3, 0.1

Rows = list[dict[str, Any]]


def render_phases() -> None:
    """The switch, and while it is on the phases; their epochs are the run's."""
    rows = phases_in_form()
    st.session_state[_SWITCH] = bool(rows)
    st.toggle(
        "Fine-tune in phases",
        key=_SWITCH,
        help=field("phases")[1].description,
        on_change=_turn_on_or_off,
    )
    note_drawn(_SWITCH)
    for number, row in enumerate(rows):
        _render_phase(number, row, can_go=len(rows) > 1)
    if rows:
        st.button(
            "Add a phase",
            key="add_phase",
            icon=":material/add:",
            type="tertiary",
            disabled=len(rows) >= MOST_PHASES,
            on_click=_set_phases,
            args=([*rows, dict(rows[-1])],),
        )


def phases_in_form() -> Rows:
    """The phases that the form shows; none where it is off."""
    return [dict(row) for row in st.session_state[BASE]["architecture"].get("phases") or ()]


def _render_phase(number: int, row: Mapping[str, Any], *, can_go: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, width in (("epochs", 130), ("trainable_blocks", 170), ("learning_rate", 170)):
            _ask(number, name, row[name], width)
        st.button(
            f"Remove phase {number + 1}",
            key=f"remove_phase_{number}",
            icon=":material/delete:",
            type="tertiary",
            disabled=not can_go,
            on_click=_remove,
            args=(number,),
        )


def _ask(number: int, name: str, value: float | None, width: int) -> None:
    info = Phase.model_fields[name]
    kind, (low, high) = (float if name == "learning_rate" else int), bounds(info)
    key = f"phase_{number}_{name}"
    st.session_state[key] = value
    label = extra(info, "label")
    empty = {"trainable_blocks": "all", "learning_rate": "the optimizer's"}.get(name)
    st.number_input(
        f"Phase {number + 1}: {label[0].lower()}{label[1:]}",
        min_value=kind(low or 0) if kind is int else 0.0,
        max_value=kind(high) if high is not None else None,
        step=1 if kind is int else 0.0001,
        format="%d" if kind is int else "%g",
        placeholder=empty,
        key=key,
        help=info.description,
        width=width,
        on_change=_take,
        args=(number, name),
    )


def _turn_on_or_off() -> None:
    if not is_choice(_SWITCH):
        return
    state = st.session_state
    if not state[_SWITCH]:
        _set_phases(None)
        return
    later = max(_LEAST_EPOCHS, state["epochs"] - _HEAD_EPOCHS)
    rate = float(f"{_RATE_SHARE * state['learning_rate']:.3g}")
    head = {"epochs": _HEAD_EPOCHS, "trainable_blocks": 0, "learning_rate": None}
    rest = {"epochs": later, "trainable_blocks": _BLOCKS, "learning_rate": rate}
    _set_phases([head, rest])


def _take(number: int, name: str) -> None:
    if sent_by_a_clock():
        return
    rows, value = phases_in_form(), st.session_state[f"phase_{number}_{name}"]
    if name == "epochs" and value is None:
        value = 1
    if name == "learning_rate" and value == 0:
        value = None
    rows[number][name] = value
    _set_phases(rows)


def _remove(number: int) -> None:
    rows = phases_in_form()
    _set_phases(rows[:number] + rows[number + 1 :])


def _set_phases(rows: Rows | None) -> None:
    base = st.session_state[BASE]
    architecture = base["architecture"] | {"phases": rows}
    st.session_state[BASE] = base | {"architecture": architecture}
    if rows:
        st.session_state["epochs"] = sum(row["epochs"] for row in rows)
