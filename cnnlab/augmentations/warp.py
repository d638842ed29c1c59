"""Geometry: one warp for everything that moves pixels along straight lines.

Coordinates are pixel centres, x first; a matrix maps an output pixel to the input pixel that is
read there. OpenCV reads them: what TensorFlow has for it (ImageProjectiveTransformV3) gives the
same pictures in seven times the time, as it computes each channel's coordinates anew.
"""

import math

import numpy as np

from cnnlab.augmentations.member import Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Parameters

RADIANS_PER_DEGREE = math.pi / 180


def apply_warp(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    """Move the pixels of (B, H, W, C) float32 images by what was drawn for `warp_matrices`."""
    height, width = images.shape[1:3]
    return warp(images, warp_matrices(drawn, height, width, ops), ops)


def warp_matrices(drawn: Parameters, height: int, width: int, ops: ArrayOps) -> Array:
    """T(c) Shift Rotate Shear Scale Flip Perspective T(-c) with c the centre of the image.

    Args:
        drawn: at least one of `flip_x`, `flip_y` (-1 or 1), `rotation` and `shear` (radians),
            `zoom` (factor on the coordinates, below 1 enlarges), `shift_x`, `shift_y` (fraction of
            the side), `perspective_x`, `perspective_y` (see `_tilt`), (B,) float32 each, and
            matrices (B, 3, 3) whose names end in `_matrix`, which are done to output pixels first.
        height: px.
        width: px.
        ops: TensorFlow's or numpy's.

    Returns:
        (B, 3, 3) float32, output pixel (x, y, 1) to input pixel; the last element is 1.
    """
    first = [matrix for name, matrix in drawn.items() if name.endswith("_matrix")]
    numbers = [value for name, value in drawn.items() if not name.endswith("_matrix")]
    zero = ops.zeros_like(numbers[0] if numbers else first[0][:, 0, 0])
    moved = _centred(drawn, zero, height, width, ops)
    for matrix in first:
        moved = moved @ matrix
    return moved / moved[:, 2:, 2:]


def _centred(drawn: Parameters, zero: Array, height: int, width: int, ops: ArrayOps) -> Array:
    """What is done about the centre, multiplied out."""
    one = zero + 1.0

    def get(name: str, none: Array) -> Array:
        return drawn.get(name, none)

    cosine, sine = ops.cos(get("rotation", zero)), ops.sin(get("rotation", zero))
    slant = ops.tan(get("shear", zero))
    scale_x = get("zoom", one) * get("flip_x", one)
    scale_y = get("zoom", one) * get("flip_y", one)
    # Rotate(theta) Shear(slant) Scale.
    a, b = cosine * scale_x, (cosine * slant - sine) * scale_y
    d, e = sine * scale_x, (sine * slant + cosine) * scale_y
    g, h = zero, zero
    if "perspective_x" in drawn:
        across, down, nearer = _tilt(drawn["perspective_x"], get("perspective_y", zero))
        a, b, d, e = nearer * a, nearer * b, nearer * d, nearer * e
        g, h = across * 2.0 / width, down * 2.0 / height
    # The last row reads (g, h, 1) in centred coordinates; the centre and the shift are folded in.
    to_x = (width - 1) / 2 + get("shift_x", zero) * width
    to_y = (height - 1) / 2 + get("shift_y", zero) * height
    centred = [a + to_x * g, b + to_x * h, to_x, d + to_y * g, e + to_y * h, to_y, g, h, one]
    matrices = ops.reshape(ops.stack(centred, axis=1), [-1, 3, 3])
    from_centre = [[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1]]
    return matrices @ np.array(from_centre, np.float32)


def _tilt(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """A tilt about both axes that reads nothing outside of the image.

    With t = (|x| + |y|) / 2 one corner of the output shows the corner of the image, the opposite
    one what lies t of each side inwards, the others something between. A point at (u, v), in half
    sides from the centre, reads n (u, v) / (1 + g u + h v); in the corners the divisor is between
    1 - t / (1 - t), which is n, and 1 + t / (1 - t), which is n / (1 - 2 t).

    Args:
        x: (B,) float32, at most 0.45 in size.
        y: likewise.

    Returns:
        g, h and n.
    """
    t = (abs(x) + abs(y)) / 2.0
    return x / 2.0 / (1.0 - t), y / 2.0 / (1.0 - t), (1.0 - 2.0 * t) / (1.0 - t)


def warp(images: Array, matrices: Array, ops: ArrayOps) -> Array:
    """Read every output pixel where its matrix points to: bilinear, reflected at the edges.

    Args:
        images: (B, H, W, C) float32.
        matrices: (B, 3, 3) float32, as `warp_matrices` returns them.
        ops: TensorFlow's or numpy's.
    """
    # A process that never warps has no use for OpenCV, which costs it time and memory.
    import cv2  # noqa: PLC0415

    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

    def warp_image(image: np.ndarray, matrix: np.ndarray, into: np.ndarray) -> None:
        cv2.warpPerspective(image, matrix, image.shape[1::-1], into, how, cv2.BORDER_REFLECT)

    return ops.image_by_image(warp_image, images, matrices)


WARP = Stage(order=10, apply=apply_warp, needs_range=False)
"""Its augmentations draw numbers for `warp_matrices`: together they cost one warp."""
