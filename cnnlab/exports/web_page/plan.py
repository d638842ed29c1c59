"""A Keras model as a list of operations that `network.mjs` computes.

Random layers are left out, a batch norm becomes part of the weights before it where that is
possible, an activation part of its operation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlab.domain.errors import ExportError
from cnnlab.exports.model_format import KerasModel

MOST_WEIGHTS = 40_000_000
"""Of a page: 110 MB as a file, about what a phone still opens and a mailbox no longer takes."""

ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softmax",
)  # fmt: skip
"""What `activations.mjs` computes, by Keras' names and with Keras' usual arguments."""

_LEFT_OUT = {
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
}  # fmt: skip
"""Layers that do nothing but while a model trains."""

_WEIGHTED = {"conv", "depthwise_conv", "dense"}


@dataclass
class Operation:
    """One step of the network.

    Attributes:
        layer: name of the Keras layer.
        kind: a function of `network.mjs`.
        inputs: numbers of the operations whose results it takes; -1 is the picture.
        shape: of the result, (H, W, C) or (values,).
        facts: JSON values that the function wants, such as strides.
        arrays: float32, by the names that the function has for them.
        activation: applied to the result.
    """

    layer: str
    kind: str
    inputs: list[int]
    shape: tuple[int, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    activation: str = "linear"


def plan_of(model: KerasModel) -> list[Operation]:
    """The operations of a functional model, each after those that it takes from.

    Args:
        model: in float32, from one picture to the probabilities.

    Raises:
        ExportError: a layer is one that the page doesn't know, or the weights are too many.
    """
    weights = sum(int(np.prod(weight.shape)) for layer in model.layers for weight in layer.weights)
    if weights > MOST_WEIGHTS:
        raise ExportError(
            f"The model has {weights:,} weights, and a page that opens by itself holds at most "
            f"{MOST_WEIGHTS:,}: take another format, such as ONNX, or train a smaller network."
        )
    planner = _Planner()
    for layer in model.layers:
        planner.add(layer)
    return planner.operations


class _Planner:
    """Adds one layer after the other; a method for each kind."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._made: dict[int, int] = {}
        self._takers: dict[int, int] = {}

    def add(self, layer: Any) -> None:  # noqa: ANN401 - a Keras layer
        """Plan a layer.

        Raises:
            ExportError: the page doesn't know it.
        """
        kind = type(layer).__name__
        if kind == "InputLayer":
            self._made[id(layer.output)] = -1
            return
        given = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
        try:
            inputs = [self._made[id(tensor)] for tensor in given]
        except KeyError as error:
            raise _refused(layer, "it is used in several places") from error
        for each in inputs:
            self._takers[each] = self._takers.get(each, 0) + 1
        if kind in _LEFT_OUT:
            self._made[id(layer.output)] = inputs[0]
            self._takers[inputs[0]] -= 1
            return
        if kind not in _PLANNERS:
            raise _refused(layer, f"the page has no {kind}")
        if layer.output.dtype != "float32":
            raise _refused(layer, f"it computes in {layer.output.dtype}, the page in float32")
        shape = tuple(layer.output.shape[1:])
        self._made[id(layer.output)] = _PLANNERS[kind](self, layer, inputs, shape)

    def append(self, operation: Operation) -> int:
        """Add an operation; gives its number."""
        self.operations.append(operation)
        return len(self.operations) - 1

    def sole_maker(self, number: int) -> Operation | None:
        """The operation of a number, if nothing but the present layer takes from it."""
        if number < 0 or self._takers[number] > 1:
            return None
        made = self.operations[number]
        return made if made.activation == "linear" else None


