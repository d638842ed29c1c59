"""Widgets made from the config's own field descriptions: label, help, bounds, unit, usual value.

The session state holds each widget's value under its key; `aug_rotation_degrees` is the widget of
`augmentation.rotation_degrees`, `reg_l2` that of `regularization.l2`.
"""

import functools
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from cnnlab import lab
from cnnlab.augmentations.table import DETAILS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.choice_words import choice_words, in_choice_words
from cnnlab.domain.words import unit_in_brackets, with_unit
from cnnlab.fields import bounds, extra, walk
from cnnlab.ui.form.problems import render_problem

LabelVisibility = Literal["visible", "hidden", "collapsed"]

PREFIXES = {"aug_": "augmentation.", "reg_": "regularization."}
PATHS = {
    "image_size": "image.size",
    "color": "image.color",
    "resize": "image.resize",
    "validation_fraction": "split.validation",
    "test_fraction": "split.test",
    "split_seed": "split.seed",
    "validation_draw": "split.validation_draw",
    "folds": "split.folds",
    "images_per_class": "split.images_per_class",
    "label_noise": "split.label_noise_fraction",
    "preset": "architecture.preset",
    "conv_blocks": "architecture.conv_blocks",
    "filters": "architecture.filters",
    "dense_units": "architecture.dense_units",
    "activation": "architecture.activation",
    "initializer": "architecture.initializer",
    "pretrained": "architecture.pretrained",
    "optimizer": "optimizer.name",
    "learning_rate": "optimizer.learning_rate",
    "momentum": "optimizer.momentum",
    "nesterov": "optimizer.nesterov",
    "clip_norm": "optimizer.clip_norm",
    "clip_value": "optimizer.clip_value",
    "ema_momentum": "optimizer.ema_momentum",
    "gradient_accumulation_steps": "optimizer.gradient_accumulation_steps",
    "epochs": "training.epochs",
    "batch_size": "training.batch_size",
    "seed": "training.seed",
    "class_weights": "training.class_weights",
    "sampling": "training.sampling",
    "loss": "training.loss",
    "focal_gamma": "training.focal_gamma",
    "device": "training.device",
    "precision": "training.precision",
}
"""Key of each widget whose name isn't made of a prefix and the field's name."""

OTHER_PATHS = {"phases": "architecture.phases"}
"""Fields that several widgets ask for together."""


@functools.cache
def field(key: str) -> tuple[str, FieldInfo]:
    """Dotted name and description of the config field behind a widget's key."""
    path = PATHS.get(key, OTHER_PATHS.get(key, key))
    for prefix, parent in PREFIXES.items():
        if key.startswith(prefix):
            path = parent + key.removeprefix(prefix)
    return path, dict(walk(RunConfig))[path]


def ask_field(key: str, **options: Any) -> Any:  # noqa: ANN401 - the field's own type
    """Ask for the value of a field with the widget that suits its type; below it what is wrong.

    Args:
        key: the widget's key.
        options: passed on to the widget.
    """
    path, info = field(key)
    options = {"help": help_of_field(path, info)} | options
    if extra(info, "share"):
        value: Any = ask_slider(info, key, **options)
    else:
        value = ask_value(info, key, **options)
    render_problem(path)
    return value


def ask_value(info: FieldInfo, key: str, **options: Any) -> Any:  # noqa: ANN401 - its own type
    """The same of any field, under a key of its own, without what is wrong."""
    common = {"key": key, "help": help_of(info), "persist_state": "session"} | options
    label = _label(info)
    if info.annotation is bool:
        return st.toggle(label, **common)
    choices = _choices(info)
    if choices:
        return st.selectbox(label, choices, format_func=choice_words, **common)
    if info.annotation is str:
        return st.text_input(label, **common)
    return st.number_input(label, **(_number_options(info) | common))


def help_of(info: FieldInfo) -> str:
    """What the screen says of a field."""
    return in_choice_words(info.description or "")


def help_of_field(path: str, info: FieldInfo) -> str:
    """The same, with a link to the lesson that shows what the field does, where there is one."""
    lesson = lab.lesson_of_field(path)
    seen = f" [Seen in a lesson: {lesson.title}](lessons?lesson={lesson.name})" if lesson else ""
    return help_of(info) + seen


def has_switch(key: str) -> bool:
    """Whether the field is a strength on a scale that begins with 0 = off and fits a slider."""
    _, info = field(key)
    return None not in (extra(info, "usual"), extra(info, "increment")) and (
        key.removeprefix("aug_") not in DETAILS
    )


def ask_slider(
    info: FieldInfo,
    key: str,
    *,
    label_visibility: LabelVisibility = "visible",
    help: str | None = None,
    on_change: Callable[[], None] | None = None,
) -> float:
    """Ask for a strength, 0 = off, or a share, in percent, though the value stays a share.

    Args:
        info: of the field.
        key: the widget's key.
        label_visibility: whether its name stands above it.
        help: what is said of it; as the field says, where nothing is given and the name is there.
        on_change: called once somebody has changed it.
    """
    low, high = bounds(info)
    number = int if info.annotation is int else float
    unit = "percent" if extra(info, "share") else with_unit("%g", extra(info, "unit"))
    if help is None and label_visibility == "visible":
        help = help_of(info)
    return st.slider(
        _label(info),
        min_value=number(low or 0),
        max_value=number(high or 1),
        value=number(low or 0),  # without it Streamlit copies all state to look for the key's value
        step=number(extra(info, "increment")),
        format=unit,
        key=key,
        help=help,
        label_visibility=label_visibility,
        persist_state="session",
        width="stretch",
        on_change=on_change,
    )


def _label(info: FieldInfo) -> str:
    return unit_in_brackets(extra(info, "label"), extra(info, "unit"))


def _choices(info: FieldInfo) -> list[str] | None:
    annotation = info.annotation
    return list(get_args(annotation)) if get_origin(annotation) is Literal else None


def _number_options(info: FieldInfo) -> dict[str, Any]:
    """Step and format of a number box; small fractions are shown without trailing zeros.

    The box itself has no bounds: the browser would keep a value outside them to itself, and the
    last legal one would be trained with. The config says what is wrong instead.
    """
    types = get_args(info.annotation) or (info.annotation,)
    number = float if float in types else int
    options: dict[str, Any] = {
        "step": number(extra(info, "increment") or (1 if number is int else 0.0001))
    }
    if type(None) in types:
        options["value"] = None
    if number is float:
        options["format"] = "%g"
    return options
