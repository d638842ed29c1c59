"""What converters are told of the input: the image as it comes, named, for whoever calls it."""

from typing import Any

from cnnlab.exports.model_format import KerasModel


def image_signature(model: KerasModel, batch: int | None = None) -> list[Any]:
    """What a model takes, for `export`: (batch, H, W, C) float32 in 0..255, called `image`.

    A model that was loaded or cloned has never been called, and has no signature of its own.

    Args:
        model: the model.
        batch: images at once; None for any number.
    """
    import tensorflow as tf

    return [tf.TensorSpec((batch, *model.input_shape[1:]), tf.float32, name="image")]
