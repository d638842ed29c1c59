"""What a finished network still says while some of its units give nothing.

A unit is a channel or a value after an activation (`domain/network/units.py`). Removed ones give 0
for every image, as in the cumulative ablations of Morcos et al. 2018 (arXiv:1803.06959, section
3.1). The others aren't scaled up, as dropout does while it trains (Srivastava et al. 2014, section
10): that is just what a network with dropout was trained with, and would ask whether it was trained
for this, not whether the units that are left do without the others. Batch norm keeps its statistics
for the same reason: nothing makes up for what is gone.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnlab.training.judging.evaluate import images_per_pass

_REMOVAL = 0xAB1A7E
_ROUNDING = 1e-9


def removal_order(seed: int, draw: int, layer: str, units: int) -> np.ndarray:
    """(units,) int: the order in which the units of a layer are removed, the same in every arm.

    Args:
        seed: of the run.
        draw: number of the random choice.
        layer: its name.
        units: how many it has.
    """
    name = zlib.crc32(layer.encode())
    return np.random.default_rng([seed, draw, name, _REMOVAL]).permutation(units)


class UnitRemoval:
    """The compiled forward pass of a model whose units can be switched off.

    Attributes:
        units: of each layer that has some.
    """

    def __init__(self, model: keras.Model, layers: Sequence[str]) -> None:
        """Compile lazily, at the first call.

        Args:
            model: functional, from images (N, H, W, C) in 0..255.
            layers: names of those whose outputs are units.
        """
        self.units = _units_of(model, layers)
        self._batch = images_per_pass(model.input_shape[1:])
        image, output = id(model.inputs[0]), id(model.outputs[0])
        pictures = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)

        @tf.function(input_signature=[pictures, _specs(self.units)], jit_compile=False)
        def forward(images: tf.Tensor, masks: dict[str, tf.Tensor]) -> tf.Tensor:
            return _through(model.layers, {image: images}, masks)[output]

        self._forward = forward

    def prepared(self, images: np.ndarray) -> np.ndarray:
        """What the call is given for images: themselves."""
        return images

    def __call__(self, images: np.ndarray, masks: Mapping[str, np.ndarray]) -> np.ndarray:
        """(N, classes) float32: what the model says with the units that are left.

        Args:
            images: (N, H, W, C) uint8.
            masks: from `masks_without`.
        """
        return _in_batches(self._forward, self._batch, images, dict(masks))


class LastUnitRemoval:
    """The same for the last layers alone: what comes before them is computed once.

    Attributes:
        units: of each of these layers.
    """

    def __init__(self, model: keras.Model, layers: Sequence[str]) -> None:
        """Compile lazily, at the first call.

        Args:
            model: as for `UnitRemoval`.
            layers: from `last_unit_layers`, at least one.
        """
        self.units = _units_of(model, layers)
        self._batch = images_per_pass(model.input_shape[1:])
        first = model.get_layer(layers[0])
        behind = model.layers[model.layers.index(first) + 1 :]
        image, cut, output = id(model.inputs[0]), id(first.output), id(model.outputs[0])
        pictures = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
        values = tf.TensorSpec((None, *first.output.shape[1:]), tf.float32)

        @tf.function(input_signature=[pictures], jit_compile=False)
        def up_to(images: tf.Tensor) -> tf.Tensor:
            return _through(model.layers, {image: images}, {})[cut]

        @tf.function(input_signature=[values, _specs(self.units)], jit_compile=False)
        def from_there(features: tf.Tensor, masks: dict[str, tf.Tensor]) -> tf.Tensor:
            return _through(behind, {cut: features * masks[first.name]}, masks)[output]

        self._up_to, self._from_there = up_to, from_there

    def prepared(self, images: np.ndarray) -> np.ndarray:
        """What the first of these layers gives for images (N, H, W, C) uint8; float32."""
        return _in_batches(self._up_to, self._batch, images)

    def __call__(self, features: np.ndarray, masks: Mapping[str, np.ndarray]) -> np.ndarray:
        """As that of `UnitRemoval`, of what was `prepared`."""
        return _in_batches(self._from_there, self._batch, features, dict(masks))


Removal = UnitRemoval | LastUnitRemoval


def take_weights(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Give a model the weights of a solution, by path."""
    for variable in model.weights:
        variable.assign(weights[variable.path])


def masks_without(
    units: Mapping[str, int], share: float, seed: int, draw: int
) -> dict[str, np.ndarray]:
    """The masks that remove a share of each layer's units, rounded down, so that some are left.

    A larger share of the same draw removes the same units and more.

    Args:
        units: of each layer.
        share: 0 to below 1.
        seed: of the run.
        draw: number of the random choice.

    Returns:
        (units,) float32 for each layer, 0 for a removed unit, else 1.
    """
    masks = {}
    for name, count in units.items():
        masks[name] = np.ones(count, np.float32)
        removed = int(share * count + _ROUNDING)
        masks[name][removal_order(seed, draw, name, count)[:removed]] = 0
    return masks


def _units_of(model: keras.Model, layers: Sequence[str]) -> dict[str, int]:
    return {name: int(model.get_layer(name).output.shape[-1]) for name in layers}


def _in_batches(compute: Any, batch: int, given: np.ndarray, *masks: Any) -> np.ndarray:  # noqa: ANN401
    parts = range(0, len(given), batch)
    return np.concatenate([compute(given[at : at + batch], *masks).numpy() for at in parts])


def _specs(units: Mapping[str, int]) -> dict[str, tf.TensorSpec]:
    return {name: tf.TensorSpec((count,), tf.float32) for name, count in units.items()}


def _through(
    layers: Sequence[keras.Layer], values: dict[int, tf.Tensor], masks: Mapping[str, tf.Tensor]
) -> dict[int, tf.Tensor]:
    """What layers give, one by one, the outputs of some multiplied; by their tensors' ids."""
    for layer in layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        given = tf.nest.map_structure(lambda tensor: values[id(tensor)], layer.input)
        output = layer(given)
        values[id(layer.output)] = output * masks[layer.name] if layer.name in masks else output
    return values
