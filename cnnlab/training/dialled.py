"""Keras' regularizers with strengths that are read from dials at every step.

Each class is named after the one that it stands for and computes the same bits as that one does
with a constant. None of them may become part of an exported model: they know only their variables.
"""

from typing import Any

import keras
import tensorflow as tf


class _Random(keras.Layer):
    """A layer that acts while training only, with random numbers as Keras' layers draw them."""

    def __init__(self, dial: tf.Variable, seed: int, **arguments: Any) -> None:  # noqa: ANN401
        super().__init__(**arguments)
        self.dial = dial
        self.seed_generator = keras.random.SeedGenerator(seed)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape


class Dropout(_Random):
    """Zeroes a share of the values that a dial decides; costs next to nothing at rate 0."""

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Apply the dropout of this step.

        Args:
            inputs: (B, ...) of a float dtype.
            training: whether to drop anything.
        """
        if not training:
            return inputs
        # The seed moves on at rate 0 too, so that a step's draws don't depend on earlier turns.
        seed = self.seed_generator.next()
        rate = tf.convert_to_tensor(self.dial)
        return tf.cond(rate > 0, lambda: self._dropped(inputs, rate, seed), lambda: inputs)

    def _dropped(self, inputs: tf.Tensor, rate: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """As `tf.nn.experimental.stateless_dropout` does it for a rate that is a constant."""
        # Keras narrows its seeds like this.
        seed = tf.cast(tf.math.floormod(seed, tf.int32.max - 1), tf.int32)
        draws = tf.random.stateless_uniform(self._noise_shape(inputs), seed, dtype=inputs.dtype)
        kept = draws >= tf.cast(rate, inputs.dtype)
        return tf.where(kept, inputs * tf.cast(1 / (1 - rate), inputs.dtype), 0)

    def _noise_shape(self, inputs: tf.Tensor) -> tf.Tensor | list[Any]:
        return tf.shape(inputs)


class SpatialDropout2D(Dropout):
    """Zeroes a share of the channels of each image."""

    def _noise_shape(self, inputs: tf.Tensor) -> tf.Tensor | list[Any]:
        return [tf.shape(inputs)[0], 1, 1, inputs.shape[-1]]


class GaussianNoise(_Random):
    """Adds noise of a standard deviation that a dial decides."""

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Add the noise of this step.

        Args:
            inputs: (B, ...) of a float dtype.
            training: whether to add anything.
        """
        if not training:
            return inputs
        stddev = tf.cast(self.dial, inputs.dtype)
        return inputs + keras.random.normal(
            tf.shape(inputs), 0.0, stddev, inputs.dtype, self.seed_generator
        )


class L1L2(keras.regularizers.Regularizer):
    """l1 * sum(|w|) + l2 * sum(w^2), both strengths from dials."""

    def __init__(self, l1: tf.Variable, l2: tf.Variable) -> None:
        """Store the dials.

        Args:
            l1: () float64.
            l2: () float64.
        """
        self._l1, self._l2 = l1, l2

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Penalty of one kernel, () float32."""
        return self.penalties([x])[0]

    def penalties(self, kernels: list[tf.Tensor]) -> list[tf.Tensor]:
        """Penalty of each kernel, () each, under one condition: what is at 0 isn't computed."""
        dtype = kernels[0].dtype

        def neither() -> list[tf.Tensor]:
            return [tf.zeros((), dtype) for _ in kernels]

        def absolute() -> list[tf.Tensor]:
            l1 = tf.cast(self._l1, dtype)
            return [l1 * tf.reduce_sum(tf.abs(kernel)) for kernel in kernels]

        def squared() -> list[tf.Tensor]:
            l2 = tf.cast(self._l2, dtype)
            return [l2 * tf.reduce_sum(tf.square(kernel)) for kernel in kernels]

        def both() -> list[tf.Tensor]:
            return [l1 + l2 for l1, l2 in zip(absolute(), squared(), strict=True)]

        on = tf.cast(self._l1 > 0, tf.int32) + 2 * tf.cast(self._l2 > 0, tf.int32)
        return tf.switch_case(on, [neither, absolute, squared, both])


class Model(keras.Model):
    """A functional model that computes the penalties of all its kernels together."""

    @property
    def losses(self) -> list[tf.Tensor]:
        """Penalty of every kernel that is trained, () float32 each."""
        kernels = [weight for weight in self.trainable_weights if weight.regularizer is not None]
        if not kernels:
            return []
        return kernels[0].regularizer.penalties(
            [tf.convert_to_tensor(kernel) for kernel in kernels]
        )


class CategoricalCrossentropy(keras.losses.CategoricalCrossentropy):
    """Cross-entropy with labels that are smoothed as far as a dial says."""

    def __init__(self, smoothing: tf.Variable) -> None:
        """Store the dial.

        Args:
            smoothing: () float64, share of the target that goes to all classes alike.
        """
        super().__init__()
        self._smoothing = smoothing

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Cross-entropy of each image, (B,).

        Args:
            y_true: (B, classes), rows sum to 1.
            y_pred: (B, classes) probabilities.
        """
        dtype = y_pred.dtype
        smoothing = tf.convert_to_tensor(self._smoothing)
        kept, shared = tf.cast(1 - smoothing, dtype), tf.cast(smoothing, dtype)
        return super().call(tf.cast(y_true, dtype) * kept + shared / y_pred.shape[-1], y_pred)
