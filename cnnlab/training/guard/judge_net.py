"""A small net that is trained within seconds, on images as they are or augmented."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from cnnlab.augmentations.chain import augment
from cnnlab.augmentations.in_numpy import NUMPY_OPS, NumpyDraws
from cnnlab.augmentations.ops import Strengths
from cnnlab.training.seeds import derive_seed

Weights = list[np.ndarray]

_WIDTHS = (16, 32, 64)
_BATCH = 32
_AT_ONCE = 256
_JITTER = {"shift_fraction": 0.06}
"""With which images as they are are trained on, too: two pixels change no label."""


class JudgeNet:
    """One net, whose weights come and go: TensorFlow compiles it once.

    Three convolutions and one layer on what is seen where and on what is seen anywhere, so that
    both a place and a shape may decide.

    Args:
        shape: of an image: height, width, channels.
        classes: at least 2.
        beat: called after every step.
    """

    def __init__(
        self, shape: tuple[int, int, int], classes: int, beat: Callable[[], object]
    ) -> None:
        self._beat = beat
        self._model = _build(shape, classes)
        self._optimizer = keras.optimizers.Adam(1e-3)
        self._optimizer.build(self._model.trainable_variables)
        self._fresh = [variable.numpy() for variable in self._optimizer.variables]
        images = tf.TensorSpec((None, *shape), tf.float32)
        labels = tf.TensorSpec((None,), tf.int64)
        self._step = tf.function(self._update, input_signature=[images, labels], jit_compile=False)
        self._forward = tf.function(self._said, input_signature=[images], jit_compile=False)
        self.start: Weights = self._model.get_weights()

    def train(  # noqa: PLR0913 - what a training is made of
        self,
        start: Weights,
        images: np.ndarray,
        labels: np.ndarray,
        strengths: Strengths,
        *,
        steps: int,
        rate: float,
        seed: int,
    ) -> Weights:
        """Train with the rate falling to zero on a cosine.

        Args:
            start: weights to begin with.
            images: (N, H, W, C) uint8.
            labels: (N,) int.
            strengths: of the augmentation beside a small shift; empty for images as they are.
            steps: at least so many updates, in whole epochs.
            rate: learning rate at the start.
            seed: of order and draws.

        Returns:
            The weights after it.
        """
        self._model.set_weights(start)
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        random = np.random.default_rng(seed)
        size = min(_BATCH, len(images))
        each = len(images) // size
        epochs = -(-steps // each)
        for epoch in range(epochs):
            shown = augmented(images, {**_JITTER, **strengths}, seed * 1000 + epoch)
            order = random.permutation(len(images))
            for number in range(each):
                part = (epoch * each + number) / (epochs * each)
                self._optimizer.learning_rate.assign(rate * 0.5 * (1 + np.cos(np.pi * part)))
                batch = order[number * size : (number + 1) * size]
                self._step(shown[batch], labels[batch].astype(np.int64))
                self._beat()
        weights: Weights = self._model.get_weights()
        return weights

    def say(self, weights: Weights, images: np.ndarray) -> np.ndarray:
        """(N, classes) float32 logarithms of the probabilities of images (N, H, W, C) 0..255."""
        self._model.set_weights(weights)
        said = np.empty((len(images), self._model.output_shape[-1]), np.float32)
        for begin in range(0, len(images), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            said[part] = self._forward(images[part].astype(np.float32))
            self._beat()
        return said

    def _update(self, images: tf.Tensor, labels: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = self._model(images, training=True)
            loss = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
            loss = tf.reduce_mean(loss)
        variables = self._model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    def _said(self, images: tf.Tensor) -> tf.Tensor:
        return tf.nn.log_softmax(self._model(images, training=False))


def augmented(images: np.ndarray, strengths: Strengths, seed: int) -> np.ndarray:
    """Images (N, H, W, C) uint8 as training would see them, float32 in 0..255."""
    shown = np.empty(images.shape, np.float32)
    for begin in range(0, len(images), _AT_ONCE):
        batch = images[begin : begin + _AT_ONCE].astype(np.float32)
        draws = NumpyDraws(seed, begin, len(batch))
        labels = np.zeros((len(batch), 1), np.float32)
        shown[begin : begin + _AT_ONCE] = augment(batch, labels, strengths, draws, NUMPY_OPS)[0]
    return shown


def _build(shape: tuple[int, int, int], classes: int) -> keras.Model:
    layers = keras.layers
    inputs = keras.Input(shape)
    values = layers.Rescaling(1 / 64, -2)(inputs)
    for width in _WIDTHS:
        initializer = keras.initializers.HeNormal(derive_seed(0, "guard", str(width)))
        values = layers.Conv2D(
            width, 3, padding="same", use_bias=False, kernel_initializer=initializer
        )(values)
        values = layers.BatchNormalization(momentum=0.9)(values)
        values = layers.MaxPooling2D(2)(layers.ReLU()(values))
    seen = [layers.GlobalMaxPooling2D()(values), layers.Flatten()(values)]
    values = layers.Dropout(0.3, seed=derive_seed(0, "guard", "dropout"))(
        layers.Concatenate()(seen)
    )
    initializer = keras.initializers.GlorotUniform(derive_seed(0, "guard", "dense"))
    return keras.Model(inputs, layers.Dense(classes, kernel_initializer=initializer)(values))
