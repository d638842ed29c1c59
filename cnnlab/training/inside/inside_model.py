"""A model that tells, beside its probabilities, what it has made of pictures on the way."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from cnnlab.training.input.features import Readable
from cnnlab.training.inside.layers import picture_layers, shown_layers
from cnnlab.training.judging.evaluate import images_per_pass

_CPU = "cpu:0"


class Insides(NamedTuple):
    """What a model makes of N pictures.

    Attributes:
        probabilities: (N, classes) float32.
        features: (N, F) float32, what the last layer reads.
        excitement: (N, U) float32, the strongest value of each unit of the last picture-shaped
            layer anywhere on the picture; U is 0 where there is no such layer.
    """

    probabilities: np.ndarray
    features: np.ndarray
    excitement: np.ndarray


class InsideModel:
    """A compiled forward pass; on the CPU, as whatever is compared with an export.

    Attributes:
        layers: how many layers are picture-shaped; of many some are left out of the maps.
        last_layer: name of the last picture-shaped layer; empty where there is none.

    Args:
        clone: made by `float32_clone`; its last layer makes probabilities of flat features.
    """

    def __init__(self, clone: keras.Model) -> None:
        shape = clone.input_shape[1:]
        layers = picture_layers(clone)
        self.last_layer = layers[-1].name if layers else ""
        self.layers = len(layers)
        self._shown = shown_layers(layers)
        self._batch = images_per_pass(shape)
        last = [keras.ops.max(layers[-1].output, axis=(1, 2))] if layers else []
        whole = keras.Model(clone.inputs, [clone.outputs[0], clone.layers[-1].input, *last])
        outputs = [layer.output for layer in self._shown]
        self._maps = keras.Model(clone.inputs, outputs) if outputs else None

        @tf.function(input_signature=[tf.TensorSpec((None, *shape), tf.uint8)], jit_compile=False)
        def forward(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            probabilities, features, *strongest = whole([images], training=False)
            none = tf.zeros((tf.shape(images)[0], 0))
            return probabilities, features, strongest[0] if strongest else none

        self._forward = forward

    def __call__(
        self, images: Readable, positions: np.ndarray, after_batch: Callable[[int], object]
    ) -> Insides:
        """What the model makes of the images at some positions.

        Args:
            images: (N, H, W, C) uint8, from which an array of positions takes images out.
            positions: (M,) int, M at least 1.
            after_batch: is told after each forward pass how many are done.
        """
        parts = []
        for start in range(0, len(positions), self._batch):
            wanted = positions[start : start + self._batch]
            with keras.device(_CPU):
                parts.append([part.numpy() for part in self._forward(images[wanted])])
            after_batch(start + len(wanted))
        return Insides(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def maps(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """What each shown picture-shaped layer makes of one picture.

        Args:
            image: (H, W, C) uint8.

        Returns:
            (h, w, units) float32 by the layer's name, in the order of the network.
        """
        if self._maps is None:
            return {}
        with keras.device(_CPU):
            found = self._maps([image[None]], training=False)
        outputs = found if isinstance(found, list | tuple) else [found]
        named = zip(self._shown, outputs, strict=True)
        return {layer.name: np.asarray(output[0], np.float32) for layer, output in named}
