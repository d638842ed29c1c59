"""Stateless random numbers of one step: the same (seed, step) always gives the same ones.

What was drawn before 2026-11-29 has its place in the two tables below. They are frozen for good: an
entry more, or one in another place, would change the numbers of every run there ever was (the
width of a table decides where each image's numbers begin). Whatever is drawn anew needs no entry:
it gets a stream of its own, folded from (seed, step, its name).
"""

import tensorflow as tf

from cnnlab.augmentations.streams import stream_of

_FROZEN_COLUMNS = (
    "flip_x", "flip_y", "rotation", "zoom", "shift_x", "shift_y", "shear", "perspective_x",
    "perspective_y", "contrast", "brightness", "saturation", "hue", "grayscale", "blur",
    "erasing_area", "erasing_aspect", "erasing_x", "erasing_y", "patch_x", "patch_y",
)  # fmt: skip
"""Uniform numbers that are columns of one table, drawn together."""

_FROZEN_STREAMS = {
    "elastic": 101,
    "noise": 102,
    "partners": 103,
    "first_share": 104,
    "second_share": 105,
    "randaugment_choices": 200,
    "randaugment_signs": 201,
    "augmix_choices": 300,
    "augmix_strengths": 301,
    "augmix_depths": 302,
    "augmix_weights": 303,
    "augmix_share": 304,
}
"""What is folded into (seed, step) for streams that were numbered by hand."""

# The same numbers on every device, where "auto_select" would let the device choose.
_ALGORITHM = "philox"


class Draws:
    """Random numbers for the images of one batch.

    Every name has numbers of its own, so that switching one augmentation on changes no draw of
    another.
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
        shape = [images, len(_FROZEN_COLUMNS)]
        self._table = tf.random.stateless_uniform(shape, self._seed, alg=_ALGORITHM)

    def uniform(self, name: str, low: float | tf.Tensor, high: float | tf.Tensor) -> tf.Tensor:
        """(B,) float32 in [low, high), one number for each image; the limits may be float64."""
        span = tf.cast(high - low, tf.float32)
        return tf.cast(low, tf.float32) + span * self._unit(name)

    def normal(self, name: str, shape: tuple[int, ...]) -> tf.Tensor:
        """(B, *shape) float32 of the standard normal distribution."""
        seed = self._folded(name)
        return tf.random.stateless_normal([self._images, *shape], seed, alg=_ALGORITHM)

    def integers(self, name: str, shape: tuple[int, ...], below: int) -> tf.Tensor:
        """(B, *shape) int32 in [0, below)."""
        drawn = [self._images, *shape]
        seed = self._folded(name)
        return tf.random.stateless_uniform(drawn, seed, 0, below, tf.int32, alg=_ALGORITHM)

    def symmetric(self, name: str, shape: tuple[int, ...]) -> tf.Tensor:
        """(B, *shape) float32 in [-1, 1)."""
        drawn = [self._images, *shape]
        return tf.random.stateless_uniform(drawn, self._folded(name), -1, 1, alg=_ALGORITHM)

    def gamma(self, name: str, shape: tuple[int, ...], alpha: float | tf.Tensor) -> tf.Tensor:
        """(B, *shape) float32 of the gamma distribution with shape `alpha` and rate 1."""
        seed = self._folded(name)
        alpha = tf.cast(alpha, tf.float32)
        return tf.random.stateless_gamma([self._images, *shape], seed, alpha)

    def permutation(self, name: str) -> tf.Tensor:
        """(B,) int32, the batch's positions in random order."""
        positions = tf.range(self._images)
        seed = self._folded(name)
        return tf.random.experimental.stateless_shuffle(positions, seed, alg=_ALGORITHM)

    def _unit(self, name: str) -> tf.Tensor:
        """(B,) float32 in [0, 1)."""
        if name in _FROZEN_COLUMNS:
            return self._table[:, _FROZEN_COLUMNS.index(name)]
        return tf.random.stateless_uniform([self._images], self._folded(name), alg=_ALGORITHM)

    def _folded(self, name: str) -> tf.Tensor:
        """(2,) int64: the seed of a stream."""
        stream = _FROZEN_STREAMS.get(name, stream_of(name))
        return tf.random.experimental.stateless_fold_in(self._seed, stream)