def _scale(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    channels = shape[-1]
    arrays = {
        "scale": np.broadcast_to(np.asarray(layer.scale, np.float32), channels).copy(),
        "shift": np.broadcast_to(np.asarray(layer.offset, np.float32), channels).copy(),
    }
    return plan.append(Operation(layer.name, "scale", inputs, shape, arrays=arrays))


def _conv(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.groups != 1:
        raise _refused(layer, "it has groups of channels")
    operation = Operation(
        layer.name, "conv", inputs, shape, _windows(layer, layer.kernel_size),
        {"kernel": _array(layer.kernel), "bias": _bias(layer, shape[-1])},
        _activation(layer, layer.activation),
    )  # fmt: skip
    return plan.append(operation)


def _depthwise(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.depth_multiplier != 1:
        raise _refused(layer, "it makes several channels of each")
    kernel = _array(layer.kernel)[:, :, :, 0]
    operation = Operation(
        layer.name, "depthwise_conv", inputs, shape, _windows(layer, layer.kernel_size),
        {"kernel": kernel, "bias": _bias(layer, shape[-1])},
        _activation(layer, layer.activation),
    )  # fmt: skip
    return plan.append(operation)


def _separable(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if layer.depth_multiplier != 1:
        raise _refused(layer, "it makes several channels of each")
    kernel = _array(layer.depthwise_kernel)[:, :, :, 0]
    channels = kernel.shape[-1]
    depthwise = Operation(
        layer.name, "depthwise_conv", inputs, (*shape[:2], channels),
        _windows(layer, layer.kernel_size),
        {"kernel": kernel, "bias": np.zeros(channels, np.float32)},
    )  # fmt: skip
    between = plan.append(depthwise)
    plan._takers[between] = 1
    pointwise = Operation(
        layer.name, "conv", [between], shape,
        {"window": [1, 1], "strides": [1, 1], "padding": "valid"},
        {"kernel": _array(layer.pointwise_kernel), "bias": _bias(layer, shape[-1])},
        _activation(layer, layer.activation),
    )  # fmt: skip
    return plan.append(pointwise)


def _dense(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if len(layer.input.shape) != 2:
        raise _refused(layer, "it is given pictures, the page has dense layers of flat values")
    arrays = {"kernel": _array(layer.kernel), "bias": _bias(layer, shape[-1])}
    activation = _activation(layer, layer.activation)
    return plan.append(Operation(layer.name, "dense", inputs, shape, {}, arrays, activation))


def _pool(kind: str) -> Callable[..., int]:
    def plan_pool(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
        facts = _windows(layer, layer.pool_size)
        return plan.append(Operation(layer.name, kind, inputs, shape, facts))

    return plan_pool


def _whole(kind: str) -> Callable[..., int]:
    def plan_whole(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
        if len(shape) != 1:
            raise _refused(layer, "it keeps the dimensions")
        return plan.append(Operation(layer.name, kind, inputs, shape))

    return plan_whole


def _flatten(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_channels_last(layer)
    return plan.append(Operation(layer.name, "flatten", inputs, shape))


def _add(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    if any(tuple(tensor.shape[1:]) != shape for tensor in layer.input):
        raise _refused(layer, "what it adds has different shapes")
    return plan.append(Operation(layer.name, "add", inputs, shape))


def _batch_norm(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
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
    before = plan.sole_maker(inputs[0])
    if before is not None and before.kind in _WEIGHTED:
        kernel, bias = before.arrays["kernel"], before.arrays["bias"]
        before.arrays["kernel"] = (kernel * scale).astype(np.float32)
        before.arrays["bias"] = (bias * scale + shift).astype(np.float32)
        return inputs[0]
    arrays = {"scale": scale.astype(np.float32), "shift": shift.astype(np.float32)}
    return plan.append(Operation(layer.name, "scale", inputs, shape, arrays=arrays))


def _layer_norm(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_last_axis(layer, len(shape))
    facts = {"epsilon": float(layer.epsilon)}
    arrays = _scale_and_shift(layer, shape[-1])
    return plan.append(Operation(layer.name, "layer_norm", inputs, shape, facts, arrays))


def _group_norm(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    _require_last_axis(layer, len(shape))
    facts = {"epsilon": float(layer.epsilon), "groups": int(layer.groups)}
    arrays = _scale_and_shift(layer, shape[-1])
    return plan.append(Operation(layer.name, "group_norm", inputs, shape, facts, arrays))


def _activate(plan: _Planner, layer: Any, inputs: list[int], shape: tuple[int, ...]) -> int:  # noqa: ANN401
    name = _activation(layer, layer.activation)
    before = plan.sole_maker(inputs[0])
    if before is not None:
        before.activation = name
        return inputs[0]
    return plan.append(Operation(layer.name, "same", inputs, shape, activation=name))


_PLANNERS: dict[str, Callable[..., int]] = {
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
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "Activation": _activate,
}  # fmt: skip
"""What plans a layer, by its class."""


def _windows(layer: Any, window: tuple[int, int]) -> dict[str, Any]:  # noqa: ANN401
    _require_channels_last(layer)
    if tuple(getattr(layer, "dilation_rate", (1, 1))) != (1, 1):
        raise _refused(layer, "its kernel has gaps (dilation)")
    return {
        "window": [int(side) for side in window],
        "strides": [int(step) for step in layer.strides],
        "padding": layer.padding,
    }


def _activation(layer: Any, function: Any) -> str:  # noqa: ANN401
    name = getattr(function, "__name__", "linear") if function is not None else "linear"
    if name not in ACTIVATIONS:
        raise _refused(layer, f"the page has no activation {name!r}")
    return name


def _require_channels_last(layer: Any) -> None:  # noqa: ANN401
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise _refused(layer, "its channels come first")


def _require_last_axis(layer: Any, dimensions: int) -> None:  # noqa: ANN401
    axis = (
        layer.axis[0]
        if isinstance(layer.axis, list | tuple) and len(layer.axis) == 1
        else layer.axis
    )
    if axis not in (-1, dimensions) or getattr(layer, "rms_scaling", False):
        raise _refused(layer, "it normalizes by another rule than over the channels")


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


def _refused(layer: Any, reason: str) -> ExportError:  # noqa: ANN401
    return ExportError(
        f"The layer {layer.name!r} can't be part of an offline page: {reason}. Take another "
        "format, such as ONNX."
    )
