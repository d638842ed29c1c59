"""Geometry: one warp for flip, rotation, zoom, shift, shear and perspective together.

Coordinates are pixel centres, x first; a matrix maps an output pixel to the input pixel that is
read there, as ImageProjectiveTransformV3 wants it. `cnnlab.datasets.augment` draws the preview by
the same formulas in numpy.
"""

import math

import tensorflow as tf

from cnnlab.training.draws import Draws, Strengths

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

_ELASTIC_PURPOSE = 101
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
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.reshape(matrices, [-1, 9])[:, :8],
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )
    return tf.ensure_shape(warped, images.shape)


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
    grid = tf.cast(px, tf.float32) * draws.symmetric(
        _ELASTIC_PURPOSE, (_ELASTIC_GRID, _ELASTIC_GRID, 2)
    )
    return tf.image.resize(grid, (height, width), method="bicubic")


def displace(images: tf.Tensor, displacement: tf.Tensor) -> tf.Tensor:
    """Read every pixel `displacement` px away: bilinear, reflected at the edges.

    Args:
        images: (B, H, W, C) float32.
        displacement: (B, H, W, 2) float32 px, x first.
    """
    height, width = images.shape[1:3]
    x = _reflected(tf.range(width, dtype=tf.float32) + displacement[..., 0], width)
    y = _reflected(tf.range(height, dtype=tf.float32)[:, None] + displacement[..., 1], height)
    left, top = tf.floor(x), tf.floor(y)
    share_x, share_y = (x - left)[..., None], (y - top)[..., None]

    def pixels(row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
        row = tf.cast(tf.minimum(row, height - 1.0), tf.int32)
        column = tf.cast(tf.minimum(column, width - 1.0), tf.int32)
        return tf.gather_nd(images, tf.stack([row, column], axis=-1), batch_dims=1)

    upper = pixels(top, left) * (1 - share_x) + pixels(top, left + 1) * share_x
    lower = pixels(top + 1, left) * (1 - share_x) + pixels(top + 1, left + 1) * share_x
    return upper * (1 - share_y) + lower * share_y


def _reflected(position: tf.Tensor, size: int) -> tf.Tensor:
    """Positions beyond an edge, mirrored there as the warp does it: d c b a | a b c d | d c b a."""
    position = tf.math.floormod(position + 0.5, 2.0 * size)
    position = tf.minimum(position, 2.0 * size - position) - 0.5
    return tf.clip_by_value(position, 0.0, size - 1.0)
