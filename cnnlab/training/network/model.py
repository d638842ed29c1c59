"""The network: from a config to a Keras model, of built-in layers only unless dials turn it."""

from collections.abc import Collection

import keras

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import spans_of, trained_layers
from cnnlab.domain.network.plan import IMAGE, PROBABILITIES
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.records.training import LayerRow
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network import dialled
from cnnlab.training.network.layer_maker import LayerMaker


def build_model(
    config: RunConfig,
    input_shape: tuple[int, int, int],
    classes: int,
    board: DialBoard | None = None,
) -> keras.Model:
    """Build the network of a config, with initial weights that depend on its seed alone.

    Which layers there are, and their names, is the plan's business (`plan_network`).

    With a board, the regularizers that are dials read their strengths from it, and their layers are
    there even at strength 0. Names, initial weights and the order of the weights stay the same, so
    the weights of such a model fit one without a board, which is the one to give away.

    Layers that train in no phase are frozen.

    Args:
        config: the run's config; augmentation is no part of the model.
        input_shape: (height, width, channels) of an image.
        classes: number of classes, at least 2.
        board: the dials of a run that trains, made from the same config.

    Returns:
        A model from images (N, H, W, C) in 0..255, uint8 or float, to (N, classes) float32
        probabilities.

    Raises:
        ConfigError: a layer doesn't fit where it stands; the message names it.
    """
    plan = plan_network(config, input_shape, classes)
    make = LayerMaker(config, board)
    tensors = {IMAGE: keras.Input(input_shape, name=IMAGE)}
    for layer in plan.layers:
        given = [tensors[name] for name in layer.inputs]
        tensors[layer.name] = make.apply(layer, given[0] if len(given) == 1 else given)
    kind = keras.Model if board is None else dialled.Model
    model = kind(tensors[IMAGE], tensors[PROBABILITIES], name="cnnlab")
    freeze(model, trained_layers(plan, config, spans_of(config)))
    return model


def layer_table(model: keras.Model) -> list[LayerRow]:
    """Name, kind, output shape (without the batch) and parameters of every layer.

    A layer whose dial is at 0 is left out: it does nothing now.
    """
    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "output_shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
        if not hasattr(layer, "dial") or layer.dial.numpy()
    ]


def freeze(model: keras.Model, trained: Collection[str]) -> None:
    """Keep the weights of all layers but some.

    Args:
        model: functional.
        trained: names of the layers with weights that train.
    """
    for layer in model.layers:
        if layer.weights:
            layer.trainable = layer.name in trained
