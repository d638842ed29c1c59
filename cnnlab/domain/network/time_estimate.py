"""About how long a layer takes on a CPU compared with others: good for shares, not for clocks.

Each constant is a fit to CPU seconds of training steps in float32 with 32 images at a time, Keras
3.15 on TensorFlow 2.21, of stacks of one kind of layer with 16 to 256 channels at 6 to 96 px; most
of these are met within a third.
"""

import math
from collections.abc import Sequence

from cnnlab.domain.network.plan import PlannedLayer, Shape

_MULTIPLY_ADDS_PER_SECOND = {
    "Conv2D": 28e9,
    "DepthwiseConv2D": 2.9e9,
    "SeparableConv2D": 11e9,
    "Dense": 7e9,
}
_VALUES_PER_SECOND = {
    "Conv2D": 0.86e9,
    "BatchNormalization": 0.22e9,
    "LayerNormalization": 0.14e9,
    "GroupNormalization": 0.18e9,
    "Dropout": 0.38e9,
    "GaussianNoise": 0.12e9,
    "SpatialDropout2D": 2.2e9,
    "Activation": 2e9,
}
"""Values that come in and go out, each counted."""

_RELU = 8e9
_OTHERS = 4e9
_MOVES_LITTLE = ("DepthwiseConv2D", "SeparableConv2D", "Dense")
"""Their arithmetic was all that could be measured."""


def seconds_of(layer: PlannedLayer, inputs: Sequence[Shape]) -> float:
    """CPU seconds of one image in a training step, forwards and back.

    Args:
        layer: as planned.
        inputs: shapes of what it takes.
    """
    arithmetic = 0.0
    if layer.multiply_adds:
        arithmetic = layer.multiply_adds / _MULTIPLY_ADDS_PER_SECOND[layer.keras_class]
    if layer.keras_class in _MOVES_LITTLE:
        return arithmetic
    moved = math.prod(layer.shape) + sum(map(math.prod, inputs))
    rate = _VALUES_PER_SECOND.get(layer.keras_class, _OTHERS)
    if layer.arguments.get("activation") == "relu":
        rate = _RELU
    return arithmetic + moved / rate
