"""The lowest and the highest values of an image with more than 8 bits a channel."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlab.datasets.pictures.pixels import bands, color_values


class Extremes(NamedTuple):
    """Of one image; what isn't finite is left out.

    Attributes:
        is_float: whether the values are floats.
        least: the lowest value.
        most: the highest value.
        low: the lowest value without the few lowest: four, and one of 500.
        high: the highest value without the few highest.
    """

    is_float: bool
    least: float
    most: float
    low: float
    high: float


def measure_extremes(parts: Iterable[np.ndarray], pixels: int) -> Extremes:
    """Look at the values of an image, part by part.

    Args:
        parts: arrays of the image's values, of any shape and type, together all of them.
        pixels: how many there are in all.
    """
    few = 4 + pixels // 500
    lowest, highest, is_float = np.empty(0), np.empty(0), False
    for part in parts:
        is_float = part.dtype.kind == "f"
        values = part[np.isfinite(part)] if is_float else part.ravel()
        lowest = _least(np.concatenate([lowest, _least(values, few)]), few)
        highest = -_least(np.concatenate([-highest, _least(-values.astype(np.float64), few)]), few)
    if not len(lowest):
        return Extremes(is_float, 0.0, 0.0, 0.0, 0.0)
    least, most = float(lowest.min()), float(highest.max())
    return Extremes(is_float, least, most, float(lowest.max()), float(highest.min()))


def _least(values: np.ndarray, few: int) -> np.ndarray:
    """The `few` lowest values and the next one."""
    if len(values) <= few + 1:
        return values.astype(np.float64)
    return np.partition(values, few)[: few + 1].astype(np.float64)


def deep_extremes(image: Image.Image) -> Extremes:
    """The extremes of an image of deep pixels."""
    parts = (np.asarray(band) for _, band in bands(image))
    return measure_extremes(parts, image.width * image.height)


def color_extremes(upper: Image.Image, lower: Image.Image) -> Extremes:
    """The extremes of all colours of 16 bits together, of their upper and their lower halves."""
    parts = (values for _, values in color_values(upper, lower))
    return measure_extremes(parts, 3 * upper.width * upper.height)
