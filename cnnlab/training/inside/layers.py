"""Which layers of a model are looked at, and its filters that can be seen as pictures."""

from collections.abc import Sequence

import keras
import numpy as np

MOST_LAYERS = 12
"""Of deeper nets so many are shown, evenly spread, the first and the last among them."""


def picture_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers whose outputs are pictures of units: activations, or sums where blocks end.

    Where there are none of these, the convolutions; layers of a single place, as gates have, are
    left out. None where the net sees no picture at all, as one of dense layers.
    """
    shaped = [layer for layer in model.layers if _is_picture(layer)]
    active = [layer for layer in shaped if isinstance(layer, keras.layers.Activation)]
    return active or [layer for layer in shaped if "Conv" in type(layer).__name__]


def shown_layers(layers: Sequence[keras.Layer]) -> list[keras.Layer]:
    """At most `MOST_LAYERS` of them."""
    if len(layers) <= MOST_LAYERS:
        return list(layers)
    places = np.linspace(0, len(layers) - 1, MOST_LAYERS).round().astype(int)
    return [layers[place] for place in places]


def first_filters(model: keras.Model) -> tuple[str, np.ndarray] | None:
    """The filters of the first layer that has weights, if it is a convolution of the picture.

    Returns:
        Its name and (filters, height, width, channels) float32; None where the first layer with
        weights is another one, such as a dense one or one whose filters see one channel each.
    """
    first = next((layer for layer in model.layers if layer.weights), None)
    if first is None or type(first) is not keras.layers.Conv2D:
        return None
    kernel = np.asarray(first.kernel, np.float32)
    return first.name, kernel.transpose(3, 0, 1, 2)


def _is_picture(layer: keras.Layer) -> bool:
    if isinstance(layer, keras.layers.InputLayer):
        return False
    shape = layer.output.shape
    return len(shape) == 4 and shape[1] * shape[2] > 1
