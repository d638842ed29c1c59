"""A Keras model as a list of operations that `network.mjs` computes.

Random layers are left out, a batch norm becomes part of the weights before it where that is
possible, an activation part of its operation.
"""

from collections import Counter
from typing import Any

import numpy as np

from cnnlab.domain.errors import ExportError
from cnnlab.exports.model_format import KerasModel
from cnnlab.exports.web_page.layer_plans import LAYER_PLANS
from cnnlab.exports.web_page.operations import Operation, Operations, refused

MOST_WEIGHTS = 40_000_000
"""Of a page: 110 MB as a file, about what a phone still opens and a mailbox no longer takes."""

_LEFT_OUT = {
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
}  # fmt: skip
"""Layers that do nothing but while a model trains."""


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
    operations = Operations(_shared(model))
    makers: dict[int, int] = {}
    for layer in model.layers:
        makers[id(layer.output)] = _planned(layer, makers, operations)
    return operations.made


def _planned(layer: Any, makers: dict[int, int], operations: Operations) -> int:  # noqa: ANN401
    """The number of the operation that gives a layer's output, -1 for the picture.

    Raises:
        ExportError: the page doesn't know the layer.
    """
    kind = type(layer).__name__
    if kind == "InputLayer":
        return -1
    try:
        inputs = [makers[id(tensor)] for tensor in _given(layer)]
    except KeyError as error:
        raise refused(layer, "it is used in several places") from error
    if kind in _LEFT_OUT:
        return inputs[0]
    if kind not in LAYER_PLANS:
        raise refused(layer, f"the page has no {kind}")
    if layer.output.dtype != "float32":
        raise refused(layer, f"it computes in {layer.output.dtype}, the page in float32")
    return LAYER_PLANS[kind](operations, layer, inputs, tuple(layer.output.shape[1:]))


def _shared(model: KerasModel) -> set[int]:
    """Ids of the tensors that several layers take, those included that random layers pass on."""
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    takers = Counter(id(tensor) for layer in layers for tensor in _given(layer))
    shared = {tensor for tensor, count in takers.items() if count > 1}
    for layer in layers:
        if type(layer).__name__ in _LEFT_OUT and id(layer.input) in shared:
            shared.add(id(layer.output))
    return shared


def _given(layer: Any) -> list[Any]:  # noqa: ANN401
    """The tensors that a layer takes."""
    return list(layer.input) if isinstance(layer.input, list | tuple) else [layer.input]
