"""The form of a run: every choice with its help, grouped as a user thinks of them."""

import contextlib
from collections.abc import Collection
from typing import Any

import streamlit as st

from cnnlab.augmentations.table import FRONT, MORE, SETS, strengths_of_set
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.words import listed, unit_in_brackets
from cnnlab.fields import extra
from cnnlab.ui.charts import learning_rate_figure
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.form.balance import render_class_balance
from cnnlab.ui.form.fields import ask_field, ask_strength, field, has_switch
from cnnlab.ui.form.optimizer_choice import ask_optimizer, render_optimizer_words
from cnnlab.ui.form.phases import phases_in_form
from cnnlab.ui.form.state import BATCH_SIZE_HELP, NO_SCHEDULE, read_form, schedule_model
from cnnlab.ui.train.lr_test import ask_learning_rate, render_lr_test

_SETS: dict[str, dict[str, float]] = {
    "Off": {},
    **{name: strengths_of_set(position) for position, name in enumerate(SETS)},
}
SCHEDULES = [
    NO_SCHEDULE,
    "cosine",
    "step",
    "exponential",
    "one_cycle",
    "reduce_on_plateau",
    "cosine_restarts",
    "polynomial",
    "inverse_time",
]


def render_image_section(own_parts: Collection[str]) -> None:
    """Size, colour and split of the images.

    Args:
        own_parts: `validation`, `test`: those that the upload brought, which then count.
    """
    left, right = st.columns(2)
    with left:
        ask_field("image_size")
    with right:
        ask_field("validation_fraction", disabled="validation" in own_parts)
    with left:
        ask_field("color")
    with right:
        ask_field("test_fraction", disabled="test" in own_parts)
    if own_parts:
        own = listed([part for part in ("validation", "test") if part in own_parts])
        st.caption(f"The upload brought its own {own} images: they are taken.")
    with st.expander("More about the images"):
        ask_field("resize")
        ask_field("split_seed")
        for column, key in zip(st.columns(2), ("validation_draw", "folds"), strict=True):
            with column:
                ask_field(key, disabled="validation" in own_parts)
        ask_field("images_per_class", placeholder="all")
        ask_strength("label_noise")


def render_augmentation_section() -> None:
    """Augmentations with their strengths, and one click for a usual set."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, strengths in _SETS.items():
            st.button(
                name, key=f"augment_{name.lower()}", on_click=_set_strengths, args=(strengths,)
            )
    _ask_in_pairs(*(f"aug_{name}" for name in FRONT))
    with st.expander("More augmentations"):
        _ask_in_pairs(*(f"aug_{name}" for name in MORE))


def _ask_in_pairs(*keys: str) -> None:
    """Two fields a row on a wide screen; on a narrow one they keep their order."""
    for first in range(0, len(keys), 2):
        for column, key in zip(st.columns(2), keys[first : first + 2], strict=False):
            with column:
                ask_strength(key) if has_switch(key) else ask_field(key)


def render_regularization_section() -> None:
    """Regularizers with their strengths."""
    left, right = st.columns(2)
    with left:
        ask_strength("reg_dropout")
    with right:
        ask_field("reg_l2")
    with left:
        ask_field("reg_batch_norm")
    with right:
        stops = st.toggle(
            "Early stopping",
            key="reg_early_stopping",
            help=field("reg_early_stopping")[1].description,
            persist_state="session",
        )
    if stops:
        _render_early_stopping()
    with st.expander("More regularizers"):
        _ask_in_pairs(
            "reg_spatial_dropout",
            "reg_label_smoothing",
            "reg_gaussian_noise",
            "reg_stochastic_depth",
            "reg_l1",
            "reg_weight_decay",
        )


def _render_early_stopping() -> None:
    fields = EarlyStopping.model_fields
    left, right = st.columns(2)
    left.selectbox(
        extra(fields["monitor"], "label"),
        ["val_cross_entropy", "val_accuracy"],
        key="early_monitor",
        help=fields["monitor"].description,
        persist_state="session",
    )
    right.number_input(
        unit_in_brackets(extra(fields["patience_epochs"], "label"), "epochs"),
        key="early_patience_epochs",
        help=fields["patience_epochs"].description,
        persist_state="session",
    )


def render_optimizer_section() -> None:
    """Optimizer, learning rate and its schedule."""
    left, right = st.columns(2)
    with left:
        ask_optimizer()
    with right:
        ask_learning_rate()
    render_optimizer_words()
    render_lr_test()
    name = st.selectbox(
        "Schedule",
        SCHEDULES,
        key="schedule",
        format_func=_in_words,
        help=Optimizer.model_fields["schedule"].description,
        persist_state="session",
    )
    below = st.empty()  # keeps its place, so that what follows stays open while this comes and goes
    if name != NO_SCHEDULE:
        with below.container():
            _render_schedule(name)
    with st.expander("More about the optimizer"):
        for key in ("momentum", "nesterov", "clip_norm", "clip_value", "ema_momentum"):
            ask_field(key)
        ask_field("gradient_accumulation_steps")


def _render_schedule(name: str) -> None:
    model = schedule_model(name)
    fields = [key for key in model.model_fields if key != "name"]
    for column, key in zip(st.columns(len(fields)), fields, strict=True):
        info = model.model_fields[key]
        kind = info.annotation
        state_key = f"schedule_{name}_{key}"
        st.session_state.setdefault(state_key, kind(info.default))
        column.number_input(
            unit_in_brackets(extra(info, "label"), extra(info, "unit")),
            step=kind(extra(info, "increment") or (1 if kind is int else 0.1)),
            format="%d" if kind is int else "%g",
            key=state_key,
            help=info.description,
            persist_state="session",
        )
    with contextlib.suppress(ConfigError):  # said beside the start button
        figure = learning_rate_figure(read_form(""))
        render_figure(figure, key="schedule_chart", alt="Learning rate over the epochs", height=160)


def render_training_section(dataset: str) -> None:
    """Length, batch size and seed; how classes are balanced, and what each then counts.

    Args:
        dataset: id of the chosen one.
    """
    options: dict[str, dict[str, Any]] = {
        "epochs": {"disabled": bool(phases_in_form())},
        "batch_size": {"value": None, "placeholder": "auto", "help": BATCH_SIZE_HELP},
        "seed": {},
    }
    for column, (key, more) in zip(st.columns(3), options.items(), strict=True):
        with column:
            ask_field(key, **more)
    with st.expander("More about training"):
        for column, key in zip(st.columns(2), ("class_weights", "sampling"), strict=True):
            with column:
                ask_field(key)
        left, right = st.columns(2)
        with left:
            loss = ask_field("loss", format_func=_in_words)
        if loss == "focal":
            with right:
                ask_field("focal_gamma")
        ask_field("device")
        ask_field("precision")
    render_class_balance(dataset)


def _set_strengths(strengths: dict[str, float]) -> None:
    """Switch on what a set says; the empty one switches everything off."""
    names = strengths_of_set(0) if strengths else Augmentation.model_fields
    for name in names:
        value = strengths.get(name, Augmentation.model_fields[name].default)
        st.session_state[f"aug_{name}"] = value


def _in_words(name: str) -> str:
    return name.replace("_", " ")
