"""The layer of a network whose output is still a picture, fine enough for a map of it."""

from collections.abc import Iterator, Sequence

import keras

LEAST_CELLS = 7
"""A map with fewer cells a side says too little of a place: an earlier layer is taken then."""


def picture_layer(model: keras.Model) -> keras.Layer | None:
    """The last layer with a picture of at least 7 cells a side that all that follows depends on.

    Where none has so many, that with the most, and the last of those. A layer beside which others
    run, such as one of two branches, is none: it holds only a part of what is known.

    Args:
        model: functional.

    Returns:
        None where no layer behind the image gives a picture, so that no map can be made of it.
    """
    found = list(_through_which_all_goes(model.layers))
    if not found:
        return None
    most = min(LEAST_CELLS, max(_cells(layer) for layer in found))
    return [layer for layer in found if _cells(layer) >= most][-1]


def _cells(layer: keras.Layer) -> int:
    """The smaller side of its picture."""
    return int(min(layer.output.shape[1:3]))


def _through_which_all_goes(layers: Sequence[keras.Layer]) -> Iterator[keras.Layer]:
    """The layers with a picture that, when they are done, is the only thing used later."""
    later: list[frozenset[int]] = [frozenset()]  # what is needed after each layer
    for layer in reversed(layers[1:]):
        later.insert(0, later[0] | {id(tensor) for tensor in _inputs(layer)})
    made: set[int] = set()
    has_weights = False
    for layer, after in zip(layers, later, strict=True):
        made.add(id(layer.output))
        has_weights = has_weights or bool(layer.weights)
        if has_weights and len(layer.output.shape) == 4 and made & after == {id(layer.output)}:
            yield layer


def _inputs(layer: keras.Layer) -> list[keras.KerasTensor]:
    if isinstance(layer, keras.layers.InputLayer):
        return []
    given = layer.input
    return list(given) if isinstance(given, list | tuple) else [given]
