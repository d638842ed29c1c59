"""A network in the browser: drawn block by block, edited there, and computed here."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from cnnlab.domain.network.blocks import Block, NetworkBlocks, PathLayer
from cnnlab.domain.network.plan import Shape
from cnnlab.ui.components.network.kinds import KindData, kinds_data
from cnnlab.ui.components.shared.component import browser_component

_network = browser_component("network")


class DrawnPathLayer(TypedDict):
    """A layer on a path of a branch block."""

    name: str
    details: str
    role: str
    enabled: bool
    shape: list[int]


class DrawnBlock(TypedDict):
    """A block of the drawing; what is unknown is null, a shape that is unknown empty.

    Attributes:
        sees: px of the image's side that a value has seen; null: all of it, or unknown.
        problem: why it can't stand here; empty where it can.
    """

    kind: str
    name: str
    details: str
    role: str
    enabled: bool
    shape: list[int]
    parameters: int | None
    multiply_adds: int | None
    bytes: int | None
    time_share: float | None
    memory_share: float | None
    sees: int | None
    has_shortcut: bool
    paths: list[list[DrawnPathLayer]]
    problem: str
    hints: list[str]


class Said(TypedDict):
    """What came of a paste: `of` is its number, `problem` empty where it was taken."""

    of: int
    problem: str


class NetworkData(TypedDict):
    """A network and what may be done with it.

    Attributes:
        turn: another number says that the network was changed elsewhere: the browser takes it over.
        edit: number of the browser's change that this answers; 0 before the first one.
        is_own: whether the layers are a list of one's own, and not a preset.
        preset: its name.
        activation: of layers that name none.
        entries: the layer list, each entry with all of its fields.
        frozen_place: last place of the list that is frozen; -1 where nothing is.
        blocks: the image, one for each entry, the classes; none where nothing can be drawn.
        parameters: of the whole network; likewise `multiply_adds` and `bytes`, for one image.
        problem: what is wrong with the network, the first thing.
        told: what the browser's change did that isn't seen; else empty.
    """

    turn: int
    edit: int
    is_own: bool
    preset: str
    activation: str
    entries: list[dict[str, Any]]
    frozen_place: int
    blocks: list[DrawnBlock]
    parameters: int
    multiply_adds: int
    bytes: int
    problem: str
    kinds: list[KindData]
    said: Said
    told: str


class NetworkEdit(TypedDict):
    """A change that was made in the browser: the network as it is now.

    Attributes:
        edit: its number.
        layers: the list, or null for the preset.
        frozen_place: last place of the list that is frozen; -1 where nothing is.
        pasted: text that shall become the list, where it was pasted; else empty.
    """

    edit: int
    layers: list[dict[str, Any]] | None
    frozen_place: int
    pasted: str


def drawn_blocks(drawing: NetworkBlocks) -> list[DrawnBlock]:
    """The blocks as the browser is given them."""
    return [_drawn(block) for block in drawing.blocks]


def render_network(data: Mapping[str, Any], *, key: str, on_edit: Callable[[], None]) -> None:
    """Show a network.

    Args:
        data: a `NetworkData` without `kinds`.
        key: the widget's key; what was edited is in the session state below it.
        on_edit: called after a change, before the page is run again.
    """
    _network(key=key, data={**data, "kinds": kinds_data()}, on_edited_change=on_edit)


def _drawn(block: Block) -> DrawnBlock:
    return {
        "kind": block.kind,
        "name": block.name,
        "details": block.details,
        "role": block.role,
        "enabled": block.enabled,
        "shape": _sides(block.shape),
        "parameters": block.parameters,
        "multiply_adds": block.multiply_adds,
        "bytes": block.bytes,
        "time_share": block.time_share,
        "memory_share": block.memory_share,
        "sees": block.receptive_field,
        "has_shortcut": block.has_shortcut,
        "paths": [[_path_layer(layer) for layer in path] for path in block.paths],
        "problem": block.problem,
        "hints": list(block.hints),
    }


def _path_layer(layer: PathLayer) -> DrawnPathLayer:
    return {
        "name": layer.name,
        "details": layer.details,
        "role": layer.role,
        "enabled": layer.enabled,
        "shape": _sides(layer.shape),
    }


def _sides(shape: Shape | None) -> list[int]:
    return list(shape or ())
