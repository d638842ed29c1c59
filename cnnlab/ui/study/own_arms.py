"""Arms of the user's own: made with the form's own widgets, called by what they change."""

from typing import Any, NamedTuple

import streamlit as st

from cnnlab.domain.arms import USUAL_VALUES, named
from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import BadInputError, ConfigError
from cnnlab.domain.study import MOST_NAME_CHARACTERS, SHARED, Arm
from cnnlab.fields import extra, offered
from cnnlab.ui.form.fields import ask_slider, ask_value, field, has_switch
from cnnlab.ui.form.form import SCHEDULES
from cnnlab.ui.form.state import FIELD_KEYS, NO_SCHEDULE, form_values
from cnnlab.ui.text import escaped

_OWN = "own_arms"
"""Session key of the arms that the user made, a list of `Arm`."""

_EDITED, _PROBLEM = "own_arm_edited", "own_arm_problem"
"""Session keys: the number of the arm that is being changed; why it couldn't be taken over."""

_FIELDS, _NAME = "own_arm_fields", "own_arm_name"
_STOPPING, _SCHEDULE, _BATCH = (
    "regularization.early_stopping", "optimizer.schedule", "training.batch_size"
)  # fmt: skip
_PRETRAINED = "architecture.pretrained"
_KEYS = {field(key)[0]: key for key in FIELD_KEYS}
"""Key of each field's widget on the Train page, by dotted name."""


def own_arms() -> list[Arm]:
    """The arms that the user made, in order."""
    arms: list[Arm] = st.session_state.setdefault(_OWN, [])
    return arms


def ask_own_arms() -> list[Arm]:
    """List the arms that the user made, and ask for another one, or for changes of one of them."""
    for number, arm in enumerate(own_arms()):
        _render_arm(number, arm)
    edited = st.session_state.get(_EDITED)
    title = "Add an arm of your own"
    if edited is not None:
        title = f"Change the arm {escaped(own_arms()[edited].name, limit=60)}"
    with st.expander(title, icon=":material/add:", expanded=edited is not None):
        _ask_arm(edited)
    return own_arms()


def _render_arm(number: int, arm: Arm) -> None:
    made, shown = named(arm.changes), f"**{escaped(arm.name, limit=80)}**"
    if made != arm.name:
        shown += f": {escaped(made, limit=200)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(shown)
        st.button(
            "Change",
            key=f"edit_arm_{number}",
            icon=":material/edit:",
            type="tertiary",
            on_click=_edit,
            args=(number,),
        )
        st.button(
            "Remove",
            key=f"remove_arm_{number}",
            icon=":material/close:",
            type="tertiary",
            on_click=_remove,
            args=(number,),
        )


def _ask_arm(edited: int | None) -> None:
    state, infos = st.session_state, _offered()
    if _PROBLEM in state:
        st.error(state.pop(_PROBLEM), icon=":material/error:")
    chosen = st.multiselect(
        "What it changes",
        list(infos),
        key=_FIELDS,
        format_func=lambda name: f"{extra(infos[name], 'label')} ({name})",
        placeholder="Choose one field or several",
        help="Everything else is as in the baseline. The fields are those of the Train page.",
    )
    for first in range(0, len(chosen), 2):
        for column, name in zip(st.columns(2), chosen[first : first + 2], strict=False):
            with column:
                _ask_value(name)
    changes = {name: _value(name) for name in chosen}
    if chosen:
        st.text_input(
            "Name of the arm",
            key=_NAME,
            max_chars=MOST_NAME_CHARACTERS,
            placeholder=named(changes)[:MOST_NAME_CHARACTERS],
            help="Empty: what it changes.",
        )
    with st.container(horizontal=True):
        st.button(
            "Add" if edited is None else "Save",
            key="add_arm",
            icon=":material/add:" if edited is None else ":material/check:",
            disabled=not chosen,
            on_click=_take_over,
        )
        if edited is not None:
            st.button("Cancel", key="cancel_arm", type="tertiary", on_click=_empty)


