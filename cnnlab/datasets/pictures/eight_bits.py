"""From a decoded image of any mode to 8 bits a channel, in bands: large images are not copied."""

import functools
from collections.abc import Iterator

import numpy as np
from PIL import Image

from cnnlab.datasets.pictures.extremes import Extremes, measure_extremes
from cnnlab.domain.value_range import ValueRange

PLAIN_MODES = ("1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV")
ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
# Converted at once; more would need several copies of a large image.
_BAND_PIXELS = 2**20


def to_8_bits(
    image: Image.Image, fewer: int = 1, value_range: ValueRange | None = None
) -> Image.Image:
    """Convert a loaded image, perhaps to a smaller one.

    Args:
        image: of any of the modes above.
        fewer: so many pixels a side are averaged to one.
        value_range: which deep values are black and white. None, in datasets of earlier versions,
            decides for each image: 16 bits unsigned are taken as 0 to 65535, 32 bits and floats by
            their values (see `_value_range`).

    Returns:
        An image of mode `L` or `RGB`, transparency laid on white.
    """
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image if fewer == 1 else image.reduce(fewer)
    convert = _plain
    if image.mode in DEEP_MODES:
        convert = (
            functools.partial(_scaled_image, *_value_range(image))
            if value_range is None
            else functools.partial(_within_range, value_range)
        )
    elif image.mode in ALPHA_MODES or "transparency" in image.info:
        convert = _on_white
    result: Image.Image | None = None
    for top, band in bands(image, fewer):
        converted = convert(band)
        converted = converted if fewer == 1 else converted.reduce(fewer)
        if band is image:
            return converted
        result = result or Image.new(converted.mode, (converted.width, -(-image.height // fewer)))
        result.paste(converted, (0, top // fewer))
    assert result is not None, "an image has at least one band"
    return result


def bands(image: Image.Image, step: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Cut an image into bands of full width, whose heights but the last are multiples of `step`."""
    rows = max(step, _BAND_PIXELS // image.width // step * step)
    if rows >= image.height:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _plain(image: Image.Image) -> Image.Image:
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    is_gray = image.mode in ("L", "LA", "La")
    image = image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("L" if is_gray else "RGB")


def _value_range(image: Image.Image) -> tuple[float, float]:
    """Which values of deep pixels are black and white, by the range that their type is used with.

    int32 and float32 are taken as the smallest usual range that holds them; what fits none is
    stretched from its own minimum to its maximum.
    """
    low, high, kind = np.inf, -np.inf, "u"
    for _, band in bands(image):
        values = np.asarray(band)
        kind = values.dtype.kind
        values = _finite(values)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    usual = {"u": (65535.0,), "i": (255.0, 65535.0), "f": (1.0, 255.0, 65535.0)}[kind]
    if low >= 0 and high <= usual[-1]:
        low, high = 0.0, next(top for top in usual if high <= top)
    return low, high


def _scaled_image(low: float, high: float, image: Image.Image) -> Image.Image:
    """Deep pixels as mode `L`: `low` becomes 0, `high` becomes 255."""
    scaled = (_finite(np.asarray(image)) - low) * (255.0 / ((high - low) or 1.0))
    return Image.fromarray(np.round(scaled).clip(0, 255).astype(np.uint8))


def _within_range(value_range: ValueRange, image: Image.Image) -> Image.Image:
    return Image.fromarray(scaled_values(np.asarray(image), value_range))


def scaled_values(values: np.ndarray, value_range: ValueRange) -> np.ndarray:
    """Deep values as uint8, in a shape like theirs: what lies beyond the range is at its ends.

    No number (NaN) is black.
    """
    low, high = value_range
    # In 64 bits: of large integers, 32 would round away what differs.
    numbers = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
    scaled = (numbers - low) * (255 / (high - low))
    return np.round(scaled).clip(0, 255).astype(np.uint8)


def deep_extremes(image: Image.Image) -> Extremes:
    """The extremes of an image of deep pixels."""
    parts = (np.asarray(band) for _, band in bands(image))
    return measure_extremes(parts, image.width * image.height)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
