"""Colour: one change of each pixel for everything that mixes red, green and blue."""

import numpy as np

from cnnlab.augmentations.member import Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Parameters

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""

GREY = np.array([LUMA] * 3, np.float32)
"""Takes all colour from a column of red, green and blue."""

IDENTITY = np.eye(3, dtype=np.float32)
"""Leaves a column of red, green and blue as it is."""

_TO_YIQ = np.array([LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)])
_FROM_YIQ = np.linalg.inv(_TO_YIQ).astype(np.float32)


def change_colour(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    """Apply contrast about each channel's mean, brightness, saturation, hue and grayscale.

    Args:
        images: (B, H, W, C) float32 in 0..255; the result isn't clipped.
        drawn: some of `contrast` and `saturation` (factors), `brightness` (fraction of white that
            is added), `hue` (radians), `grayscale` (0 or 1), (B,) float32 each, and matrices
            (B, 3, 3) on red, green and blue whose names end in `_matrix`. All but contrast and
            brightness are for images of three channels.
        ops: TensorFlow's or numpy's.
    """
    if "contrast" in drawn:
        factor = drawn["contrast"][:, None, None, None]
        images = images * factor + (1 - factor) * ops.mean(images, (1, 2), keepdims=True)
    if "brightness" in drawn:
        images = images + 255 * drawn["brightness"][:, None, None, None]
    if not drawn.keys() - {"contrast", "brightness"}:
        return images
    height, width = images.shape[1:3]
    pixels = ops.reshape(images, [-1, height * width, 3])
    mixed = ops.matmul(pixels, _mixing(drawn, ops), transpose_b=True)
    return ops.reshape(mixed, [-1, height, width, 3])


def _mixing(drawn: Parameters, ops: ArrayOps) -> Array:
    """(B, 3, 3) float32: saturation, then hue, grayscale and the matrices."""
    mixing: Array = IDENTITY
    if "saturation" in drawn:
        factor = drawn["saturation"][:, None, None]
        mixing = GREY + factor * (IDENTITY - GREY)
    if "hue" in drawn:
        mixing = ops.matmul(_hue_rotation(drawn["hue"], ops), mixing)
    if "grayscale" in drawn:
        mixing = ops.matmul(towards_grey(drawn["grayscale"]), mixing)
    for name, matrix in drawn.items():
        mixing = ops.matmul(matrix, mixing) if name.endswith("_matrix") else mixing
    return mixing


def towards_grey(shares: Array) -> Array:
    """(B, 3, 3) float32 from (B,): 0 leaves the colours, 1 takes them all."""
    return IDENTITY + shares[:, None, None] * (GREY - IDENTITY)


def _hue_rotation(angle: Array, ops: ArrayOps) -> Array:
    """(B, 3, 3) float32: a rotation by `angle` (B,) radians in the I-Q plane of YIQ."""
    cosine, sine = ops.cos(angle), ops.sin(angle)
    zero = ops.zeros_like(angle)
    one = zero + 1.0
    rows = [one, zero, zero, zero, cosine, -sine, zero, sine, cosine]
    rotation = ops.reshape(ops.stack(rows, axis=1), [-1, 3, 3])
    return _FROM_YIQ @ rotation @ _TO_YIQ.astype(np.float32)


COLOUR = Stage(order=40, apply=change_colour, leaves_range=True, needs_range=False)
"""Its augmentations draw numbers for `change_colour`: together they cost one change of pixels."""
