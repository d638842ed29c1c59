"""What in a picture speaks for a class, by the gradients of a network or by covering parts of it.

All maps are of the logit of the class, that is what goes into the softmax: probabilities that are
nearly 1 have gradients of nearly 0. Where a value of a map is above 0, that place speaks for the
class; below 0, against it.
"""

import threading

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.errors import RunStateError
from cnnlab.domain.records.explanation import PictureLayer
from cnnlab.training.explaining.picture_layer import convolutions_behind, picture_layer

GREY = 127.5
"""The value of nothing: what pictures are compared with, and what covers parts of them."""

NO_LAYER = (
    "This network has no layer behind the image whose output is still a picture, so there is no "
    "map of one (HiResCAM): take integrated gradients or occlusion."
)

STEPS = 4
"""Places on the way from grey to a picture at which the slope of a score is taken for a map."""

_MIDDLES = [(step + 0.5) / STEPS for step in range(STEPS)]
_CPU = "cpu:0"


class Explainer:
    """The model that is taken along, compiled once to say what it looks at.

    Several threads may use one; they take turns.

    Attributes:
        classes: how many.
        layer: the one that a HiResCAM map is of; None where the network has none for it.
    """

    def __init__(self, clone: keras.Model) -> None:
        """Find the layer; compiled lazily, at the first call of each method.

        Args:
            clone: made by `float32_clone`; its last layer is dense with a softmax.
        """
        self._turn = threading.Lock()
        self._shape = tuple(clone.input_shape[1:])
        last = clone.layers[-1]
        self.classes = int(last.output.shape[-1])
        found = picture_layer(clone)
        self.layer = None if found is None else _described(found, clone)
        pictures = tf.TensorSpec((None, *self._shape), tf.float32)
        labels = tf.TensorSpec((None,), tf.int32)
        to_last = keras.Model(clone.inputs, last.input)

        @tf.function(input_signature=[pictures], jit_compile=False)
        def logits(images: tf.Tensor) -> tf.Tensor:
            return to_last(images, training=False) @ last.kernel + last.bias

        @tf.function(input_signature=[pictures, labels], jit_compile=False)
        def slopes(images: tf.Tensor, chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(images)
                scores = tf.gather(logits(images), chosen, batch_dims=1)
            return tape.gradient(scores, images), scores

        self._logits, self._slopes = logits, slopes
        if found is None:
            return
        to_picture = keras.Model(clone.inputs, found.output)
        onwards = keras.Model(found.output, last.input)

        @tf.function(input_signature=[pictures, labels], jit_compile=False)
        def cam(images: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
            grey = tf.fill((1, *self._shape), GREY)
            values = to_picture(tf.concat([grey, images], axis=0), training=False)
            rise = values[1:] - values[:1]
            way = tf.concat([values[:1] + place * rise for place in _MIDDLES], axis=0)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(way)
                features = onwards(way, training=False)
                told = tf.tile(chosen, [STEPS])
                scores = tf.gather(features @ last.kernel + last.bias, told, batch_dims=1)
            slopes = tf.split(tape.gradient(scores, way), STEPS)
            return tf.reduce_sum(tf.add_n(slopes) / STEPS * rise, axis=-1)

        self._cam = cam

    def logits(self, images: np.ndarray) -> np.ndarray:
        """(N, classes) float32: what goes into the softmax.

        Args:
            images: (N, H, W, C), 0..255, uint8 or float; as many as fit into memory at once.
        """
        with self._turn, keras.device(_CPU):
            said: np.ndarray = self._logits(images.astype(np.float32)).numpy()
        return said

    def hirescam(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(N, h, w) float32: gradient times value, added up over the channels of the layer.

        Draelos and Carin 2020, arXiv:2011.08891, equation 3, without cutting off what is negative,
        and of the value what it is more than in a grey picture: what biases and edges add to
        every picture alike tells of none. (On planted patches that puts .86 instead of .77 of the
        mass where it belongs in tiny_cnn.) The gradient is the mean of those at `STEPS` places on
        the straight way of the layer's values from grey to the picture, as in Sattarzadeh et al.
        2021, arXiv:2102.07805: at the picture alone it says little of what many layers behind make
        of it (.83 instead of .86 in efficientnet_lite0, .84 instead of .88 in mobilenet_v3_small;
        8 places give no more). So a map adds up to the logit less that of the grey picture, nearly
        where layers follow and exactly where one dense layer does.

        Args:
            images: (N, H, W, C), 0..255; as many as fit into memory at once.
            labels: (N,) int, the class of each map.

        Raises:
            RunStateError: the network has no layer for it.
        """
        if self.layer is None:
            raise RunStateError(NO_LAYER)
        with self._turn, keras.device(_CPU):
            found: np.ndarray = self._cam(images.astype(np.float32), _as_labels(labels)).numpy()
        return found

    def slopes(self, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N, H, W, C) float32: how the logit of a class changes with each value; and that logit.

        Args:
            images: (N, H, W, C), 0..255; as many as fit into memory at once.
            labels: (N,) int, whose logit is meant.
        """
        with self._turn, keras.device(_CPU):
            slopes, scores = self._slopes(images.astype(np.float32), _as_labels(labels))
        return slopes.numpy(), scores.numpy()


def _described(layer: keras.Layer, model: keras.Model) -> PictureLayer:
    height, width = layer.output.shape[1:3]
    behind = convolutions_behind(layer, model)
    return {"name": layer.name, "height": height, "width": width, "behind": behind}


def _as_labels(labels: np.ndarray) -> np.ndarray:
    return labels.astype(np.int32)
