"""What augmentations compute with: array operations and random numbers, of TensorFlow or numpy."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

Array = Any
"""A tensor in training, a numpy array in the preview: both know operators, slices and `shape`."""

Strengths = Mapping[str, Any]
"""The augmentation fields that are on, by name: as in the config, or () float64 from a dial."""

Parameters = dict[str, Array]
"""What was drawn for the images of a batch, (B, ...) each, by name."""

Shape = tuple[int, int, int]
"""Height, width and channels of an image."""

ChangeImage = Callable[[np.ndarray, np.ndarray, np.ndarray], None]
"""From one image (H, W, C) float32 and its own part of `how` into the third array."""


class ArrayOps(Protocol):
    """Operations that numpy and TensorFlow call differently; they mean what numpy's do.

    Constants are numpy arrays of float32: the operators of both take them.
    """

    def cast(self, values: Array, dtype: str) -> Array:
        """`values` as an array of this dtype, such as `float32`."""

    def where(self, condition: Array, chosen: Array, other: Array) -> Array:
        """`chosen` where the condition holds, else `other`; float32."""

    def clip(self, values: Array, low: Array, high: Array) -> Array:
        """`values`, none below `low` or above `high`."""

    def cos(self, values: Array) -> Array:
        """Cosine of radians."""

    def sin(self, values: Array) -> Array:
        """Sine of radians."""

    def tan(self, values: Array) -> Array:
        """Tangent of radians."""

    def exp(self, values: Array) -> Array:
        """Exponential function."""

    def sqrt(self, values: Array) -> Array:
        """Square root."""

    def square(self, values: Array) -> Array:
        """`values` times themselves."""

    def pow(self, base: Array, exponent: Array) -> Array:
        """`base` to the power of `exponent`."""

    def abs(self, values: Array) -> Array:
        """Distance from 0."""

    def sign(self, values: Array) -> Array:
        """-1, 0 or 1."""

    def floor(self, values: Array) -> Array:
        """The next whole number below."""

    def round(self, values: Array) -> Array:
        """The next whole number, of two the even one."""

    def maximum(self, first: Array, second: Array) -> Array:
        """The greater of each two."""

    def divide_no_nan(self, above: Array, below: Array) -> Array:
        """The quotient, 0 where `below` is 0."""

    def zeros_like(self, values: Array) -> Array:
        """Zeros of the same shape and dtype."""

    def sum(self, values: Array, axis: int, keepdims: bool = False) -> Array:
        """Sum over an axis."""

    def mean(self, values: Array, axis: tuple[int, ...], keepdims: bool = False) -> Array:
        """Mean over axes."""

    def min(self, values: Array, axis: tuple[int, ...], keepdims: bool = False) -> Array:
        """Least value over axes."""

    def max(self, values: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
        """Greatest value over axes."""

    def any(self, values: Array, axis: int) -> Array:
        """Whether one holds over an axis."""

    def stack(self, values: Sequence[Array], axis: int) -> Array:
        """Arrays of one shape along a new axis."""

    def reshape(self, values: Array, shape: Sequence[int]) -> Array:
        """The same values in another shape; one side may be -1."""

    def gather(self, values: Array, positions: Array) -> Array:
        """Rows of `values` at (B,) int positions."""

    def matmul(self, first: Array, second: Array, transpose_b: bool = False) -> Array:
        """Matrix product over the last two axes."""

    def mix_columns(self, weights: Array, images: Array) -> Array:
        """(B, H, V, C) from (B, V, W) and (B, H, W, C): each column a sum of weighted ones."""

    def smooth(self, images: Array) -> Array:
        """The mean of the 3 x 3 pixels around each one, reflected at the edges."""

    def resize_bicubic(self, grid: Array, size: tuple[int, int]) -> Array:
        """(B, h, w, C) to (B, *size, C): Keys' cubic with a = -0.5 between the points."""

    def image_by_image(self, change: ChangeImage, images: Array, how: Array) -> Array:
        """`change` every image in numpy, each with its own part of `how` (B, ...)."""


class Draws(Protocol):
    """Random numbers for the images of one batch; every name has numbers of its own."""

    def uniform(self, name: str, low: Array, high: Array) -> Array:
        """(B,) float32 in [low, high), one number for each image."""

    def normal(self, name: str, shape: tuple[int, ...]) -> Array:
        """(B, *shape) float32 of the standard normal distribution."""

    def integers(self, name: str, shape: tuple[int, ...], below: int) -> Array:
        """(B, *shape) int32 in [0, below)."""

    def symmetric(self, name: str, shape: tuple[int, ...]) -> Array:
        """(B, *shape) float32 in [-1, 1)."""

    def gamma(self, name: str, shape: tuple[int, ...], alpha: Array) -> Array:
        """(B, *shape) float32 of the gamma distribution with shape `alpha` and rate 1."""

    def permutation(self, name: str) -> Array:
        """(B,) int32, the batch's positions in random order."""
