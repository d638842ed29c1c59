"""GELU by the error function, for converters that don't know its complement (`Erfc`)."""

import math
from typing import Any

from cnnlab.exports.model_format import KerasModel


def with_plain_gelu(model: KerasModel) -> KerasModel:
    """The same model, with x (1 + erf(x / sqrt 2)) / 2 in the place of TensorFlow's own kernel.

    Arithmetic is the same but for rounding. A model without GELU is given back as it is.
    """
    if not any(_is_gelu(layer.get_config()) for layer in model.layers):
        return model
    import keras

    clone = keras.models.clone_model(model, clone_function=_cloned)
    clone.set_weights([weight.numpy() for layer in model.layers for weight in layer.weights])
    return clone


def _cloned(layer: Any) -> Any:  # noqa: ANN401 - a layer of Keras
    import tensorflow as tf

    config = layer.get_config()
    made = layer.__class__.from_config(config)
    if _is_gelu(config):
        made.activation = lambda x: 0.5 * x * (1 + tf.math.erf(x / math.sqrt(2)))
    return made


def _is_gelu(config: dict[str, Any]) -> bool:
    return config.get("activation") == "gelu"
