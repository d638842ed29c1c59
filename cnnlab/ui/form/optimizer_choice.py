"""Choosing an optimizer: what it is for, and what the form then sets of its paper."""

import streamlit as st

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.optimizer import MOMENTUM_OPTIMIZERS, USUAL_LEARNING_RATES
from cnnlab.domain.config.optimizer_facts import OPTIMIZER_FACTS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.words import listed
from cnnlab.fields import extra
from cnnlab.ui.clicks import is_choice, note_drawn
from cnnlab.ui.form.fields import ask_field, field
from cnnlab.ui.form.state import FILLED

_OPTIMIZER = "optimizer"
_KEYS = ("reg_weight_decay", "momentum")
"""Widgets of the fields that some optimizer's paper sets, beside the learning rate."""


def ask_optimizer() -> None:
    """The select of the optimizer; choosing one fills in what belongs to it."""
    ask_field(_OPTIMIZER, on_change=_choose)
    note_drawn(_OPTIMIZER)


def optimizer_words() -> str:
    """What the chosen optimizer is for, and what was filled in when it was chosen."""
    name = st.session_state[_OPTIMIZER]
    filled = st.session_state.get(FILLED)
    said = [f"**{choice_words(name)}.**", OPTIMIZER_FACTS[name].purpose]
    if filled and filled["name"] == name:  # Study's form fills in nothing
        said.append(filled["words"])
    return " ".join(said)


def _choose() -> None:
    if is_choice(_OPTIMIZER):
        _fill_in()


def _fill_in() -> None:
    """Set the usual learning rate and what the paper sets; what the user set himself stays.

    A field is his where it holds neither the config's default nor what was filled in last.
    """
    state = st.session_state
    name = state[_OPTIMIZER]
    earlier = state.get(FILLED, {"values": {}})["values"]
    settings = OPTIMIZER_FACTS[name].settings
    state["learning_rate"] = rate = USUAL_LEARNING_RATES[name]
    values: dict[str, float] = {}
    done, kept = [f"learning rate {rate:g}"], []
    for key in _KEYS:
        path, info = field(key)
        default = value_at(RunConfig(), path)
        wanted = settings.get(path, default)
        label = extra(info, "label").lower()
        if state.get(key, default) not in (default, earlier.get(key, default)):
            if wanted != state[key] and path in settings:
                kept.append(f"your {label} of {state[key]:g} stays (usual: {wanted:g})")
            continue
        is_heeded = key != "momentum" or name in MOMENTUM_OPTIMIZERS
        if path in settings or (is_heeded and state.get(key, default) != wanted):
            done.append(f"{label} {wanted:g}")
        state[key] = wanted
        if wanted != default:
            values[key] = wanted
    told = "; ".join([listed(done), *kept])
    words = f"Set for {choice_words(name)}: {told}."
    state[FILLED] = {"name": name, "values": values, "words": words}
