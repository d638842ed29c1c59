"""The layer of a network whose output is still a picture, fine enough for a map of it."""

from collections.abc import Iterator, Sequence

import keras

FINE_CELLS = 7
"""A side of a map that says well where a place is."""

LEAST_CELLS = 4
"""A map with fewer cells a side says too little of a place: an earlier layer is taken then."""

MOST_BEHIND = 3
"""Convolutions that may follow a fine picture: about a block."""

_KERNEL_DIMENSIONS = 4


def picture_layer(model: keras.Model) -> keras.Layer | None:
    """The layer whose picture is both late enough to mean something and fine enough to show where.

    That is the last one of at least 7 cells a side behind which at most 3 convolutions come; else
    the last one of at least 4, or of those with the most. Where more than 3 follow that one, it is
    the first one as large as it: each convolution over so few cells spreads what one of them knows
    over the others, and little is gained by a later one. Planted patches at 32 px get .76 of the
    mass at the last 8 × 8 of mobilenet_v3_small, .88 at its first 4 × 4, .85 at the last; in
    efficientnet_lite0 .78, .86 and .79; but .91 at 8 × 8 of resnet_small, with one block behind it.
    (Of 64 px, which nothing was chosen by: .89 at the first 4 × 4 of mobilenet_v3_small, .76 at the
    last.)

    A layer beside which others run, such as one of two branches, is none: it holds only a part of
    what is known.

    Args:
        model: functional.

    Returns:
        None where no layer behind the image gives a picture, so that no map can be made of it.
    """
    found = list(_through_which_all_goes(model.layers))
    if not found:
        return None
    fine = [
        layer
        for layer in found
        if _cells(layer) >= FINE_CELLS and convolutions_behind(layer, model) <= MOST_BEHIND
    ]
    if fine:
        return fine[-1]
    most = min(LEAST_CELLS, max(_cells(layer) for layer in found))
    last = [layer for layer in found if _cells(layer) >= most][-1]
    if convolutions_behind(last, model) <= MOST_BEHIND:
        return last
    return next(layer for layer in found if _cells(layer) == _cells(last))


def convolutions_behind(layer: keras.Layer, model: keras.Model) -> int:
    """How many come after a layer."""
    return sum(map(_is_convolution, model.layers[model.layers.index(layer) + 1 :]))


def _is_convolution(layer: keras.Layer) -> bool:
    return any(len(weight.shape) == _KERNEL_DIMENSIONS for weight in layer.weights)


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
