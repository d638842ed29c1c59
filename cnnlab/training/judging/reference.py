"""The model as it is given away, and what it predicts: every export is compared with this."""

from collections.abc import Callable

import keras
import numpy as np

from cnnlab.domain.errors import TrainingError
from cnnlab.training.input.features import Readable
from cnnlab.training.judging.evaluate import Predictor

_CPU = "cpu:0"
"""Other chips round the numbers of a convolution, so that not even the same file agrees."""


def float32_clone(model: keras.Model) -> keras.Model:
    """A copy that computes in float32, whatever the model was trained in, without optimizer.

    On a chip without units for a mixed precision that one takes several times as long. The state
    of an optimizer would make a file three times as large.
    """
    with keras.device(_CPU):
        clone = keras.models.clone_model(model, clone_function=_in_float32)
        clone.set_weights(model.get_weights())
    return clone


def divide_logits(clone: keras.Model, temperature: float) -> None:
    """Have a `float32_clone` say probabilities with a temperature (Guo et al. 2017), in place.

    The weights of the last layer are divided by it, which is the same in exact arithmetic as
    dividing what goes into the softmax: no layer is added, so that every format can hold it.

    Args:
        clone: its last layer is dense with a softmax.
        temperature: above 0; above 1 the model becomes less sure.

    Raises:
        TrainingError: the last layer is another one.
    """
    last = clone.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.activation is not keras.activations.softmax:
        raise TrainingError(
            f"The model ends with the layer {last.name}, which is no dense one with a softmax, so "
            "its probabilities can't be calibrated: export it as it is."
        )
    last.set_weights([weights / temperature for weights in last.get_weights()])


def reference_probabilities(
    clone: keras.Model, images: np.ndarray, after_batch: Callable[[], None]
) -> np.ndarray:
    """What a `float32_clone` predicts on the CPU.

    Args:
        clone: the model.
        images: (N, H, W, C) uint8.
        after_batch: called after each forward pass.

    Returns:
        (N, classes) float32.
    """
    return probabilities_at(clone, images, np.arange(len(images)), after_batch)


def probabilities_at(
    clone: keras.Model,
    images: Readable,
    positions: np.ndarray,
    after_batch: Callable[[], None],
) -> np.ndarray:
    """What a `float32_clone` predicts on the CPU of some images.

    Args:
        clone: the model.
        images: (N, H, W, C) uint8.
        positions: (M,) int, of the images.
        after_batch: called after each forward pass.

    Returns:
        (M, classes) float32.
    """
    with keras.device(_CPU):
        return Predictor(clone, after_batch)(images, positions)


def _in_float32(layer: keras.Layer) -> keras.Layer:
    return layer.__class__.from_config(layer.get_config() | {"dtype": "float32"})
