"""What the drawing of a network shows: a row for each entry of its layer list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnlab.domain.config import layer_specs as specs
from cnnlab.domain.config.presets import entries_of
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.block_hints import hints_of
from cnnlab.domain.network.layer_kinds import LAYER_KINDS, Role
from cnnlab.domain.network.plan import Plan, PlannedLayer, Shape
from cnnlab.domain.network.planner import plan_up_to_error
from cnnlab.domain.network.time_estimate import seconds_of

BYTES_PER_VALUE = 4
_BEFORE = ("scale", "input_noise")
"""Layers before the first entry."""


@dataclass(frozen=True)
class PathLayer:
    """A layer on a path of a branch block.

    Attributes:
        shape: of its output for one image; None where it is off, or nothing is known.
    """

    kind: str
    name: str
    details: str
    role: Role
    enabled: bool
    shape: Shape | None


@dataclass(frozen=True)
class Block:
    """A row of the drawing. What is unknown behind an error, or is off, is None.

    Attributes:
        kind: of the entry; `image` and `classes` of the first and the last row.
        name: what people call it.
        details: its fields in a few words.
        role: what it is for.
        enabled: whether it is part of the network.
        shape: of its output for one image.
        parameters: of all its weights.
        multiply_adds: for one image.
        bytes: that its values take for one image while training, in float32.
        time_share: estimated share of a step's time, 0..1.
        memory_share: share of the network's values, 0..1.
        receptive_field: px of the image's side that a value has seen; None: all, or unknown.
        layers_with_weights: its own and those before it: `frozen_layers` that freezes up to here.
        has_shortcut: whether its input is added to what it computes.
        paths: of a branch block.
        problem: why it can't stand here; empty where it can.
        hints: what is allowed and seldom meant.
    """

    kind: str
    name: str
    details: str
    role: Role
    enabled: bool = True
    shape: Shape | None = None
    parameters: int | None = None
    multiply_adds: int | None = None
    bytes: int | None = None
    time_share: float | None = None
    memory_share: float | None = None
    receptive_field: int | None = None
    layers_with_weights: int | None = None
    has_shortcut: bool = False
    paths: tuple[tuple[PathLayer, ...], ...] = ()
    problem: str = ""
    hints: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name and details: `Convolution 3×3, 32 filters`."""
        return f"{self.name} {self.details}".strip()


@dataclass(frozen=True)
class NetworkBlocks:
    """A network as it is drawn; of a wrong one what stands before the error counts.

    Attributes:
        blocks: the image, an entry of the layer list each, the classes.
        parameters: of all layers.
        multiply_adds: for one image.
        bytes: that all values take for one image while training.
        problem: what is wrong, the first thing; empty where nothing is.
    """

    blocks: tuple[Block, ...]
    parameters: int
    multiply_adds: int
    bytes: int
    problem: str = ""

    def frozen_up_to(self, place: int) -> int:
        """The value of `frozen_layers` that freezes up to a place of the layer list.

        Args:
            place: 0-based; -1 freezes nothing.
        """
        known = [block.layers_with_weights for block in self.blocks[: place + 2]]
        return max((count for count in known if count is not None), default=0)

    def frozen_place(self, frozen_layers: int) -> int:
        """The last place of the layer list that so many frozen layers freeze as a whole.

        Places behind it without weights aren't counted; -1: none.
        """
        counts = [self.frozen_up_to(place) for place in range(len(self.blocks) - 2)]
        fitting = [count for count in counts if 0 < count <= frozen_layers]
        return counts.index(max(fitting)) if fitting else -1

    def with_weights_behind(self, place: int) -> tuple[str, int]:
        """The first entry of the layer list behind a place that has weights, as far as is known.

        Args:
            place: 0-based; -1 is before the first one.

        Returns:
            Its kind and how many layers with weights it stands for; nothing and 0 without any.
        """
        before = self.frozen_up_to(place)
        for at in range(place + 1, len(self.blocks) - 2):
            if count := self.frozen_up_to(at) - before:
                return self.blocks[at + 1].kind, count
        return "", 0


