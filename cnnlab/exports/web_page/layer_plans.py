"""What each class of Keras layer is in an offline page, and which of them can't be part of one."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.exports.web_page.operations import Operation, Operations, refused

ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softmax", "relu6",
    "hard_silu", "hard_sigmoid",
)  # fmt: skip
"""What `activations.mjs` computes, by Keras' names and with Keras' usual arguments."""

_WEIGHTED = {"conv", "depthwise_conv", "dense"}


def _scale(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    channels = shape[-1]
    arrays = {
        "scale": np.broadcast_to(np.asarray(layer.scale, np.float32), channels).copy(),
        "shift": np.broadcast_to(np.asarray(layer.offset, np.float32), channels).copy(),
    }
    return plan.append(Operation(layer.name, "scale", inputs, shape, arrays=arrays))


def _conv(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.groups != 1:
        raise refused(layer, "it has groups of channels")
    operation = Operation(
        layer.name, "conv", inputs, shape, _windows(layer, layer.kernel_size),
        {"kernel": _array(layer.kernel), "bias": _bias(layer, shape[-1])},
        _activation(layer, layer.activation),
    )  # fmt: skip
    return plan.append(operation)


def _depthwise(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.depth_multiplier != 1:
        raise refused(layer, "it makes several channels of each")
    kernel = _array(layer.kernel)[:, :, :, 0]
    operation = Operation(
        layer.name, "depthwise_conv", inputs, shape, _windows(layer, layer.kernel_size),
        {"kernel": kernel, "bias": _bias(layer, shape[-1])},
        _activation(layer, layer.activation),
    )  # fmt: skip
    return plan.append(operation)


def _separable(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.depth_multiplier != 1:
        raise refused(layer, "it makes several channels of each")
    kernel = _array(layer.depthwise_kernel)[:, :, :, 0]
    channels = kernel.shape[-1]
    depthwise = Operation(
        layer.name, "depthwise_conv", inputs, (*shape[:2], channels),
        _windows(layer, layer.kernel_size),
        {"kernel": kernel, "bias": np.zeros(channels, np.float32)},
    )  # fmt: skip
    between = plan.append(depthwise)
    pointwise = Operation(
        layer.name, "conv", [between], shape,
        {"window": [1, 1], "strides": [1, 1], "padding": "valid"},
        {"kernel": _array(layer.pointwise_kernel), "bias": _bias(layer, shape[-1])},
        _activation(layer, layer.activation),
    )  # fmt: skip
    return plan.append(pointwise)


def _dense(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if len(layer.input.shape) != 2:
        raise refused(layer, "it is given pictures, the page has dense layers of flat values")
    arrays = {"kernel": _array(layer.kernel), "bias": _bias(layer, shape[-1])}
    activation = _activation(layer, layer.activation)
    return plan.append(Operation(layer.name, "dense", inputs, shape, {}, arrays, activation))


def _pool(kind: str) -> Callable[..., int]:
    def plan_pool(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
        facts = _windows(layer, layer.pool_size)
        return plan.append(Operation(layer.name, kind, inputs, shape, facts))

    return plan_pool


def _whole(kind: str) -> Callable[..., int]:
    def plan_whole(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
        return plan.append(Operation(layer.name, kind, inputs, shape))

    return plan_whole


def _flatten(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_channels_last(layer)
    return plan.append(Operation(layer.name, "flatten", inputs, shape))


def _add(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if any(tuple(tensor.shape[1:]) != shape for tensor in layer.input):
        raise refused(layer, "what it adds has different shapes")
    return plan.append(Operation(layer.name, "add", inputs, shape))


def _multiply(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    whole, weights = (tuple(tensor.shape[1:]) for tensor in layer.input[:2])
    if len(inputs) != 2 or whole != shape or weights != (1, 1, shape[-1]):
        raise refused(layer, "it multiplies otherwise than each channel by a number")
    return plan.append(Operation(layer.name, "weigh", inputs, shape))


def _concatenate(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.axis not in (-1, len(shape)):
        raise refused(layer, "it joins another axis than the channels")
    wide = [int(tensor.shape[-1]) for tensor in layer.input]
    return plan.append(Operation(layer.name, "concatenate", inputs, shape, {"channels": wide}))


def _batch_norm(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_last_axis(layer, len(shape))
    mean, variance = (
        _array(each).astype(float) for each in (layer.moving_mean, layer.moving_variance)
    )
    scale = 1 / np.sqrt(variance + layer.epsilon)
    if layer.gamma is not None:
        scale = scale * _array(layer.gamma)
    shift = -mean * scale
    if layer.beta is not None:
        shift = shift + _array(layer.beta)
    before = plan.sole_maker(layer.input, inputs[0])
    if before is not None and before.kind in _WEIGHTED:
        kernel, bias = before.arrays["kernel"], before.arrays["bias"]
        before.arrays["kernel"] = (kernel * scale).astype(np.float32)
        before.arrays["bias"] = (bias * scale + shift).astype(np.float32)
        return inputs[0]
    arrays = {"scale": scale.astype(np.float32), "shift": shift.astype(np.float32)}
    return plan.append(Operation(layer.name, "scale", inputs, shape, arrays=arrays))


def _layer_norm(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_last_axis(layer, len(shape))
    facts = {"epsilon": float(layer.epsilon)}
    arrays = _scale_and_shift(layer, shape[-1])
    return plan.append(Operation(layer.name, "layer_norm", inputs, shape, facts, arrays))


def _group_norm(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_last_axis(layer, len(shape))
    facts = {"epsilon": float(layer.epsilon), "groups": int(layer.groups)}
    arrays = _scale_and_shift(layer, shape[-1])
    return plan.append(Operation(layer.name, "group_norm", inputs, shape, facts, arrays))


def _activate(plan: Operations, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    name = _activation(layer, layer.activation)
    before = plan.sole_maker(layer.input, inputs[0])
    if before is not None:
        before.activation = name
        return inputs[0]
    return plan.append(Operation(layer.name, "same", inputs, shape, activation=name))


LAYER_PLANS: dict[str, Callable[..., int]] = {
    "Rescaling": _scale,
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "Dense": _dense,
    "MaxPooling2D": _pool("max_pool"),
    "AveragePooling2D": _pool("average_pool"),
    "GlobalAveragePooling2D": _whole("global_average_pool"),
    "GlobalMaxPooling2D": _whole("global_max_pool"),
    "Flatten": _flatten,
    "Add": _add,
    "Multiply": _multiply,
    "Concatenate": _concatenate,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "Activation": _activate,
}  # fmt: skip
"""What plans a layer, by its class."""


def _windows(layer: Any, window: tuple[int, int]) -> dict[str, Any]:  # noqa: ANN401
    _require_channels_last(layer)
    if tuple(getattr(layer, "dilation_rate", (1, 1))) != (1, 1):
        raise refused(layer, "its kernel has gaps (dilation)")
    return {
        "window": [int(side) for side in window],
        "strides": [int(step) for step in layer.strides],
        "padding": layer.padding,
    }


def _activation(layer: Any, function: Any) -> str:  # noqa: ANN401
    name = getattr(function, "__name__", "linear") if function is not None else "linear"
    if name not in ACTIVATIONS:
        raise refused(layer, f"the page has no activation {name!r}")
    return name


def _require_channels_last(layer: Any) -> None:  # noqa: ANN401
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise refused(layer, "its channels come first")


def _require_last_axis(layer: Any, dimensions: int) -> None:  # noqa: ANN401
    axis = (
        layer.axis[0]
        if isinstance(layer.axis, list | tuple) and len(layer.axis) == 1
        else layer.axis
    )
    if axis not in (-1, dimensions) or getattr(layer, "rms_scaling", False):
        raise refused(layer, "it normalizes by another rule than over the channels")


def _scale_and_shift(layer: Any, channels: int) -> dict[str, np.ndarray]:  # noqa: ANN401
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    return {
        "scale": ones if layer.gamma is None else _array(layer.gamma).reshape(channels),
        "shift": zeros if layer.beta is None else _array(layer.beta).reshape(channels),
    }


def _bias(layer: Any, channels: int) -> np.ndarray:  # noqa: ANN401
    return _array(layer.bias) if layer.use_bias else np.zeros(channels, np.float32)


def _array(weight: Any) -> np.ndarray:  # noqa: ANN401
    return np.asarray(weight.numpy(), np.float32)
