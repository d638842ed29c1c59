"""Rectangles of images, which erasing covers and CutMix fills."""

import numpy as np

from cnnlab.augmentations.ops import Array, Parameters


def inside(rectangle: Parameters, height: int, width: int) -> Array:
    """(B, H, W, 1) bool: whether a pixel lies in its image's rectangle.

    Args:
        rectangle: `top`, `left`, `height`, `width`, (B,) float32 px each.
        height: of the images, px.
        width: of the images, px.
    """
    row = np.arange(height, dtype=np.float32) - rectangle["top"][:, None]
    column = np.arange(width, dtype=np.float32) - rectangle["left"][:, None]
    rows = (row >= 0) & (row < rectangle["height"][:, None])
    columns = (column >= 0) & (column < rectangle["width"][:, None])
    return (rows[:, :, None] & columns[:, None, :])[..., None]
