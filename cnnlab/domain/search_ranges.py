"""What can be searched: sensible ranges of the fields, and which searches are possible at all."""

import json
import math
from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from cnnlab.augmentations.table import MEMBERS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.problems import did_you_mean
from cnnlab.domain.errors import ConfigError, FieldProblem
from cnnlab.domain.network.planner import check_network
from cnnlab.domain.search import (
    MOST_MINUTES,
    MOST_RANGES,
    MOST_RUNS,
    MOST_TRIAL_SEEDS,
    MOST_TRIALS,
    Objective,
    Range,
    Sampler,
    Search,
    SecondObjective,
)
from cnnlab.domain.study import HIGHEST_SEED, MOST_NAME_CHARACTERS, MOST_SEEDS, SHARED
from cnnlab.fields import bounds, extra, find_field

_PART = "augmentation."
_BEYOND_USUAL = 2.0
_FEWEST_CONFIRM_SEEDS = 2
_MOST_CHOICES = 50


def _augmentations() -> Iterator[Range]:
    """From none to the strong set's strength, or twice the usual one where no set has it."""
    for member in MEMBERS:
        field, (kind, info) = next(iter(member.fields.items()))
        usual = extra(info, "usual")
        if kind is float and usual is not None:
            most = bounds(info)[1] or math.inf
            yield Range(
                _PART + field,
                0.0,
                member.sets[-1] if member.sets else min(_BEYOND_USUAL * usual, most),
            )


_RANGES = (
    Range("image.size", choices=(32, 48, 64, 96)),
    Range("image.color", choices=("rgb", "grayscale")),
    Range("image.resize", choices=("crop", "pad", "stretch")),
    Range("architecture.preset", choices=("tiny_cnn", "small_cnn", "vgg_small", "resnet_small")),
    Range("architecture.conv_blocks", 2, 4),
    Range("architecture.filters", 8, 64, log=True),
    Range("architecture.dense_units", choices=(0, 64, 128, 256)),
    Range("architecture.activation", choices=("relu", "leaky_relu", "gelu", "silu")),
    Range("architecture.initializer", choices=("he_normal", "glorot_uniform", "orthogonal")),
    Range(_PART + "flip", choices=("none", "horizontal")),
    *_augmentations(),
    Range(_PART + "randaugment_operations", 0, 3),
    Range(_PART + "augmix", choices=(False, True)),
    Range("regularization.dropout", 0.0, 0.6),
    Range("regularization.l2", 1e-6, 1e-2, log=True),
    Range("regularization.batch_norm", choices=(False, True)),
    Range("regularization.spatial_dropout", 0.0, 0.3),
    Range("regularization.label_smoothing", 0.0, 0.2),
    Range("regularization.gaussian_noise", 0.0, 0.2),
    Range("regularization.stochastic_depth", 0.0, 0.3),
    Range("regularization.l1", 1e-7, 1e-4, log=True),
    Range("regularization.weight_decay", 1e-5, 1e-1, log=True),
    Range("optimizer.name", choices=("adam", "adamw", "sgd", "rmsprop", "nadam")),
    Range("optimizer.learning_rate", 1e-4, 3e-2, log=True),
    Range("optimizer.schedule", choices=(None, {"name": "cosine"}, {"name": "one_cycle"})),
    Range("optimizer.momentum", 0.8, 0.98),
    Range("optimizer.clip_norm", choices=(None, 1.0)),
    Range("optimizer.ema_momentum", choices=(None, 0.9, 0.99)),
    Range("training.batch_size", 8, 128, log=True),
    Range("training.class_weights", choices=("none", "balanced")),
)
SEARCHED: dict[str, Range] = {one.field: one for one in _RANGES}
"""Sensible ranges by field, in the order of the form."""


def field_info(field: str) -> FieldInfo | None:
    """How a field describes itself, also below what may be off; None for what is no field."""
    return find_field(RunConfig, field.split(".")).info


def is_whole(field: str) -> bool:
    """Whether a field's numbers are whole ones."""
    kinds = _kinds(field)
    return int in kinds and float not in kinds


def _kinds(field: str) -> set[Any]:
    info = field_info(field)
    return set() if info is None else {*get_args(info.annotation), info.annotation}


def check_search(search: Search, classes: int = 2) -> Search:
    """Return a search that can be launched as it is.

    Args:
        search: to be checked.
        classes: of its dataset; where that isn't known yet, the fewest there can be.

    Raises:
        ConfigError: there is nothing to search, a range isn't possible, the budget is none or too
            large, or the network can't be built at an end of a range.
    """
    _check_budget(search)
    if not search.ranges:
        raise ConfigError("Nothing is searched: name a field, such as optimizer.learning_rate.")
    if len(search.ranges) > MOST_RANGES:
        raise ConfigError(
            f"At most {MOST_RANGES} fields are searched at once. Received: {len(search.ranges)}"
        )
    for position, one in enumerate(search.ranges):
        if one.field in search.fields[:position]:
            raise ConfigError(f"{one.field} is searched twice: give it one range.")
        _check_range(one)
    _check_start(search, classes)
    for words, values in edges(search):
        try:
            check_network(search.config(values, search.seeds[0]), classes)
        except ConfigError as error:
            raise ConfigError(f"{words} isn't possible: {error}. Narrow the range.") from error
    return search


