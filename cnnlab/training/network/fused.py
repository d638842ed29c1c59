"""Keras' layer and optimizers of the same names, computed by TensorFlow's fused kernels.

The formulas, names and variables are Keras' own; only the rounding differs. A network that trains
is built of them, the one that is given away is not.
"""

from collections.abc import Callable

import keras
import tensorflow as tf


class BatchNormalization(keras.layers.BatchNormalization):
    """Batch norm over images in one pass instead of Keras' several, a tenth off a ResNet's step."""

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Normalize by the batch while training, by the moving statistics else.

        Args:
            inputs: (B, H, W, C) of a float dtype; flat values and statistics over several devices
                are left to Keras.
            training: whether to normalize by the batch and move the statistics on.
        """
        if not (training and self.trainable and len(inputs.shape) == 4) or self.synchronized:
            return super().call(inputs, training=training)
        outputs, mean, variance = normalized_by_batch(self, inputs)
        for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + new * (1 - self.momentum))
        return outputs


def normalized_by_batch(
    layer: keras.layers.BatchNormalization, inputs: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """What a batch norm gives in training, and the statistics of the batch that it takes.

    Args:
        layer: over the last axis, with scale and shift.
        inputs: (B, H, W, C) or (B, C) of a float dtype.

    Returns:
        Outputs of the inputs' shape and dtype, mean (C,) and variance (C,) float32, the latter
        without Bessel's correction, as Keras has it.
    """
    none, flat = tf.constant([], tf.float32), len(inputs.shape) == 2
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=inputs[:, None, None] if flat else inputs,
        scale=tf.convert_to_tensor(layer.gamma),
        offset=tf.convert_to_tensor(layer.beta),
        mean=none,
        variance=none,
        epsilon=layer.epsilon,
        is_training=True,
    )
    # The kernel tells the variance with Bessel's correction.
    values = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
    variance *= tf.maximum(values - 1, 1) / values
    return outputs[:, 0, 0] if flat else outputs, mean, variance


class _FusedStep:
    """Adam's update in one pass over each weight instead of a dozen (arXiv:1412.6980)."""

    # Of the optimizer that this is mixed into.
    beta_1: float
    beta_2: float
    epsilon: float
    iterations: keras.Variable
    _momentums: list[keras.Variable]
    _velocities: list[keras.Variable]
    _get_variable_index: Callable[[keras.Variable], int]

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Move one weight and its two moments.

        Args:
            gradient: of the variable's shape.
            variable: float32.
            learning_rate: ().
        """
        index = self._get_variable_index(variable)
        beta_1, beta_2 = tf.constant(self.beta_1), tf.constant(self.beta_2)
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, tf.float32),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class Adam(_FusedStep, keras.optimizers.Adam):
    """Keras' Adam, without AMSGrad."""


class AdamW(_FusedStep, keras.optimizers.AdamW):
    """Keras' AdamW, without AMSGrad."""
