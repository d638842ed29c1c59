"""The sections of the form: every choice with its help, grouped as a user thinks of them."""

import contextlib
from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from cnnlab.augmentations.table import FRONT, MORE
from cnnlab.domain.config.architecture import Architecture
from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.phases import Phase
from cnnlab.domain.config.presets import PRESET_WORDS
from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.training import Training
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.words import listed, unit_in_brackets
from cnnlab.fields import extra
from cnnlab.ui.charts import learning_rate_figure
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.form.applying import that_apply
from cnnlab.ui.form.balance import render_class_balance
from cnnlab.ui.form.fields import ask_field, field
from cnnlab.ui.form.folded import render_folded
from cnnlab.ui.form.network import ask_preset, own_layers
from cnnlab.ui.form.optimizer_choice import ask_optimizer, optimizer_words
from cnnlab.ui.form.phases import phases_in_form
from cnnlab.ui.form.problems import render_problem
from cnnlab.ui.form.rows import ask_row, ask_rows
from cnnlab.ui.form.sets import ask_set
from cnnlab.ui.form.state import BATCH_SIZE_HELP, NO_SCHEDULE, read_form, schedule_model
from cnnlab.ui.train.lr_test import ask_learning_rate, render_lr_test
from cnnlab.ui.train.parts import Seen, changed, part

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


_MORE_IMAGES = ("split_seed", "validation_draw", "folds", "images_per_class", "label_noise")
_MORE_TRAINING = (("class_weights", "sampling"), ("loss", "focal_gamma"), ("device", "precision"))
_IN_FRONT = ("validation_fraction", "test_fraction", "seed")


def render_main_section(seen: Seen) -> None:
    """The choices that matter most: network, images, length, step size and split.

    Args:
        seen: the form; parts that the upload brought then count.
    """
    for row in (("preset", "image_size", "epochs"), ("optimizer", "learning_rate", "batch_size")):
        for column, key in zip(st.columns(3), row, strict=True):
            with column:
                _ask_main(key)
    for column, key in zip(st.columns(3), that_apply(seen.ignored, *_IN_FRONT), strict=False):
        with column:
            _ask_main(key)
    said = []
    if seen.own_parts:
        own = listed([part for part in ("validation", "test") if part in seen.own_parts])
        said.append(f"The upload brought its own {own} images: they are taken.")
    if own_layers() is None:
        preset = st.session_state["preset"]
        said.append(f"**{choice_words(preset)}.** {PRESET_WORDS[preset]}")
    said.append(optimizer_words())
    st.caption("  \n".join(said))
    part("found", lambda _: render_lr_test())


def _ask_main(key: str) -> None:
    """Ask for one of them; those that other sections don't depend on are parts of their own."""
    if key == "preset":
        ask_preset()
    elif key == "optimizer":
        ask_optimizer()
    elif key == "learning_rate":
        part("rate", lambda _: ask_learning_rate())
    elif key == "batch_size":
        options = {"value": None, "placeholder": "auto", "help": BATCH_SIZE_HELP}
        part(key, lambda _: ask_field(key, on_change=changed, **options))
    elif key == "epochs":
        part(key, lambda _: ask_field(key, on_change=changed, disabled=bool(phases_in_form())))
    elif key == "seed":
        part(key, lambda _: ask_field(key, on_change=changed))
    else:
        ask_field(key)


def render_image_section(seen: Seen) -> None:
    """Colour, shape and what is drawn of the images.

    Args:
        seen: the form, with the fields that aren't shown.
    """
    for column, key in zip(st.columns(2), ("color", "resize"), strict=True):
        with column:
            ask_field(key)
    render_folded(
        "More about the images",
        "more_images",
        _MORE_IMAGES,
        lambda: _render_more_images(seen.ignored),
    )


def _render_more_images(ignored: Collection[str]) -> None:
    ask_field("split_seed")
    for column, key in zip(
        st.columns(2), that_apply(ignored, "validation_draw", "folds"), strict=False
    ):
        with column:
            ask_field(key)
    ask_field("images_per_class", placeholder="all")
    ask_row("label_noise")