def describe_network(config: RunConfig, input_shape: Shape, classes: int) -> NetworkBlocks:
    """Say what the drawing of a config's network shows.

    Args:
        config: of the run.
        input_shape: (height, width, channels) of an image.
        classes: number of classes, at least 2.

    Raises:
        ConfigError: a preset doesn't fit the image.
    """
    plan, error = plan_up_to_error(config, input_shape, classes)
    entries = entries_of(config.architecture, min(input_shape[:2]))
    wrong = len(entries) if error is None or error.block is None else error.block
    rows = _Rows(plan)
    blocks = [rows.image()]
    for place, spec in enumerate(entries):
        blocks.append(rows.entry(place, spec) if place < wrong else entry_of_unknown_cost(spec))
    blocks.append(
        Block("classes", "Classes", str(classes), "classes") if error else rows.classes(classes)
    )
    if error is not None:
        blocks[wrong + 1] = replace(blocks[wrong + 1], problem=error.words)
    hinted = hints_of(plan, entries, classes)
    return NetworkBlocks(
        tuple(
            replace(block, hints=tuple(hinted.get(place, ())))
            for place, block in enumerate(blocks, start=-1)
        ),
        plan.parameters,
        plan.multiply_adds,
        rows.bytes,
        "" if error is None else error.words,
    )


def entry_of_unknown_cost(spec: specs.Layer) -> Block:
    """The row of an entry that can't be planned."""
    kind = LAYER_KINDS[spec.kind]
    paths = _paths(spec, ()) if isinstance(spec, specs.BranchBlock) else ()
    return Block(
        spec.kind, kind.name, kind.details(spec), kind.role, enabled=spec.enabled, paths=paths
    )


class _Rows:
    """Makes the rows of a plan, to be asked for in their order.

    Attributes:
        bytes: that all values of the plan take.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._shapes = {layer.name: layer.shape for layer in plan.layers}
        there = [layer for layer in plan.layers if layer.is_there]
        self._by_block: dict[int | None, list[PlannedLayer]] = {}
        for layer in there:
            self._by_block.setdefault(layer.block, []).append(layer)
        self._end = plan.layers[0]
        self._weighted = 0
        self._seconds = sum(map(self._seconds_of, there)) or 1.0
        self.bytes = sum(map(_bytes_of, there))

    def image(self) -> Block:
        shape = self._plan.input_shape
        colors = "grayscale" if shape[-1] == 1 else "colour"
        block = Block("image", "Image", f"{shape[0]} px, {colors}", "image")
        return self._counted(block, self._outside(before=True))

    def classes(self, classes: int) -> Block:
        block = Block("classes", "Classes", str(classes), "classes")
        return self._counted(block, self._outside(before=False))

    def entry(self, place: int, spec: specs.Layer) -> Block:
        block = entry_of_unknown_cost(spec)
        if not spec.enabled:
            return replace(block, layers_with_weights=self._weighted)
        layers = self._by_block.get(place, [])
        block = replace(
            block,
            has_shortcut=any(layer.keras_class == "Add" for layer in layers)
            and not isinstance(spec, specs.BranchBlock),
            paths=_paths(spec, layers) if isinstance(spec, specs.BranchBlock) else (),
        )
        return self._counted(block, layers)

    def _outside(self, *, before: bool) -> list[PlannedLayer]:
        """The layers before the first entry, or those behind the last."""
        return [layer for layer in self._by_block[None] if (layer.name in _BEFORE) == before]

    def _counted(self, block: Block, layers: Sequence[PlannedLayer]) -> Block:
        """With what its layers cost; one of strength 0 leaves its input as it was."""
        self._end = layers[-1] if layers else self._end
        if block.role != "classes":
            self._weighted += sum(layer.parameters > 0 for layer in layers)
        memory = sum(map(_bytes_of, layers))
        return replace(
            block,
            shape=self._end.shape,
            parameters=sum(layer.parameters for layer in layers),
            multiply_adds=sum(layer.multiply_adds for layer in layers),
            bytes=memory,
            time_share=sum(map(self._seconds_of, layers)) / self._seconds,
            memory_share=memory / self.bytes,
            receptive_field=self._end.receptive_field,
            layers_with_weights=self._weighted,
        )

    def _seconds_of(self, layer: PlannedLayer) -> float:
        inputs = [self._shapes.get(name, self._plan.input_shape) for name in layer.inputs]
        return seconds_of(layer, inputs)


def _bytes_of(layer: PlannedLayer) -> int:
    values = 1
    for side in layer.shape:
        values *= side
    return values * BYTES_PER_VALUE


def _paths(
    spec: specs.BranchBlock, layers: Sequence[PlannedLayer]
) -> tuple[tuple[PathLayer, ...], ...]:
    ends = {layer.path: layer.shape for layer in layers}  # of several of one place the last one
    return tuple(
        tuple(
            PathLayer(
                layer.kind,
                LAYER_KINDS[layer.kind].name,
                LAYER_KINDS[layer.kind].details(layer),
                LAYER_KINDS[layer.kind].role,
                layer.enabled,
                ends.get((number, place)),
            )
            for place, layer in enumerate(path)
        )
        for number, path in enumerate(spec.paths)
    )
