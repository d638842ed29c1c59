"""Colours of 16 bits a channel, of which Pillow reads the upper 8 alone.

The lower 8 are where the upper ones would be in the other byte order: decoded once more as if they
were stored in that order, they come out. Together they are all 16 bits. Grey with transparency has
no other order in Pillow: decoded as four bytes, its upper and lower one come first.
"""

import io
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from cnnlab.datasets.pictures.eight_bits import bands, scaled_values
from cnnlab.datasets.pictures.extremes import Extremes, measure_extremes
from cnnlab.domain.value_range import ValueRange

DEEP_COLORS = "RGB;16"
"""What the index calls their mode; Pillow has none for them."""

_NATIVE = ";16L" if sys.byteorder == "little" else ";16B"
_OTHER = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if _NATIVE == ";16L" else ";16L"}
_KINDS = ("RGB", "RGBA", "RGBX")
_GRAY_ALPHA = "LA;16B"


def has_deep_colors(image: Image.Image) -> bool:
    """Whether an image that isn't loaded yet has 16 bits in each of its colours."""
    modes = [_raw_mode(tile.args) for tile in getattr(image, "tile", ())]
    return bool(modes) and all(
        mode == _GRAY_ALPHA or (mode[:-4] in _KINDS and mode[-4:] in _OTHER) for mode in modes
    )


def load_lower(content: bytes, formats: tuple[str, ...]) -> Image.Image:
    """Decode the lower 8 bits of an image with deep colours; of its size, as RGB or RGBA."""
    image = Image.open(io.BytesIO(content), formats=formats)
    is_gray = any(_raw_mode(tile.args) == _GRAY_ALPHA for tile in image.tile)
    image.tile = [tile._replace(args=_of_other_order(tile.args)) for tile in image.tile]
    image.load()
    return Image.merge("RGB", (image.getchannel(1),) * 3) if is_gray else image


def color_extremes(upper: Image.Image, lower: Image.Image) -> Extremes:
    """The extremes of all its colours together."""
    parts = (values for _, values in _values(upper, lower))
    return measure_extremes(parts, 3 * upper.width * upper.height)


def scaled_colors(upper: Image.Image, lower: Image.Image, value_range: ValueRange) -> Image.Image:
    """Both halves as an image of 8 bits a channel; transparency stays."""
    scaled = upper.copy()
    for top, values in _values(upper, lower):
        band = Image.fromarray(scaled_values(values, value_range))
        if upper.mode == "RGBA":
            alpha = upper.crop((0, top, band.width, top + band.height)).getchannel("A")
            band.putalpha(alpha)
        scaled.paste(band, (0, top))
    return scaled


def _values(upper: Image.Image, lower: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    """(rows, W, 3) uint16 parts with the row where each begins."""
    for (top, high), (_, low) in zip(bands(upper), bands(lower), strict=True):
        halves = (np.asarray(half)[:, :, :3].astype(np.uint16) for half in (high, low))
        yield top, next(halves) * 256 + next(halves)


def _raw_mode(args: object) -> str:
    """How the bytes of a tile are laid out; TIFF has more arguments than that."""
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _of_other_order(args: tuple[Any, ...] | str | None) -> tuple[Any, ...] | str:
    mode = _raw_mode(args)
    other = "RGBA" if mode == _GRAY_ALPHA else mode[:-4] + _OTHER[mode[-4:]]
    return (other, *args[1:]) if isinstance(args, tuple) else other
