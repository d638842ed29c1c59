"""Keras' regularizers with strengths that are read from dials at every step.

Each class is named after the one that it stands for. Its draws are the same to the bit, and so is
what it computes, but for three things: where both penalties are on, their gradients are added in
another order; what is dropped is multiplied by 0, so an infinite value stays none; and a dropped
negative value is -0. None of them may become part of an exported model: they know only their
variables.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
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
        one = tf.ones([1] * len(inputs.shape), inputs.dtype)
        # A condition around the factors alone is none that has to be differentiated.
        return inputs * tf.cond(rate > 0, lambda: self._factors(inputs, rate, seed), lambda: one)

    def _factors(self, inputs: tf.Tensor, rate: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """As `tf.nn.experimental.stateless_dropout` draws them for a rate that is a constant."""
        # Keras narrows its seeds like this.
        seed = tf.cast(tf.math.floormod(seed, tf.int32.max - 1), tf.int32)
        draws = tf.random.stateless_uniform(self._noise_shape(inputs), seed, dtype=inputs.dtype)
        kept = draws >= tf.cast(rate, inputs.dtype)
        return tf.where(kept, tf.cast(1 / (1 - rate), inputs.dtype), 0)

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
        l1, l2 = (tf.cast(dial, x.dtype) for dial in (self._l1, self._l2))
        return l1 * _absolute.sum(x) + l2 * _squared.sum(x)

    def add(
        self,
        kernels: list[tf.Tensor],
        gradients: list[tf.Tensor],
        scale: tf.Tensor,
        skip_zero: bool = True,
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Penalty of kernels, and gradients with what it adds to them.

        Args:
            kernels: float32.
            gradients: of the kernels' shapes.
            scale: () float32, factor of the loss that `gradients` are of.
            skip_zero: whether to leave out at every step what is at 0 then. XLA computes it in
                passing, and aborts the process at conditions around gradients (TensorFlow 2.21).

        Returns:
            The penalty () without that factor, and the gradients with it.
        """
        sums: list[tf.Tensor] = []
        for dial, norm in ((self._l2, _squared), (self._l1, _absolute)):
            strength = tf.cast(dial, scale.dtype)
            change = functools.partial(norm.change, kernels, gradients, strength, scale)
            keep = functools.partial(norm.keep, gradients)
            new, gradients = tf.cond(strength > 0, change, keep) if skip_zero else change()
            sums += new
        return tf.add_n(sums), gradients


@dataclass(frozen=True)
class _Norm:
    """A sum over the values of a kernel, and its slope.

    One addition for each gradient and none of the sums: what is added up from three or more within
    a condition, TensorFlow's memory optimizer may turn into something that fails where the
    condition doesn't hold.
    """

    of: Callable[[tf.Tensor], tf.Tensor]
    slope: Callable[[tf.Tensor], tf.Tensor]

    def sum(self, kernel: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(self.of(kernel))

    def change(
        self,
        kernels: list[tf.Tensor],
        gradients: list[tf.Tensor],
        strength: tf.Tensor,
        scale: tf.Tensor,
    ) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Penalty of each kernel, and its gradient with that of the penalty."""
        pairs = zip(kernels, gradients, strict=True)
        return [strength * self.sum(kernel) for kernel in kernels], [
            gradient + strength * scale * self.slope(kernel) for kernel, gradient in pairs
        ]

    def keep(self, gradients: list[tf.Tensor]) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """No penalty."""
        return [tf.zeros(()) for _ in gradients], list(gradients)


_absolute = _Norm(tf.abs, tf.sign)
_squared = _Norm(tf.square, lambda kernel: 2 * kernel)


class Model(keras.Model):
    """A functional model whose training step adds the penalties and their gradients by formula.

    Differentiating the conditions of the dials would take a quarter of a second at the start, and
    add zeros to every gradient while the dials are off.

    Attributes:
        step_forward: what a training step computes: the model, or its head where features are
            computed once.
    """

    step_forward: Callable[..., tf.Tensor] | None = None

    @property
    def losses(self) -> list[tf.Tensor]:
        """None: Keras is to differentiate no penalty."""
        return []

    def penalty(self) -> float:
        """What the L1 and L2 penalties of all kernels that are trained come to now."""
        return float(sum(kernel.regularizer(kernel) for kernel in self._penalized()))

    def train_step(self, data: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        """One weight update, as Keras' own does it but for the penalties.

        Args:
            data: images or features, one-hot labels and, with class weights, sample weights.

        Returns:
            Every metric so far in this epoch, () float32 each.
        """
        images, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        with tf.GradientTape() as tape:
            probabilities = (self.step_forward or self)(images, training=True)
            loss = self.compute_loss(images, labels, probabilities, weights, training=True)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self.trainable_weights)
        scale = self.optimizer.scale_loss(tf.constant(1 / replicas))
        penalty, gradients = self._with_penalty(gradients, scale)
        # Keras divides the loss among the replicas, so that their gradients can be added up.
        self._loss_tracker.update_state(
            loss * replicas + penalty, sample_weight=tf.shape(images)[0]
        )
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return self.compute_metrics(images, labels, probabilities, sample_weight=weights)

    def _penalized(self) -> list[keras.Variable]:
        return [weight for weight in self.trainable_weights if weight.regularizer is not None]

    def _with_penalty(
        self, gradients: list[tf.Tensor], scale: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The penalty, and the gradients of all trainable weights with what it adds to them."""
        kernels = self._penalized()
        by_path = dict(zip((w.path for w in self.trainable_weights), gradients, strict=True))
        penalty, changed = kernels[0].regularizer.add(
            [tf.convert_to_tensor(kernel) for kernel in kernels],
            [by_path[kernel.path] for kernel in kernels],
            scale,
            skip_zero=not self.jit_compile,
        )
        by_path |= dict(zip((kernel.path for kernel in kernels), changed, strict=True))
        return penalty, list(by_path.values())


def _smoothed(y_true: tf.Tensor, y_pred: tf.Tensor, smoothing: tf.Variable) -> tf.Tensor:
    """Labels of which a share goes to all classes alike, rounded as Keras rounds it."""
    dtype, share = y_pred.dtype, tf.convert_to_tensor(smoothing)
    kept, shared = tf.cast(1 - share, dtype), tf.cast(share, dtype)
    return tf.cast(y_true, dtype) * kept + shared / y_pred.shape[-1]


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
        return super().call(_smoothed(y_true, y_pred, self._smoothing), y_pred)


class CategoricalFocalCrossentropy(keras.losses.CategoricalFocalCrossentropy):
    """Focal loss with labels that are smoothed, and easy images left out, as far as dials say."""

    def __init__(self, smoothing: tf.Variable, gamma: tf.Variable) -> None:
        """Store the dials.

        Args:
            smoothing: () float64, share of the target that goes to all classes alike.
            gamma: () float64, see `training.focal_gamma`.
        """
        super().__init__(alpha=1.0)
        self._smoothing, self._gamma = smoothing, gamma

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Focal loss of each image, (B,).

        Args:
            y_true: (B, classes), rows sum to 1.
            y_pred: (B, classes) probabilities.
        """
        gamma = tf.cast(tf.convert_to_tensor(self._gamma), y_pred.dtype)
        labels = _smoothed(y_true, y_pred, self._smoothing)
        return keras.losses.categorical_focal_crossentropy(labels, y_pred, alpha=1.0, gamma=gamma)
