"""From the bytes of an image to what a model sees; needs Pillow and numpy alone.

Whatever shows or trains on an image prepares it with `decoded` and `to_square`. The usage example
of a download holds the text of this file: it imports nothing else. What makes bytes of strangers
safe to decode stands in `decode.py`.
"""

import io
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

# An explicit list: bytes that look like EPS would start Ghostscript. JPEG includes the phones' MPO,
# which Pillow refuses (KeyError) as a format of its own.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
PLAIN_MODES = ("1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV")
ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns an image upright, by its EXIF orientation."""

_ORIENTATION_TAG = 0x0112
# Converted at once; more would need several copies of a large image.
_BAND_PIXELS = 2**20

# Of colours of 16 bits a channel Pillow reads the upper 8 alone. The lower 8 are where the upper
# ones would be in the other byte order: decoded once more as if they were stored in that order,
# they come out. Grey with transparency has no other order in Pillow: decoded as four bytes, its
# upper and lower one come first.
_NATIVE = ";16L" if sys.byteorder == "little" else ";16B"
_OTHER = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if _NATIVE == ";16L" else ";16L"}
_DEEP_KINDS = ("RGB", "RGBA", "RGBX")
_GRAY_ALPHA = "LA;16B"


def decoded(
    image: Image.Image,
    content: bytes,
    at_least_px: int | None = None,
    value_range: tuple[float, float] | None = None,
) -> Image.Image:
    """Decode an image that was opened: upright, 8 bits a channel, transparency laid on white.

    Args:
        image: opened from `content`, not loaded yet.
        content: the bytes of the file.
        at_least_px: where only so many pixels a side are needed, a JPEG is decoded at the next
            larger of 1/1, 1/2, 1/4, 1/8 of its size, which is several times faster.
        value_range: which deep values are black and white, see `to_8_bits`.

    Returns:
        A loaded image of mode `L` or `RGB`.
    """
    lower = None
    if value_range is not None and has_deep_colors(image):
        lower = load_lower(content)
    if at_least_px is not None:
        image.draft(None, (at_least_px, at_least_px))
    image.load()
    transpose = UPRIGHT.get(orientation_of(image))
    if lower is not None and value_range is not None:
        image = scaled_colors(image, lower, value_range)
    image = to_8_bits(image, value_range=value_range)
    return image if transpose is None else image.transpose(transpose)


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where there is none or it can't be read."""
    if "exif" not in image.info:
        return 1  # TIFF has been turned by Pillow itself
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # broken metadata must not cost us a sound picture
        return 1


def to_square(image: Image.Image, size: int, color: str, resize: str) -> np.ndarray:
    """Resize to a square, antialiased.

    Args:
        image: of mode `L` or `RGB`.
        size: side in pixels.
        color: `rgb` or `grayscale`.
        resize: `crop` cuts the longer side's ends off, `pad` adds black bars, `stretch` distorts.

    Returns:
        (size, size, C) uint8 with 3 channels for `rgb`, 1 for `grayscale`.
    """
    mode = "RGB" if color == "rgb" else "L"
    if image.mode != mode:
        image = image.convert(mode)
    box = (0.0, 0.0, float(image.width), float(image.height))
    shape = (size, size)
    if resize == "crop":
        side = min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
        box = (left, top, left + side, top + side)
    elif resize == "pad":
        scale = size / max(image.size)
        shape = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.size != shape or box[:2] != (0.0, 0.0):
        image = image.resize(shape, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    if shape != (size, size):
        square = Image.new(mode, (size, size))
        square.paste(image, ((size - shape[0]) // 2, (size - shape[1]) // 2))
        image = square
    return np.asarray(image).reshape(size, size, -1)


def to_8_bits(
    image: Image.Image, fewer: int = 1, value_range: tuple[float, float] | None = None
) -> Image.Image:
    """Convert a loaded image, perhaps to a smaller one.

    Args:
        image: of any of the modes above.
        fewer: so many pixels a side are averaged to one.
        value_range: which deep values are black and white. None, in datasets of earlier versions,
            decides for each image: 16 bits unsigned are taken as 0 to 65535, 32 bits and floats by
            their values (see `_usual_range`).

    Returns:
        An image of mode `L` or `RGB`, transparency laid on white.
    """
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image if fewer == 1 else image.reduce(fewer)
    convert = _converter(image, value_range)
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


def _converter(
    image: Image.Image, value_range: tuple[float, float] | None
) -> Callable[[Image.Image], Image.Image]:
    if image.mode in DEEP_MODES:
        if value_range is not None:
            return lambda band: Image.fromarray(scaled_values(np.asarray(band), value_range))
        low, high = _usual_range(image)
        return lambda band: _stretched(low, high, band)
    has_alpha = image.mode in ALPHA_MODES or "transparency" in image.info
    return _on_white if has_alpha else _plain


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


def _usual_range(image: Image.Image) -> tuple[float, float]:
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


def _stretched(low: float, high: float, image: Image.Image) -> Image.Image:
    """Deep pixels as mode `L`: `low` becomes 0, `high` becomes 255."""
    scaled = (_finite(np.asarray(image)) - low) * (255.0 / ((high - low) or 1.0))
    return Image.fromarray(np.round(scaled).clip(0, 255).astype(np.uint8))


def scaled_values(values: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Deep values as uint8, in a shape like theirs: what lies beyond the range is at its ends.

    No number (NaN) is black.
    """
    low, high = value_range
    # In 64 bits: of large integers, 32 would round away what differs.
    numbers = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
    scaled = (numbers - low) * (255 / (high - low))
    return np.round(scaled).clip(0, 255).astype(np.uint8)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)


def has_deep_colors(image: Image.Image) -> bool:
    """Whether an image that isn't loaded yet has 16 bits in each of its colours."""
    modes = [_raw_mode(tile.args) for tile in getattr(image, "tile", ())]
    return bool(modes) and all(
        mode == _GRAY_ALPHA or (mode[:-4] in _DEEP_KINDS and mode[-4:] in _OTHER) for mode in modes
    )


def load_lower(content: bytes) -> Image.Image:
    """Decode the lower 8 bits of an image with deep colours; of its size, as RGB or RGBA."""
    image: Any = Image.open(io.BytesIO(content), formats=FORMATS)
    is_gray = any(_raw_mode(tile.args) == _GRAY_ALPHA for tile in image.tile)
    image.tile = [tile._replace(args=_of_other_order(tile.args)) for tile in image.tile]
    image.load()
    return Image.merge("RGB", (image.getchannel(1),) * 3) if is_gray else image


def scaled_colors(
    upper: Image.Image, lower: Image.Image, value_range: tuple[float, float]
) -> Image.Image:
    """Both halves as an image of 8 bits a channel; transparency stays."""
    scaled = upper.copy()
    for top, values in color_values(upper, lower):
        band = Image.fromarray(scaled_values(values, value_range))
        if upper.mode == "RGBA":
            alpha = upper.crop((0, top, band.width, top + band.height)).getchannel("A")
            band.putalpha(alpha)
        scaled.paste(band, (0, top))
    return scaled


def color_values(upper: Image.Image, lower: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
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
