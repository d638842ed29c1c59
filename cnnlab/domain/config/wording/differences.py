"""What several configs differ in: field by field, in the words of the form."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.domain.words import with_unit
from cnnlab.fields import Found, extra, find_field, walk

_OFF = "off"
_UNSET = {
    "split.images_per_class": "all",
    "split.folds": "none",
    "architecture.conv_blocks": "as the network has",
    "architecture.filters": "as the network has",
    "architecture.dense_units": "as the network has",
    "architecture.layers": "the network's own",
    "architecture.pretrained": "none",
    "architecture.phases": "one phase",
}
"""What a field means that isn't set, where that isn't that something is off."""

_LAYERS = "architecture.layers"


@dataclass(frozen=True)
class FieldDifference:
    """A field that isn't the same in all configs.

    Attributes:
        name: dotted.
        label: what the form calls it: `Early stopping: Patience`.
        values: of each config, as JSON has it.
        words: the same with its unit: `15°`, `off`.
    """

    name: str
    label: str
    values: tuple[Any, ...]
    words: tuple[str, ...]


def config_differences(configs: Sequence[Mapping[str, Any]]) -> list[FieldDifference]:
    """The fields in which configs differ, in the order of the config.

    Args:
        configs: as stored; what an earlier version didn't have counts as its default.
    """
    defaults = RunConfig().model_dump(mode="json")
    current = [_current(values, defaults) for values in configs]
    found: list[FieldDifference] = []
    for name, _ in walk(RunConfig):
        found += _differences(name, [config[name] for config in current])
    return found


def _current(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of this version by their names, also of a config that only another one takes."""
    config = load_stored(values)
    stored = values if config is None else config.model_dump(mode="json")
    found = {}
    for name, _ in walk(RunConfig):
        value = value_at(stored, name)
        found[name] = value_at(defaults, name) if value is None else value
    return found


def _differences(name: str, values: Sequence[Any]) -> list[FieldDifference]:
    """Of one field; of what has fields of its own those that differ, where all have the same."""
    if all(value == values[0] for value in values):
        return []
    if all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values):
        return [
            difference
            for part in values[0]
            for difference in _differences(f"{name}.{part}", [value[part] for value in values])
        ]
    words = tuple(value_words(name, value) for value in values)
    return [FieldDifference(name, _found(name).label, tuple(values), words)]


def value_words(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value of a field as the form says it: `15°`, `off`, `cosine (warm-up 2 epochs)`.

    Args:
        name: of the field, dotted.
        value: as JSON has it.
    """
    if value is None:
        return _UNSET.get(name, _OFF)
    if isinstance(value, bool):
        return "on" if value else _OFF
    if isinstance(value, Mapping):
        return _part_words(name, value)
    if isinstance(value, list | tuple):
        if name == _LAYERS:
            return ", ".join(map(_layer_words, value))
        return "; ".join(value_words(name, entry) for entry in value)
    info = _found(name).info
    if value == 0 and info is not None and extra(info, "usual") is not None:
        return _OFF
    if isinstance(value, str):
        return value.replace("_", " ")
    shown = str(value) if isinstance(value, int) else f"{value:g}"
    return with_unit(shown, extra(info, "unit") if info is not None else None)


def _part_words(name: str, value: Mapping[str, Any]) -> str:
    """What has fields of its own: `cosine (warm-up 2 epochs)`; early stopping has no name."""
    kind = value.get("name")
    told = ", ".join(
        _one_part_words(f"{name}.{part}", one)
        for part, one in value.items()
        if part != "name" and not _is_as_ever(f"{name}.{part}", one)
    )
    if kind is None:
        return told
    return f"{kind.replace('_', ' ')} ({told})" if told else str(kind).replace("_", " ")


def _one_part_words(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """`patience 5 epochs`, `watches validation cross-entropy`."""
    label = _found(name).label.rpartition(": ")[2]
    said = _uncapped(choice_words(value)) if isinstance(value, str) else value_words(name, value)
    return f"{_uncapped(label)} {said}"


def _uncapped(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


def _is_as_ever(name: str, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a part is off or on as it is by default, so that nobody has to be told."""
    info = _found(name).info
    is_told = info is None or value != info.default
    return not is_told and (isinstance(value, bool) or value == 0)


def _layer_words(entry: Mapping[str, Any]) -> str:
    """`Convolution 3×3, 32 filters`; its kind where only another version takes its fields."""
    kind = LAYER_KINDS.get(entry.get("kind", ""))
    if kind is None:
        return str(entry.get("kind"))
    try:
        title = kind.title(kind.model.model_validate(entry))
    except ValueError:
        title = kind.name
    return title if entry.get("enabled", True) else f"{title} (off)"


@functools.cache
def _found(name: str) -> Found:
    return find_field(RunConfig, name.split("."))
