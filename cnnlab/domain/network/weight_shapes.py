"""Names and shapes of all weights of a planned network, as Keras has them."""

from collections.abc import Callable, Mapping
from typing import Any

from cnnlab.domain.network.plan import IMAGE, Plan, PlannedLayer, Shape

Shapes = dict[str, Shape]


def weight_shapes(plan: Plan) -> Shapes:
    """Shape of every weight by `layer/weight`, in the plan's order."""
    given = {IMAGE: plan.input_shape} | {layer.name: layer.shape for layer in plan.layers}
    return {
        f"{layer.name}/{weight}": shape
        for layer in plan.layers
        if layer.parameters
        for weight, shape in _weights(layer, given[layer.inputs[0]]).items()
    }


def _weights(layer: PlannedLayer, given: Shape) -> Shapes:
    shapes = _SHAPES[layer.keras_class](layer.arguments, given)
    if "use_bias" in layer.arguments and not layer.arguments["use_bias"]:
        del shapes["bias"]
    return shapes


def _conv(arguments: Mapping[str, Any], given: Shape) -> Shapes:
    size, filters = arguments["kernel_size"], arguments["filters"]
    return {"kernel": (size, size, given[-1], filters), "bias": (filters,)}


def _depthwise(arguments: Mapping[str, Any], given: Shape) -> Shapes:
    size = arguments["kernel_size"]
    return {"kernel": (size, size, given[-1], 1), "bias": (given[-1],)}


def _separable(arguments: Mapping[str, Any], given: Shape) -> Shapes:
    size, filters = arguments["kernel_size"], arguments["filters"]
    return {
        "depthwise_kernel": (size, size, given[-1], 1),
        "pointwise_kernel": (1, 1, given[-1], filters),
        "bias": (filters,),
    }


def _dense(arguments: Mapping[str, Any], given: Shape) -> Shapes:
    return {"kernel": (given[-1], arguments["units"]), "bias": (arguments["units"],)}


def _per_channel(*names: str) -> Callable[[Mapping[str, Any], Shape], Shapes]:
    return lambda arguments, given: dict.fromkeys(names, (given[-1],))


_SHAPES: dict[str, Callable[[Mapping[str, Any], Shape], Shapes]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "Dense": _dense,
    "BatchNormalization": _per_channel("gamma", "beta", "moving_mean", "moving_variance"),
    "LayerNormalization": _per_channel("gamma", "beta"),
    "GroupNormalization": _per_channel("gamma", "beta"),
}