def edges(search: Search) -> Iterator[tuple[str, dict[str, Any]]]:
    """Settings at the ends of the ranges: each alone, then all at their low and high ones.

    Yields:
        Which one it is in words, and its values by dotted field.
    """
    ends = {one.field: one.choices or (one.low, one.high) for one in search.ranges}
    for field, values in ends.items():
        for value in values:
            yield f"{field}={_shown(value)}", {field: value}
    yield "Every field at its low end", {field: values[0] for field, values in ends.items()}
    yield "Every field at its high end", {field: values[-1] for field, values in ends.items()}


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else json.dumps(value)


def _check_start(search: Search, classes: int) -> None:
    try:
        check_network(search.config({}, search.seeds[0]), classes)
    except ConfigError as error:
        raise ConfigError(f"The start setting isn't possible: {error}") from error


def check_field(name: str) -> None:
    """See whether the config has such a field.

    Raises:
        ConfigError: it doesn't; the one that may be meant is named.
    """
    if field_info(name) is None:
        hint = did_you_mean(name, RunConfig)
        raise ConfigError(problems=[FieldProblem(name, f"is not a field of the config{hint}")])


def _check_range(one: Range) -> None:
    """See whether a range makes sense; whether its ends are legal says the config itself.

    Raises:
        ConfigError: it doesn't.
    """
    check_field(one.field)
    if one.field in SHARED:
        raise ConfigError(f"{one.field} can't be searched: all settings share it.")
    if one.choices:
        _check_choices(one)
        return
    if not {int, float} & _kinds(one.field):
        raise _problem(one, "isn't a number: name the values to choose among, two or more")
    _check_numbers(one)


def _check_numbers(one: Range) -> None:
    if one.low is None or one.high is None:
        raise _problem(one, "needs a range from a lower to a higher number, or values")
    if not (math.isfinite(one.low) and math.isfinite(one.high) and one.low < one.high):
        raise _problem(
            one,
            "must go from a lower to a higher number. Received: "
            f"low={one.low:g}, high={one.high:g}",
        )
    if one.log and one.low <= 0:
        raise _problem(
            one,
            "can't be drawn by its logarithm from 0 or less: begin above 0, or leave log away. "
            f"Received: low={one.low:g}",
        )
    if is_whole(one.field) and not (float(one.low).is_integer() and float(one.high).is_integer()):
        raise _problem(one, f"takes whole numbers. Received: low={one.low:g}, high={one.high:g}")


def _check_choices(one: Range) -> None:
    if one.low is not None or one.high is not None or one.log:
        raise _problem(one, "has a range and values: give it one of them")
    different = {json.dumps(value, sort_keys=True) for value in one.choices}
    if len(different) < len(one.choices):
        raise _problem(one, "names a value twice")
    if not 2 <= len(different) <= _MOST_CHOICES:
        raise _problem(one, f"needs 2 to {_MOST_CHOICES} values. Received: {len(one.choices)}")


def _problem(one: Range, words: str) -> ConfigError:
    return ConfigError(problems=[FieldProblem(one.field, words)])


def _check_budget(search: Search) -> None:
    if search.trials is None and search.minutes is None:
        raise ConfigError("A search needs an end: say how many trials or how many minutes.")
    _check_number("trials", search.trials, 2, MOST_TRIALS)
    _check_number("minutes", search.minutes, 0.05, MOST_MINUTES)
    _check_number("seeds", len(search.seeds), 1, MOST_TRIAL_SEEDS)
    _check_number("patience_trials", search.patience_trials, 2, MOST_TRIALS)
    _check_number("confirm_seeds", search.confirm_seeds, _FEWEST_CONFIRM_SEEDS, MOST_SEEDS)
    last = max(search.seeds) + search.confirm_seeds
    if last > HIGHEST_SEED:
        raise ConfigError(
            f"training.seed must leave room for the search's {last - search.seeds[0]} further "
            f"seeds, which go up to {HIGHEST_SEED}. Received: {search.seeds[0]}"
        )
    runs = len(search.seeds) * (search.trials or 0)
    if runs > MOST_RUNS:
        raise ConfigError(
            f"{search.trials} trials with {len(search.seeds)} seeds are {runs} runs; a search has "
            f"at most {MOST_RUNS}: take fewer trials or seeds."
        )
    for name, asked, known in (
        ("objective", search.objective, get_args(Objective)),
        ("second", search.second, (None, *get_args(SecondObjective))),
        ("sampler", search.sampler, get_args(Sampler)),
    ):
        if asked not in known:
            legal = ", ".join(map(str, known))
            raise ConfigError(f"{name} is one of {legal}. Received: {asked!r:.100}")
    if len(search.name) > 2 * MOST_NAME_CHARACTERS or not search.name.isprintable():
        raise ConfigError(
            f"A search's name has at most {2 * MOST_NAME_CHARACTERS} printable characters."
        )


def _check_number(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise ConfigError(f"{name} must be {least:g} to {most:g}. Received: {value:g}")
