"""Networks as they are drawn and checked, before anything trains."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cnnlab.domain.config.config_file import network_values
from cnnlab.domain.config.presets import entries_of
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.errors import ConfigError, FieldProblem, told_problems
from cnnlab.domain.network.blocks import (
    Block,
    NetworkBlocks,
    describe_network,
    entry_of_unknown_cost,
)
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.domain.network.planner import check_network

__all__ = ["check_layers", "check_network", "draw_network", "listed_layers"]

_IN_LAYER = re.compile(r"architecture\.layers\.(\d+)(?:\.|$)")
_OFF = {"kind": "flatten", "enabled": False}
_EMPTY = "There is no layer yet: add the first one."


def draw_network(values: Mapping[str, Any], classes: int) -> NetworkBlocks:
    """What the drawing of a config's network shows; its layers may still be wrong.

    Args:
        values: of the config, as JSON.
        classes: number of classes, at least 2.

    Raises:
        ConfigError: something else than a layer of the list is wrong.
    """
    try:
        return _described(load_config(values), classes)
    except ConfigError as error:
        drafted = values.get("architecture", {}).get("layers")
        wrong = _by_layer(error)
        if drafted is None or (drafted and not wrong):
            raise
    return _draw_draft(values, drafted, wrong, classes)


def listed_layers(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The layer list of a config: its own one as it is, legal or not, or the preset's.

    Args:
        values: of the config, as JSON.

    Raises:
        ConfigError: the preset can't be made of these values.
    """
    own = values["architecture"]["layers"]
    if own is not None:
        return list(own)
    config = load_config(values)
    return [
        entry.model_dump(mode="json")
        for entry in entries_of(config.architecture, config.image.size)
    ]


def check_layers(content: bytes, what: str) -> list[dict[str, Any]]:
    """The layer list that a text holds, every field of it set.

    Args:
        content: JSON: a list of layers, or a config with one.
        what: it is, for the message: `The file my.json`, `This text`.

    Raises:
        ConfigError: it holds none, or one that isn't legal.
    """
    config = load_config(network_values(content, what))
    if config.architecture.layers is None:
        raise ConfigError(f"{what} holds no layers: its architecture.layers is null.")
    return config.model_dump(mode="json")["architecture"]["layers"]  # type: ignore[no-any-return]


def _described(config: RunConfig, classes: int) -> NetworkBlocks:
    return describe_network(config, config.image.shape, classes)


def _by_layer(error: ConfigError) -> dict[int, list[FieldProblem]]:
    """Problems by the layer that they are of."""
    found: dict[int, list[FieldProblem]] = {}
    for problem in error.problems:
        if place := _IN_LAYER.match(problem.field):
            found.setdefault(int(place[1]), []).append(problem)
    return found


def _draw_draft(
    values: Mapping[str, Any],
    drafted: list[Any],
    wrong: Mapping[int, list[FieldProblem]],
    classes: int,
) -> NetworkBlocks:
    """As far as the first layer with a wrong field; what follows has no numbers."""
    first = min(wrong, default=0)
    sound = [*drafted[:first], *[_OFF] * max(1, len(drafted) - first)]
    legal = {**values, "architecture": {**values["architecture"], "layers": sound}}
    drawn = _described(load_config(legal), classes)
    image, *rows, end = drawn.blocks
    rows = rows[:first] + [_of_draft(entry) for entry in drafted[first:]]
    for place, problems in wrong.items():
        rows[place] = replace(rows[place], problem=_words(problems))
    problem = next((row.problem for row in rows if row.problem), _EMPTY)
    end = Block(end.kind, end.name, end.details, end.role)
    return replace(drawn, blocks=(image, *rows, end), problem=problem)


def _of_draft(entry: Any) -> Block:  # noqa: ANN401 - not legal, maybe
    kind = LAYER_KINDS[entry["kind"]]
    try:
        return entry_of_unknown_cost(kind.model.model_validate(entry))
    except ValueError:
        enabled = entry.get("enabled") is not False
        return Block(entry["kind"], kind.name, "", kind.role, enabled=enabled)


def _words(problems: list[FieldProblem]) -> str:
    """What is wrong with the fields of one layer, by their labels."""
    said = (f"{label_of(one.field).rpartition(': ')[2]} {one.words}" for one in problems)
    return told_problems([words if words.endswith(".") else f"{words}." for words in said])
