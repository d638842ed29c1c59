"""Shapes, parameters and multiply-adds of single Keras layers, as Keras has them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnnlab.domain.network.plan import PlannedLayer, Shape

Arguments = Mapping[str, Any]
Cost = tuple[Shape, int, int]
"""Output shape, parameters, multiply-adds for one image."""


def cost_of(keras_class: str, arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    """What a layer gives and takes.

    Args:
        keras_class: name in `keras.layers`.
        arguments: what it is made with.
        shapes: of its inputs for one image, channels last.
    """
    return _COSTS.get(keras_class, _unchanged)(arguments, shapes)


def reach_of(
    arguments: Arguments, inputs: Sequence[PlannedLayer], shape: Shape
) -> tuple[int | None, int | None]:
    """Receptive field and jump in px (Araujo et al. 2019, Distill, equations 2 and 3).

    Args:
        arguments: what the layer is made with.
        inputs: the layers whose outputs it takes.
        shape: of its output for one image.

    Returns:
        As in `PlannedLayer`; None and None where a value has seen the whole image.
    """
    whole = [one for one in inputs if one.receptive_field is None or one.jump is None]
    if len(shape) != 3 or arguments.get("keepdims") or len(whole) == len(inputs):
        return None, None
    # What squeeze and excitation multiplies with has seen all of the image, but not where.
    jump = max(one.jump or 0 for one in inputs)
    window = arguments.get("kernel_size") or arguments.get("pool_size") or 1
    step = arguments.get("strides") or arguments.get("pool_size") or 1
    seen = max(one.receptive_field or 0 for one in inputs) + (window - 1) * jump
    return seen, jump * step


def _unchanged(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    return shapes[0], 0, 0


def _convolved_shape(arguments: Arguments, shape: Shape, channels: int) -> Shape:
    """With padding `same`."""
    height, width = (math.ceil(side / arguments.get("strides", 1)) for side in shape[:2])
    return (height, width, channels)


def _conv(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    shape, filters = shapes[0], arguments["filters"]
    out = _convolved_shape(arguments, shape, filters)
    weights = arguments["kernel_size"] ** 2 * shape[2] * filters
    return out, weights + _bias(arguments, filters), weights * out[0] * out[1]


def _depthwise(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    channels = shapes[0][2]
    out = _convolved_shape(arguments, shapes[0], channels)
    weights = arguments["kernel_size"] ** 2 * channels
    return out, weights + _bias(arguments, channels), weights * out[0] * out[1]


def _separable(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    channels, filters = shapes[0][2], arguments["filters"]
    out = _convolved_shape(arguments, shapes[0], filters)
    weights = arguments["kernel_size"] ** 2 * channels + channels * filters
    return out, weights + _bias(arguments, filters), weights * out[0] * out[1]


def _bias(arguments: Arguments, values: int) -> int:
    return values if arguments.get("use_bias", True) else 0


def _pool(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    height, width, channels = shapes[0]
    size = arguments["pool_size"]
    return (height // size, width // size, channels), 0, 0


def _global_pool(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    channels = shapes[0][2]
    return ((1, 1, channels) if arguments.get("keepdims") else (channels,)), 0, 0


def _flatten(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    return (math.prod(shapes[0]),), 0, 0


def _dense(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    units = arguments["units"]
    weights = shapes[0][-1] * units
    return (*shapes[0][:-1], units), weights + units, weights


def _normalized(values_per_channel: int) -> Callable[[Arguments, Sequence[Shape]], Cost]:
    return lambda arguments, shapes: (shapes[0], values_per_channel * shapes[0][-1], 0)


def _multiplied(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    return tuple(map(max, *shapes)), 0, 0


def _concatenated(arguments: Arguments, shapes: Sequence[Shape]) -> Cost:
    return (*shapes[0][:-1], sum(shape[-1] for shape in shapes)), 0, 0


_COSTS: dict[str, Callable[[Arguments, Sequence[Shape]], Cost]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling2D": _global_pool,
    "Flatten": _flatten,
    "Dense": _dense,
    "BatchNormalization": _normalized(4),
    "LayerNormalization": _normalized(2),
    "GroupNormalization": _normalized(2),
    "Multiply": _multiplied,
    "Concatenate": _concatenated,
}