def render_augmentation_section(seen: Seen) -> None:
    """Augmentations with their strengths, and one click for a usual set.

    Args:
        seen: the form, with the fields that aren't shown.
    """
    ask_set()
    ask_rows(*that_apply(seen.ignored, *(f"aug_{name}" for name in FRONT)))
    with st.expander("More augmentations"):
        ask_rows(*that_apply(seen.ignored, *(f"aug_{name}" for name in MORE)))


def render_regularization_section(seen: Seen) -> None:
    """Regularizers with their strengths.

    Args:
        seen: the form, with the fields that aren't shown.
    """
    ask_rows("reg_dropout", "reg_l2", "reg_batch_norm")
    stops = st.toggle(
        "Early stopping",
        key="reg_early_stopping",
        help=field("reg_early_stopping")[1].description,
        persist_state="session",
        on_change=changed,
    )
    if stops:
        _render_early_stopping()
    render_problem("regularization.early_stopping")
    more = (
        *("reg_spatial_dropout", "reg_label_smoothing", "reg_gaussian_noise"),
        *("reg_stochastic_depth", "reg_l1", "reg_weight_decay"),
    )
    with st.expander("More regularizers"):
        ask_rows(*that_apply(seen.ignored, *more))


def _render_early_stopping() -> None:
    fields = EarlyStopping.model_fields
    left, right = st.columns(2)
    left.selectbox(
        extra(fields["monitor"], "label"),
        ["val_cross_entropy", "val_accuracy"],
        key="early_monitor",
        format_func=choice_words,
        help=fields["monitor"].description,
        persist_state="session",
        on_change=changed,
    )
    right.number_input(
        unit_in_brackets(extra(fields["patience_epochs"], "label"), "epochs"),
        step=1,
        key="early_patience_epochs",
        help=fields["patience_epochs"].description,
        persist_state="session",
        on_change=changed,
    )


def render_optimizer_section(seen: Seen) -> None:
    """The schedule of the learning rate, and what is seldom set of the optimizer.

    Args:
        seen: the form, with the fields that aren't shown.
    """
    name = st.selectbox(
        "Schedule",
        SCHEDULES,
        key="schedule",
        format_func=choice_words,
        help=Optimizer.model_fields["schedule"].description,
        persist_state="session",
    )
    below = st.empty()  # keeps its place, so that what follows stays open while this comes and goes
    if name != NO_SCHEDULE:
        with below.container():
            _render_schedule(name)
    render_problem("optimizer.schedule")
    more = ("momentum", "nesterov", "clip_norm", "clip_value", "ema_momentum")
    shown = (*that_apply(seen.ignored, *more), "gradient_accumulation_steps")
    render_folded("More about the optimizer", "more_optimizer", shown, lambda: _ask_fields(shown))


def _ask_fields(keys: Sequence[str]) -> None:
    for key in keys:
        ask_field(key)


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
    part("rates", lambda _: _render_rates())


def _render_rates() -> None:
    with contextlib.suppress(ConfigError):  # said beside the start button
        config = read_form("")
        figure = _rates(config.optimizer, config.training.epochs, config.architecture.phases)
        render_figure(figure, key="schedule_chart", alt="Learning rate over the epochs", height=160)


@st.cache_data(max_entries=64, show_spinner=False)
def _rates(optimizer: Optimizer, epochs: int, phases: tuple[Phase, ...] | None) -> Any:  # noqa: ANN401 - JSON
    """The figure as JSON: drawing it anew would take a tenth of the page's time."""
    drawn = RunConfig(
        optimizer=optimizer,
        training=Training(epochs=epochs),
        architecture=Architecture(phases=phases),
    )
    return learning_rate_figure(drawn)


def render_training_section(seen: Seen) -> None:
    """How classes are balanced and what each then counts, the loss, and where it is trained.

    Args:
        seen: the form, with the fields that aren't shown.
    """
    inside = [key for row in _MORE_TRAINING for key in row]
    render_folded(
        "More about training", "more_training", inside, lambda: _render_more_training(seen.ignored)
    )
    render_class_balance(seen.dataset.id)


def _render_more_training(ignored: Collection[str]) -> None:
    for row in _MORE_TRAINING:
        for column, key in zip(st.columns(2), that_apply(ignored, *row), strict=False):
            with column:
                ask_field(key)
