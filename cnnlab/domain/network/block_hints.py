"""What is allowed in a network and seldom meant, said at the block that it is about."""

from collections.abc import Iterator, Sequence

from cnnlab.domain.config import layer_specs as specs
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.domain.network.plan import Plan, PlannedLayer
from cnnlab.domain.words import percent

MANY_WEIGHTS = 3_000_000
"""Of one dense layer: those of the presets at usual sizes stay below."""

_MOST_OF_ALL = 0.8
_SEEN_ENOUGH = 2 / 3
"""Of the image's side: the outermost pixels say little."""

_ByName = dict[str, PlannedLayer]
_NORMALIZATIONS = ("BatchNormalization", "LayerNormalization", "GroupNormalization")


def hints_of(plan: Plan, entries: Sequence[specs.Layer], classes: int) -> dict[int, list[str]]:
    """Hints by the place in the layer list; that of the classes is one behind the last.

    Args:
        plan: of the network, or of what stands before an error.
        entries: the layer list, those included that are off.
        classes: number of classes.
    """
    found: dict[int, list[str]] = {}
    by_name = {layer.name: layer for layer in plan.layers}
    for place, words in (
        *_one_pixel(by_name, entries),
        *_heavy_dense(plan, by_name, len(entries), classes),
        *_narrow_view(plan, by_name, entries),
        *_norm_after_norm(by_name),
    ):
        found.setdefault(place, []).append(words)
    return found


def _one_pixel(by_name: _ByName, entries: Sequence[specs.Layer]) -> Iterator[tuple[int, str]]:
    """Convolutions that have nothing left to see."""
    for layer in by_name.values():
        window = layer.arguments.get("kernel_size", 1)
        if layer.block is None or window == 1 or "Conv2D" not in layer.keras_class:
            continue
        if _input_of(by_name, layer).shape[:2] == (1, 1):
            name = LAYER_KINDS[entries[layer.block].kind].name
            yield (
                layer.block,
                f"The picture is only 1 px wide here, so a filter of {window}×{window} px sees "
                f"one value and zeros around it: take a pooling or a stride before this "
                f"{name.lower()} out, or larger images.",
            )
            return


def _heavy_dense(
    plan: Plan, by_name: _ByName, behind: int, classes: int
) -> Iterator[tuple[int, str]]:
    for layer in plan.layers:
        share = layer.parameters / max(plan.parameters, 1)
        if layer.keras_class != "Dense" or layer.parameters < MANY_WEIGHTS or share < _MOST_OF_ALL:
            continue
        values = _input_of(by_name, layer).shape[-1]
        units = classes if layer.block is None else layer.arguments["units"]
        yield (
            behind if layer.block is None else layer.block,
            f"{values:,} values times {units:,} are {layer.parameters:,} weights, "
            f"{percent(share, decimals=0)} of all: it learns pictures by heart easily. Put a "
            "pooling layer before it, or global average pooling instead of flatten.",
        )


def _narrow_view(
    plan: Plan, by_name: _ByName, entries: Sequence[specs.Layer]
) -> Iterator[tuple[int, str]]:
    """Global pooling of values that have seen a part of the picture each."""
    for place, spec in enumerate(entries):
        if spec.kind not in ("global_average_pool", "global_max_pool"):
            continue
        layers = plan.of_block(place)
        if not layers:
            continue
        seen, side = _input_of(by_name, layers[0]).receptive_field, min(plan.input_shape[:2])
        if seen is not None and seen < _SEEN_ENOUGH * side:
            yield (
                place,
                f"A value has seen {seen} of {side} px by now, and what lies apart is never "
                "looked at together from here on: put pooling, a stride or more convolutions "
                "before it.",
            )


def _norm_after_norm(by_name: _ByName) -> Iterator[tuple[int, str]]:
    for layer in by_name.values():
        if layer.block is None or layer.keras_class not in _NORMALIZATIONS:
            continue
        if _input_of(by_name, layer).keras_class in _NORMALIZATIONS:
            yield (
                layer.block,
                "Two normalizations follow each other, so the first one is for nothing: take one "
                "of them out, or switch batch norm off under Regularization.",
            )


def _input_of(by_name: _ByName, layer: PlannedLayer) -> PlannedLayer:
    """The layer before one, without those that do nothing."""
    before = by_name[layer.inputs[0]]
    while not before.is_there:
        before = by_name[before.inputs[0]]
    return before
