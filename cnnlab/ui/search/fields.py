"""Which fields a search changes, and within which ranges: ticked in a list of all of them."""

from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.search import MOST_RANGES, Range
from cnnlab.domain.search_ranges import field_info, is_whole
from cnnlab.domain.words import counted, unit_in_brackets
from cnnlab.fields import extra
from cnnlab.searching.setting_words import number_words, value_words
from cnnlab.ui.text import escaped

USUAL = (
    "optimizer.learning_rate",
    "regularization.l2",
    "regularization.dropout",
    "augmentation.rotation_degrees",
    "augmentation.zoom_fraction",
)
"""Ticked at first: what most often pays, and suits every dataset."""

_GROUPS = {
    "optimizer": "Optimizer",
    "regularization": "Regularization",
    "augmentation": "Augmentation",
    "architecture": "Network",
    "image": "Images",
    "training": "Training",
}
_LOG = "evenly by its logarithm"
_LINEAR = "evenly"


def ask_ranges() -> list[Range]:
    """Ask for the fields and their ranges; in the order of the list.

    Raises:
        BadInputError: what was typed for a choice is no number.
    """
    offered = lab.search_ranges()
    for field in offered:
        st.session_state.setdefault(_key("tick", field), field in USUAL)
    ticked = [field for field in offered if st.session_state[_key("tick", field)]]
    _render_summary(ticked)
    sought = st.text_input(
        "Find a field",
        key="search_field_filter",
        placeholder="dropout, rotation, batch, ...",
        icon=":material/search:",
    )
    found = [field for field in offered if _matches(field, sought)]
    if not found:
        st.caption("No field is called so. Empty the box to see all of them.")
    for part, title in _GROUPS.items():
        of_part = [field for field in found if field.startswith(f"{part}.")]
        if not of_part:
            continue
        chosen = sum(field in ticked for field in of_part)
        label = f"{title}: {chosen} of {len(of_part)} ticked"
        # Known by its key: the label changes with each tick, and it shall stay open.
        with st.expander(
            label, expanded=bool(sought.strip()) or part == "optimizer", key=f"search_{part}"
        ):
            for field in of_part:
                _render_field(field, offered[field])
    return [_range(field, offered[field]) for field in offered if field in ticked]


def _render_summary(ticked: list[str]) -> None:
    names = ", ".join(escaped(label_of(field)) for field in ticked)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{counted(len(ticked), 'field')} of at most {MOST_RANGES}:** {names or '–'}")
        if set(ticked) != set(USUAL):
            st.button(
                "The usual five",
                key="search_usual",
                icon=":material/undo:",
                type="tertiary",
                on_click=_tick_only,
                args=(USUAL,),
            )
        if ticked:
            st.button(
                "None",
                key="search_none",
                icon=":material/close:",
                type="tertiary",
                on_click=_tick_only,
                args=((),),
            )


def _tick_only(fields: Iterable[str]) -> None:
    chosen = set(fields)
    for field in lab.search_ranges():
        st.session_state[_key("tick", field)] = field in chosen


def _render_field(field: str, usual: Range) -> None:
    info = field_info(field)
    is_ticked = st.checkbox(
        escaped(unit_in_brackets(label_of(field), extra(info, "unit") if info else None)),
        key=_key("tick", field),
        help=info.description if info else None,
        persist_state="session",
    )
    if not is_ticked:
        return
    if usual.choices:
        _ask_choices(field, usual)
    else:
        _ask_ends(field, usual)


def _ask_ends(field: str, usual: Range) -> None:
    number = int if is_whole(field) else float
    shown: dict[str, Any] = {"format": "%d"} if number is int else {"format": "%.6g", "step": None}
    low, high, scale = st.columns([2, 2, 3], vertical_alignment="bottom")
    for column, name, value in ((low, "From", usual.low), (high, "To", usual.high)):
        column.number_input(
            name,
            value=number(value or 0),
            key=_key(name.lower(), field),
            persist_state="session",
            **shown,
        )
    scale.selectbox(
        "Drawn",
        [_LOG, _LINEAR],
        index=0 if usual.log else 1,
        key=_key("scale", field),
        help="By its logarithm: from 0.001 to 0.01 as often as from 0.01 to 0.1. It suits what is "
        "tried in powers of ten, and must begin above 0.",
        persist_state="session",
    )


def _ask_choices(field: str, usual: Range) -> None:
    numbers = _takes_numbers(usual)
    known = _choices(field, usual)
    st.multiselect(
        "One of",
        list(known),
        default=[value_words(field, value) for value in usual.choices],
        key=_key("choices", field),
        accept_new_options=numbers,
        help="Type a number to add one." if numbers else None,
        persist_state="session",
    )


def _choices(field: str, usual: Range) -> dict[str, Any]:
    """What may be chosen by its words: the usual values, then what the field takes besides."""
    values = list(usual.choices)
    info = field_info(field)
    if info is not None and get_origin(info.annotation) is Literal:
        values += [one for one in get_args(info.annotation) if one not in values]
    return {value_words(field, value): value for value in values}


def _takes_numbers(usual: Range) -> bool:
    return all(isinstance(one, int | float) and one not in (True, False) for one in usual.choices)


def _range(field: str, usual: Range) -> Range:
    """What the form says of a field that is ticked; the usual where it isn't shown yet."""
    state = st.session_state
    if usual.choices:
        known = _choices(field, usual)
        said = state.get(_key("choices", field), [value_words(field, v) for v in usual.choices])
        return Range(field, choices=tuple(_choice(field, known, one) for one in said))
    low, high = state.get(_key("from", field), usual.low), state.get(_key("to", field), usual.high)
    log = state.get(_key("scale", field), _LOG if usual.log else _LINEAR) == _LOG
    return Range(field, low, high, log)


def _choice(field: str, known: dict[str, Any], said: str) -> Any:  # noqa: ANN401 - any JSON value
    if said in known:
        return known[said]
    try:
        value = float(said)
    except ValueError as error:
        raise BadInputError(
            f"{label_of(field)}: {said:.40} is no number. Take it out, or type one."
        ) from error
    return int(value) if value.is_integer() else value


def _matches(field: str, sought: str) -> bool:
    words = f"{label_of(field)} {field}".lower().replace("_", " ")
    return all(word in words for word in sought.lower().replace("_", " ").split())


def _key(what: str, field: str) -> str:
    return f"search_{what}_{field.replace('.', '_')}"


def range_words(searched: Range) -> str:
    """A range in words: `Learning rate 0.0001 to 0.03 (log)`, `Flip none or horizontal`."""
    name = label_of(searched.field)
    if searched.choices:
        said = [value_words(searched.field, one) for one in searched.choices]
        return f"{name} {', '.join(said[:-1])} or {said[-1]}"
    ends = " to ".join(
        number_words(end) for end in (searched.low, searched.high) if end is not None
    )
    return f"{name} {ends}{' (log)' if searched.log else ''}"
