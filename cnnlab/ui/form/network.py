"""The network of a run: a preset with its dials, or a list of layers that is drawn and edited."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.architecture import MOST_LAYERS
from cnnlab.domain.config.presets import PRESETS, preset_dials
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.blocks import NetworkBlocks
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.ui.clicks import is_choice, note_drawn
from cnnlab.ui.components.network.network import NetworkEdit, drawn_blocks, render_network
from cnnlab.ui.form.fields import ask_field
from cnnlab.ui.form.state import BASE, form_values

_PRESET = "preset"
_EDITOR = "layers_editor"
_HELD = "layers_editor_held"
"""Session key: what the browser's last change has made of the network."""

_SHOWN = "network_shown"
"""Session key: the network when the whole page was run last."""

_NO_LONGER_PARTLY = (
    "The block that was frozen in part isn't there any more: now only whole blocks are frozen."
)

_DRAWN_PARTS = ("image", "architecture", "regularization")
_NOT_DRAWN = ("pretrained", "phases")
_DIALS = tuple(preset_dials(next(iter(PRESETS))))


def render_network_section(classes: int) -> None:
    """Dials of the preset and the drawing; a change there runs this section first, then the page.

    Args:
        classes: number of classes of the dataset, for what the last layer costs.
    """
    st.session_state[_SHOWN] = _network_values()
    _render_section(classes)


def own_layers() -> list[Any] | None:
    """The own list of layers that the form holds; None where its network is the preset."""
    layers: list[Any] | None = _architecture()["layers"]
    return layers


def ask_preset() -> None:
    """The select of the preset; choosing one replaces an own list of layers."""
    ask_field(_PRESET, on_change=_choose_preset)
    note_drawn(_PRESET)


def _choose_preset() -> None:
    if is_choice(_PRESET):
        take_preset()


def take_preset() -> None:
    """Have the chosen preset in place of an own list; dials that it hasn't are empty."""
    _set_architecture({"layers": None})
    has = preset_dials(st.session_state[_PRESET])
    for key in _DIALS:
        if key not in has:
            st.session_state[key] = None


@st.fragment
def _render_section(classes: int) -> None:
    if own_layers() is None:
        dials = preset_dials(st.session_state[_PRESET])
        for column, (key, preset) in zip(st.columns(3), dials.items(), strict=False):
            with column:
                ask_field(key, placeholder=f"{preset} (preset)")
    else:
        st.caption("The layers below are your own list. Choosing a preset replaces them.")
    _render_drawing(classes)
    with st.expander("More about the network"):
        ask_field("activation")
        ask_field("initializer")
    if st.session_state[_SHOWN] != _network_values():
        st.rerun()  # what stands beside the form follows, once the drawing is there


def _render_drawing(classes: int) -> None:
    values, problem = _network_values(), ""
    entries: list[dict[str, Any]] = []
    drawing: NetworkBlocks | None = None
    try:
        entries = lab.listed_layers(values)
        drawing = lab.draw_network(values, classes)
    except ConfigError as error:
        problem = in_labels(error)
    held = _held(values["architecture"], drawing)
    data = {
        "turn": held["turn"],
        "edit": held["edit"],
        "is_own": values["architecture"]["layers"] is not None,
        "preset": choice_words(values["architecture"]["preset"]),
        "activation": values["architecture"]["activation"],
        "entries": entries,
        "frozen_place": held["frozen_place"],
        "blocks": [] if drawing is None else drawn_blocks(drawing),
        "parameters": 0 if drawing is None else drawing.parameters,
        "multiply_adds": 0 if drawing is None else drawing.multiply_adds,
        "bytes": 0 if drawing is None else drawing.bytes,
        "problem": problem if drawing is None else drawing.problem,
        "said": held["said"],
        "told": held["told"],
    }
    render_network(data, key=_EDITOR, on_edit=_take_edit)


def _architecture() -> dict[str, Any]:
    values: dict[str, Any] = st.session_state[BASE]["architecture"]
    return values


def _network_values() -> dict[str, Any]:
    """What the drawing depends on; the rest of the form may be wrong meanwhile."""
    values = form_values("")
    drawn = {part: values[part] for part in _DRAWN_PARTS}
    architecture = values["architecture"].items()
    return drawn | {
        "architecture": {name: value for name, value in architecture if name not in _NOT_DRAWN}
    }


