"""A network in two: what is frozen and computed once, and the head that is trained."""

import keras


def body_of(model: keras.Model, layer: str) -> keras.Model:
    """From images to the output of a layer, made of the model's own layers.

    Args:
        model: functional.
        layer: name of the layer whose output (N, values) is wanted.
    """
    return keras.Model(model.inputs[0], model.get_layer(layer).output)


def head_of(model: keras.Model, layer: str) -> keras.Model:
    """From the output of a layer (N, values) to the probabilities, likewise."""
    return keras.Model(model.get_layer(layer).output, model.outputs[0])
