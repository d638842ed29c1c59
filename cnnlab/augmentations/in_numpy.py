"""Array operations and random numbers in numpy, for pictures that are only looked at."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from cnnlab.augmentations.ops import Array, ArrayOps, ChangeImage
from cnnlab.augmentations.streams import stream_of

_CUBIC_TABLE = 1024
"""TensorFlow reads its bicubic weights from a table of so many steps between two points."""


class NumpyOps:
    """`ArrayOps` by numpy, in float32 as training computes."""

    cos, sin, tan, exp = np.cos, np.sin, np.tan, np.exp
    sqrt, square, abs, sign, floor, round = np.sqrt, np.square, np.abs, np.sign, np.floor, np.rint
    maximum, zeros_like, clip = np.maximum, staticmethod(np.zeros_like), staticmethod(np.clip)
    sum, mean, any = staticmethod(np.sum), staticmethod(np.mean), staticmethod(np.any)
    min, max = staticmethod(np.min), staticmethod(np.max)
    stack, reshape = staticmethod(np.stack), staticmethod(np.reshape)

    def cast(self, values: Array, dtype: str) -> Array:
        """`values` with another dtype."""
        return np.asarray(values, dtype)

    def where(self, condition: Array, chosen: Array, other: Array) -> Array:
        """`chosen` where the condition holds, else `other`; float32."""
        return np.where(condition, np.float32(chosen), np.float32(other))

    def pow(self, base: Array, exponent: Array) -> Array:
        """`base` to the power of `exponent`."""
        return np.power(np.float32(base), exponent)

    def divide_no_nan(self, above: Array, below: Array) -> Array:
        """The quotient, 0 where `below` is 0."""
        return np.divide(above, below, out=np.zeros_like(above), where=below != 0)

    def gather(self, values: Array, positions: Array) -> Array:
        """Rows of `values` at (B,) int positions."""
        return values[positions]

    def matmul(self, first: Array, second: Array, transpose_b: bool = False) -> Array:
        """Matrix product over the last two axes."""
        return first @ (np.swapaxes(second, -1, -2) if transpose_b else second)

    def mix_columns(self, weights: Array, images: Array) -> Array:
        """(B, H, V, C) from (B, V, W) and (B, H, W, C): each column a sum of weighted ones."""
        batch, height, width, channels = images.shape
        columns = images.transpose(0, 2, 1, 3).reshape(batch, width, height * channels)
        mixed = (weights @ columns).reshape(batch, -1, height, channels)
        return np.ascontiguousarray(mixed.transpose(0, 2, 1, 3))

    def smooth(self, images: Array) -> Array:
        """The mean of the 3 x 3 pixels around each one, reflected at the edges."""
        padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], "reflect")
        rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
        return (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9

    def resize_bicubic(self, grid: Array, size: tuple[int, int]) -> Array:
        """(B, h, w, C) to (B, *size, C): Keys' cubic with a = -0.5 between the points."""
        down, across = (_cubic(old, new) for old, new in zip(grid.shape[1:3], size, strict=True))
        return np.einsum("yh,xw,bhwc->byxc", down, across, grid, optimize=True)

    def image_by_image(self, change: ChangeImage, images: Array, how: Array) -> Array:
        """`change` every image, each with its own part of `how` (B, ...)."""
        changed = np.empty_like(images)
        for image, own, into in zip(images, how, changed, strict=True):
            change(image, own, into)
        return changed


# numpy's own functions call their arguments otherwise.
NUMPY_OPS = cast("ArrayOps", NumpyOps())


def _cubic(old: int, new: int) -> np.ndarray:
    """(new, old) float32: how much each new point takes from each old one."""
    places = (np.arange(new) + 0.5) * old / new - 0.5
    below = np.floor(places)
    places = below + np.rint((places - below) * _CUBIC_TABLE) / _CUBIC_TABLE
    far = np.abs(places[:, None] - np.arange(old))
    near = (1.5 * far - 2.5) * far**2 + 1
    outer = ((-0.5 * far + 2.5) * far - 4) * far + 2
    weights = np.where(far <= 1, near, np.where(far < 2, outer, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


class NumpyDraws:
    """`Draws` by numpy: other numbers than training's, from the same distributions."""

    def __init__(self, seed: int, step: int, images: int) -> None:
        """Draw for one batch.

        Args:
            seed: at least 0.
            step: counts the batches.
            images: number of images in the batch.
        """
        self._seed, self._images = (seed, step), images

    def uniform(self, name: str, low: Array, high: Array) -> Array:
        """(B,) float32 in [low, high), one number for each image."""
        return np.float32(low + (high - low) * self._generator(name).random(self._images))

    def normal(self, name: str, shape: Sequence[int]) -> Array:
        """(B, *shape) float32 of the standard normal distribution."""
        return self._generator(name).standard_normal((self._images, *shape), np.float32)

    def integers(self, name: str, shape: Sequence[int], below: int) -> Array:
        """(B, *shape) int32 in [0, below)."""
        return self._generator(name).integers(0, below, (self._images, *shape), np.int32)

    def symmetric(self, name: str, shape: Sequence[int]) -> Array:
        """(B, *shape) float32 in [-1, 1)."""
        return 2 * self._generator(name).random((self._images, *shape), np.float32) - 1

    def gamma(self, name: str, shape: Sequence[int], alpha: Array) -> Array:
        """(B, *shape) float32 of the gamma distribution with shape `alpha` and rate 1."""
        return np.float32(self._generator(name).gamma(alpha, size=(self._images, *shape)))

    def permutation(self, name: str) -> Array:
        """(B,) int, the batch's positions in random order."""
        return self._generator(name).permutation(self._images)

    def _generator(self, name: str) -> np.random.Generator:
        return np.random.default_rng([*self._seed, stream_of(name)])
