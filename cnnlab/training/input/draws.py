"""Stateless random numbers of one step: the same (seed, step) always gives the same ones."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

Strengths = Mapping[str, Any]
"""The augmentation fields that are on, by name: as in the config, or () float64 from a dial."""

_COLUMNS = (
    "flip_x", "flip_y", "rotation", "zoom", "shift_x", "shift_y", "shear", "perspective_x",
    "perspective_y", "contrast", "brightness", "saturation", "hue", "grayscale", "blur",
    "erasing_area", "erasing_aspect", "erasing_x", "erasing_y", "patch_x", "patch_y",
)  # fmt: skip
"""Append only: a name's column decides its numbers in every run there ever was."""

# The same numbers on every device, where "auto_select" would let the device choose.
_ALGORITHM = "philox"


class Draws:
    """Random numbers for the images of one batch.

    Every purpose has numbers of its own, so that switching one augmentation on changes no draw
    of another.
    """

    def __init__(self, seed: int, step: tf.Tensor, images: tf.Tensor) -> None:
        """Draw for one batch.

        Args:
            seed: of the run, 31 bits.
            step: () int64, global step.
            images: () int32, number of images in the batch.
        """
        self._seed = tf.stack([tf.constant(seed, tf.int64), step])
        self._images = images
        shape = [images, len(_COLUMNS)]
        self._table = tf.random.stateless_uniform(shape, self._seed, alg=_ALGORITHM)

    def uniform(self, name: str, low: float | tf.Tensor, high: float | tf.Tensor) -> tf.Tensor:
        """(B,) float32 in [low, high), one number for each image; the limits may be float64."""
        span = tf.cast(high - low, tf.float32)
        return tf.cast(low, tf.float32) + span * self._table[:, _COLUMNS.index(name)]

    def normal(self, purpose: int, shape: tuple[int, ...]) -> tf.Tensor:
        """(B, *shape) float32 of the standard normal distribution."""
        seed = self._folded(purpose)
        return tf.random.stateless_normal([self._images, *shape], seed, alg=_ALGORITHM)

    def integers(self, purpose: int, shape: tuple[int, ...], below: int) -> tf.Tensor:
        """(B, *shape) int32 in [0, below)."""
        shape = [self._images, *shape]
        seed = self._folded(purpose)
        return tf.random.stateless_uniform(shape, seed, 0, below, tf.int32, alg=_ALGORITHM)

    def symmetric(self, purpose: int, shape: tuple[int, ...]) -> tf.Tensor:
        """(B, *shape) float32 in [-1, 1)."""
        shape = [self._images, *shape]
        return tf.random.stateless_uniform(shape, self._folded(purpose), -1, 1, alg=_ALGORITHM)

    def gamma(self, purpose: int, shape: tuple[int, ...], alpha: float | tf.Tensor) -> tf.Tensor:
        """(B, *shape) float32 of the gamma distribution with shape `alpha` and rate 1."""
        seed = self._folded(purpose)
        alpha = tf.cast(alpha, tf.float32)
        return tf.random.stateless_gamma([self._images, *shape], seed, alpha)

    def permutation(self, purpose: int) -> tf.Tensor:
        """(B,) int32, the batch's positions in random order."""
        positions = tf.range(self._images)
        seed = self._folded(purpose)
        return tf.random.experimental.stateless_shuffle(positions, seed, alg=_ALGORITHM)

    def _folded(self, purpose: int) -> tf.Tensor:
        return tf.random.experimental.stateless_fold_in(self._seed, purpose)
