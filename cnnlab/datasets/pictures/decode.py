"""From untrusted bytes to an upright 8-bit picture, whatever the format, mode and orientation."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from cnnlab.datasets import limits
from cnnlab.datasets.pictures.appearance import Look, look_at
from cnnlab.datasets.pictures.extremes import Extremes, color_extremes, deep_extremes
from cnnlab.datasets.pictures.pixels import (
    DEEP_MODES,
    UPRIGHT,
    decoded,
    has_deep_colors,
    load_lower,
    orientation_of,
    scaled_colors,
    to_8_bits,
)
from cnnlab.datasets.pictures.safety import opened, reason_of
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import UploadError

DEEP_COLORS = "RGB;16"
"""What the index calls the mode of 16 bits a colour; Pillow has none for them."""
# Enough to see that the data is whole; a smaller one would not be any faster to check.
_CHECK_PX = 512


class UnreadableImageError(UploadError):
    """Bytes are not an image that can be used; the message is the reason."""


@contextmanager
def without_decoder_warnings() -> Iterator[None]:
    """Silence Pillow's remarks on broken metadata while many images are decoded.

    Warning filters belong to the process, so enter it once around the work of all threads.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class CheckedImage(NamedTuple):
    """A sound image.

    Attributes:
        width_px: as seen upright.
        height_px: as seen upright.
        mode: Pillow's, before any conversion; `DEEP_COLORS` for 16 bits a colour.
        look: what it looks like; None for deep pixels whose range isn't known yet.
        extremes: of deep pixels, else None.
        has_frames: whether more pictures follow the first one.
    """

    width_px: int
    height_px: int
    mode: str
    look: Look | None
    extremes: Extremes | None
    has_frames: bool


def check_image(content: bytes, value_range: ValueRange | None = None) -> CheckedImage:
    """Decode the whole image to see that it is sound, and look at it.

    Args:
        content: the encoded bytes.
        value_range: which deep values are black and white, where that is known.

    Raises:
        UnreadableImageError: it can't be decoded or is too large.
    """
    try:
        image = _opened(content)
        width_px, height_px, mode = *image.size, image.mode
        # Grey is enough, and spares a JPEG's colours; all of its data is still read.
        image.draft("L", (_CHECK_PX, _CHECK_PX))
        lower = load_lower(content) if has_deep_colors(image) else None
        image.load()
        orientation = orientation_of(image)
        if orientation >= 5:
            width_px, height_px = height_px, width_px
        extremes = deep_extremes(image) if mode in DEEP_MODES else None
        if lower is not None:
            mode, extremes = DEEP_COLORS, color_extremes(image, lower)
            image = image if value_range is None else scaled_colors(image, lower, value_range)
        look = None
        if extremes is None or value_range is not None:
            fewer = max(1, min(image.size) // _CHECK_PX)  # as draft does with a JPEG
            look = look_at(to_8_bits(image, fewer, value_range), UPRIGHT.get(orientation))
        has_frames = _has_frames(image)
    except Exception as error:  # decoders raise almost anything on hostile bytes
        raise _unreadable(error) from error
    return CheckedImage(width_px, height_px, mode, look, extremes, has_frames)


def open_image(
    source: bytes | Path,
    at_least_px: int | None = None,
    value_range: ValueRange | None = None,
) -> Image.Image:
    """Open an image upright, 8 bits a channel, transparency laid on white, first frame only.

    Args:
        source: encoded bytes, or a file.
        at_least_px: where only so many pixels a side are needed, a JPEG is decoded at the next
            larger of 1/1, 1/2, 1/4, 1/8 of its size, which is several times faster.
        value_range: which deep values are black and white in its dataset (see `to_8_bits`).

    Returns:
        A loaded image of mode `L` or `RGB`.

    Raises:
        UnreadableImageError: it can't be decoded or is too large.
    """
    try:
        content = source.read_bytes() if isinstance(source, Path) else source
        return decoded(_opened(content), content, at_least_px, value_range)
    except Exception as error:  # decoders raise almost anything on hostile bytes
        raise _unreadable(error) from error


def _opened(content: bytes) -> Image.Image:
    return opened(content, most_pixels=limits.MAX_IMAGE_PIXELS, most_bytes=limits.MAX_DECODER_BYTES)


def _unreadable(error: Exception) -> UnreadableImageError:
    return UnreadableImageError(reason_of(error, most_pixels=limits.MAX_IMAGE_PIXELS))


def _has_frames(image: Image.Image) -> bool:
    """Whether it is animated or has several pages; moves on to the second of them."""
    try:
        return image.format != "JPEG" and getattr(image, "is_animated", False)
    except Exception:  # what follows the first picture is damaged: that one is sound
        return False
