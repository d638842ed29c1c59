"""Geometry: one warp for flip, rotation, zoom, shift, shear and perspective together.

Coordinates are pixel centres, x first; a matrix maps an output pixel to the input pixel that is
read there. OpenCV reads them: what TensorFlow has for it (ImageProjectiveTransformV3) gives the
same pictures in seven times the time, as it computes each channel's coordinates anew.
`cnnlab.datasets.pictures.augment` draws the preview by the same formulas in numpy.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
import tensorflow as tf

from cnnlab.training.input.draws import Draws, Strengths

cv2.setNumThreads(1)  # the batches are made in parallel already

_RADIANS_PER_DEGREE = math.pi / 180
_SPREADS = {
    "rotation": ("rotation_degrees", _RADIANS_PER_DEGREE),
    "shear": ("shear_degrees", _RADIANS_PER_DEGREE),
    "zoom": ("zoom_fraction", 1.0),
    "shift_x": ("shift_fraction", 1.0),
    "shift_y": ("shift_fraction", 1.0),
    "perspective_x": ("perspective_fraction", 1.0),
    "perspective_y": ("perspective_fraction", 1.0),
}
"""What is drawn, the field that says how far, and the field's unit."""

_ELASTIC_GRID = 5

Parameters = dict[str, tf.Tensor]


def draw_warp(on: Strengths, draws: Draws) -> Parameters:
    """Draw the geometry of a batch; only what is switched on has an entry.

    Returns:
        (B,) float32 each: `flip_x`, `flip_y` (-1 or 1), `rotation` and `shear` (radians), `zoom`
        (factor on the coordinates, below 1 enlarges), `shift_x`, `shift_y` (fraction of the
        side), `perspective_x`, `perspective_y` (dimensionless).
    """
    drawn = {}
    for name, directions in (("flip_x", ("horizontal", "both")), ("flip_y", ("vertical", "both"))):
        if on.get("flip") in directions:
            drawn[name] = tf.where(draws.uniform(name, 0, 1) < 0.5, -1.0, 1.0)
    for name, (field, unit) in _SPREADS.items():
        if field in on:
            middle, spread = 1.0 if name == "zoom" else 0.0, on[field] * unit
            drawn[name] = draws.uniform(name, middle - spread, middle + spread)
    return drawn


def warp_matrices(parameters: Parameters, height: int, width: int) -> tf.Tensor:
    """T(c) Shift Rotate Shear Scale Flip Perspective T(-c) with c the centre of the image.

    Args:
        parameters: as `draw_warp` returns them, at least one.
        height: px.
        width: px.

    Returns:
        (B, 3, 3) float32, output pixel (x, y, 1) to input pixel; the last element is 1.
    """
    zero = tf.zeros_like(next(iter(parameters.values())))
    one = zero + 1.0
    get = parameters.get
    cosine, sine = tf.cos(get("rotation", zero)), tf.sin(get("rotation", zero))
    slant = tf.tan(get("shear", zero))
    scale_x = get("zoom", one) * get("flip_x", one)
    scale_y = get("zoom", one) * get("flip_y", one)
    # Rotate(theta) Shear(slant) Scale, multiplied out.
    a, b = cosine * scale_x, (cosine * slant - sine) * scale_y
    d, e = sine * scale_x, (sine * slant + cosine) * scale_y
    g = get("perspective_x", zero) * 2.0 / width
    h = get("perspective_y", zero) * 2.0 / height
    # The last row reads (g, h, 1) in centred coordinates; the centre and the shift are folded in.
    to_x = (width - 1) / 2 + get("shift_x", zero) * width
    to_y = (height - 1) / 2 + get("shift_y", zero) * height
    centred = [a + to_x * g, b + to_x * h, to_x, d + to_y * g, e + to_y * h, to_y, g, h, one]
    matrices = tf.reshape(tf.stack(centred, axis=1), [-1, 3, 3])
    from_centre = tf.constant([[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1]])
    moved = matrices @ tf.cast(from_centre, tf.float32)
    return moved / moved[:, 2:, 2:]


def warp(images: tf.Tensor, matrices: tf.Tensor) -> tf.Tensor:
    """Read every output pixel where its matrix points to: bilinear, reflected at the edges.

    Args:
        images: (B, H, W, C) float32.
        matrices: (B, 3, 3) float32, as `warp_matrices` returns them.
    """
    return _image_by_image(_warp_image, images, matrices)


def draw_displacement(px: float | tf.Tensor, draws: Draws, height: int, width: int) -> tf.Tensor:
    """Draw a smooth displacement (Simard et al. 2003, on a coarse grid).

    Args:
        px: largest displacement of a grid point.
        draws: of the batch.
        height: px.
        width: px.

    Returns:
        (B, H, W, 2) float32 px, x first: uniform on a 5 x 5 grid, bicubic between.
    """
    grid = tf.cast(px, tf.float32) * draws.symmetric("elastic", (_ELASTIC_GRID, _ELASTIC_GRID, 2))
    return tf.image.resize(grid, (height, width), method="bicubic")


def displace(images: tf.Tensor, displacement: tf.Tensor) -> tf.Tensor:
    """Read every pixel `displacement` px away: bilinear, reflected at the edges.

    Args:
        images: (B, H, W, C) float32.
        displacement: (B, H, W, 2) float32 px, x first.
    """
    height, width = images.shape[1:3]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    return _image_by_image(_read_image, images, displacement + tf.constant(grid, tf.float32))


def _image_by_image(
    change: Callable[[np.ndarray, np.ndarray, np.ndarray], None],
    images: tf.Tensor,
    how: tf.Tensor,
) -> tf.Tensor:
    """`change` all images in one call of Python, each with its own part of `how`."""

    def change_all(images: np.ndarray, how: np.ndarray) -> np.ndarray:
        changed = np.empty_like(images)
        for image, own, into in zip(images, how, changed, strict=True):
            change(image, own, into)
        return changed

    changed = tf.numpy_function(change_all, [images, how], tf.float32, stateful=False)
    return tf.ensure_shape(changed, images.shape)


def _warp_image(image: np.ndarray, matrix: np.ndarray, into: np.ndarray) -> None:
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cv2.warpPerspective(image, matrix, image.shape[1::-1], into, how, cv2.BORDER_REFLECT)


def _read_image(image: np.ndarray, places: np.ndarray, into: np.ndarray) -> None:
    cv2.remap(image, places, None, cv2.INTER_LINEAR, into, cv2.BORDER_REFLECT)