def _offered() -> dict[str, Any]:
    """The fields of the form that arms may change, by dotted name."""
    in_form = {*_KEYS, _STOPPING, _SCHEDULE}
    return {name: info for name, info in offered(RunConfig) if name in in_form - SHARED}


def _ask_value(name: str) -> None:
    """The widget of a field as the Train page has it, beginning with a usual value."""
    info, key = _offered()[name], _key(name)
    if key not in st.session_state:
        st.session_state[key] = _shown(name, _usual(name))
    if name == _SCHEDULE:
        st.selectbox(extra(info, "label"), SCHEDULES, key=key, help=info.description)
    elif name == _STOPPING:
        st.toggle(extra(info, "label"), key=key, help=info.description)
    elif name == _BATCH:
        ask_value(info, key, value=None, placeholder="auto")
    elif name == _PRETRAINED:
        ask_value(info, key, value=None, placeholder="drawn at random")
    elif has_switch(_KEYS[name]):
        ask_slider(info, key)
    else:
        ask_value(info, key)


def _usual(name: str) -> Any:  # noqa: ANN401 - the field's own type
    """What such an arm would often have: another value than the base, where one is known."""
    if name in USUAL_VALUES:
        return USUAL_VALUES[name]
    now, info = value_at(form_values(""), name), _offered()[name]
    if info.annotation is bool:
        return not now
    return extra(info, "usual") or now


class _Special(NamedTuple):
    """A value that a widget shows in another way."""

    name: str
    value: Any
    shown: Any


_SPECIAL = (_Special(_BATCH, "auto", None), _Special(_SCHEDULE, None, NO_SCHEDULE))


def _shown(name: str, value: Any) -> Any:  # noqa: ANN401 - likewise
    if name == _STOPPING:
        return bool(value)
    if isinstance(value, dict):  # a schedule with its parameters
        return value["name"]
    return next((one.shown for one in _SPECIAL if (one.name, one.value) == (name, value)), value)


def _value(name: str) -> Any:  # noqa: ANN401 - likewise
    shown = st.session_state[_key(name)]
    if name == _STOPPING:
        return shown or None
    return next((one.value for one in _SPECIAL if (one.name, one.shown) == (name, shown)), shown)


def _key(name: str) -> str:
    return f"own_arm_{name.replace('.', '_')}"


def _take_over() -> None:
    """Keep the arm and empty the form; what can't be taken stays there to be mended."""
    state = st.session_state
    changes = {name: _value(name) for name in state[_FIELDS]}
    name = state.get(_NAME, "").strip() or named(changes)[:MOST_NAME_CHARACTERS]
    try:
        config = load_config(with_changes(RunConfig().model_dump(mode="json"), changes))
        if any(arm.name == name for arm in _others()):
            raise ConfigError(f"There is an arm {name!r} already: give this one another name.")
    except BadInputError as error:
        state[_PROBLEM] = escaped(in_labels(error), limit=600)
        return
    values = config.model_dump(mode="json")
    arm = Arm(name, {field: value_at(values, field) for field in changes})
    edited = state.get(_EDITED)
    if edited is None:
        own_arms().append(arm)
    else:
        own_arms()[edited] = arm
    _empty()


def _others() -> list[Arm]:
    edited = st.session_state.get(_EDITED)
    return [arm for number, arm in enumerate(own_arms()) if number != edited]


def _edit(number: int) -> None:
    _empty()
    state, arm = st.session_state, own_arms()[number]
    state[_EDITED], state[_FIELDS] = number, list(arm.changes)
    state[_NAME] = "" if arm.name == named(arm.changes) else arm.name
    for name, value in arm.changes.items():
        state[_key(name)] = _shown(name, value)


def _remove(number: int) -> None:
    own_arms().pop(number)
    _empty()


def _empty() -> None:
    """Have the form ask for a new arm."""
    state = st.session_state
    for name in _offered():
        state.pop(_key(name), None)
    state.pop(_EDITED, None)
    state[_FIELDS], state[_NAME] = [], ""