def _set_architecture(changes: Mapping[str, Any]) -> None:
    base = st.session_state[BASE]
    st.session_state[BASE] = base | {"architecture": base["architecture"] | changes}


def _held(architecture: Mapping[str, Any], drawing: NetworkBlocks | None) -> dict[str, Any]:
    """What is held of the browser's last change; another turn where the page has changed more."""
    state, is_own = st.session_state, architecture["layers"] is not None
    held = state.setdefault(_HELD, _new_turn(0))
    network = {name: architecture[name] for name in ("layers", "frozen_layers")}
    if held["network"] not in (None, network):
        held = _new_turn(held["turn"] + 1) | {"edit": held["edit"], "said": held["said"]}
    if drawing is not None and (held["network"] is None or not is_own):
        held = held | _frozen_parts(drawing, architecture["frozen_layers"])
    state[_HELD] = held = held | {"network": network}
    return held


def _frozen_parts(drawing: NetworkBlocks, frozen_layers: int) -> dict[str, Any]:
    """The last block that is frozen as a whole, and how much of the next one is."""
    place = drawing.frozen_place(frozen_layers)
    more = frozen_layers - drawing.frozen_up_to(place)
    kind, count = drawing.with_weights_behind(place)
    return {"frozen_place": place, "partly": (kind, more) if 0 < more < count else None}


def _new_turn(turn: int) -> dict[str, Any]:
    return {
        "turn": turn,
        "edit": 0,
        "network": None,
        "frozen_place": -1,
        "partly": None,
        "told": "",
        "said": {"of": 0, "problem": ""},
    }


def _take_edit() -> None:
    """Take over what was changed in the browser."""
    edit: NetworkEdit = st.session_state[_EDITOR]["edited"]
    held = st.session_state[_HELD]
    if edit["pasted"]:
        _take_pasted(edit, held)
        return
    layers, place = edit["layers"], edit["frozen_place"]
    if layers is not None and not _is_list_of_layers(layers):
        return
    before = _listed()
    _set_architecture({"layers": layers})
    partly = held["partly"]
    if place != held["frozen_place"] and _listed() == before:  # it was about freezing
        partly = None
    frozen, is_kept = _frozen_after(place, partly)
    _set_architecture({"frozen_layers": frozen})
    st.session_state[_HELD] = held | {
        "edit": edit["edit"],
        "network": {"layers": layers, "frozen_layers": frozen},
        "frozen_place": place,
        "partly": partly if is_kept else None,
        "told": "" if is_kept else _NO_LONGER_PARTLY,
    }


def _take_pasted(edit: NetworkEdit, held: Mapping[str, Any]) -> None:
    problem = ""
    try:
        layers = lab.check_layers(edit["pasted"].encode(), "This text")
    except ConfigError as error:
        problem = in_labels(error)
    else:
        _set_architecture({"layers": layers, "frozen_layers": 0})
    said = {"of": edit["edit"], "problem": problem}
    st.session_state[_HELD] = dict(held) | {"edit": edit["edit"], "said": said}


def _listed() -> list[dict[str, Any]] | None:
    """The layer list; None where a field of it is wrong."""
    try:
        return lab.listed_layers(_network_values())
    except ConfigError:
        return None


def _frozen_after(place: int, partly: tuple[str, int] | None) -> tuple[int, bool]:
    """The value of `frozen_layers` after a change, which may end in the middle of a block.

    Args:
        place: the last one that is frozen as a whole; -1: none.
        partly: kind of the block behind it and how many of its layers are frozen, too.

    Returns:
        The value, and whether the block behind is still frozen in part, where it was.
    """
    try:
        drawing = lab.draw_network(_network_values(), 2)
    except ConfigError:
        return int(_architecture()["frozen_layers"]), True
    frozen = drawing.frozen_up_to(place)
    if partly is None:
        return frozen, True
    kind, count = drawing.with_weights_behind(place)
    if (kind, partly[1] < count) == (partly[0], True):
        return frozen + partly[1], True
    return frozen, bool(drawing.problem)  # what is wrong may be mended next


def _is_list_of_layers(layers: list[Any]) -> bool:
    """Whether a browser of ours can have sent it; its fields are checked when it is drawn."""
    if len(layers) > MOST_LAYERS or len(json.dumps(layers)) > 2**20:
        return False
    return all(isinstance(layer, dict) and layer.get("kind") in LAYER_KINDS for layer in layers)
