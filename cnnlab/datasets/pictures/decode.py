"""From untrusted bytes to an upright 8-bit picture, whatever the format, mode and orientation."""

import ctypes
import functools
import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# Imported to be registered: Pillow would load all of its 40 plugins on meeting the first WebP.
from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from cnnlab.datasets import limits
from cnnlab.datasets.pictures.appearance import Look, look_at
from cnnlab.datasets.pictures.extremes import Extremes, color_extremes, deep_extremes
from cnnlab.datasets.pictures.pixels import (
    ALPHA_MODES,
    DEEP_MODES,
    FORMATS,
    PLAIN_MODES,
    UPRIGHT,
    decoded,
    has_deep_colors,
    load_lower,
    orientation_of,
    scaled_colors,
    to_8_bits,
)
from cnnlab.domain.errors import UploadError
from cnnlab.domain.value_range import ValueRange
from cnnlab.domain.words import data_size

_TILE_TAGS = (322, 323)
# A start-of-scan marker, its length and its number of colours; it stands nowhere within a scan. Ten
# scans are usual, with those of thumbnails; thousands take minutes.
_SCANS, _MAX_SCANS = re.compile(rb"\xff\xda..(.)", re.DOTALL), 200
DEEP_COLORS = "RGB;16"
"""What the index calls the mode of 16 bits a colour; Pillow has none for them."""
# Enough to see that the data is whole; a smaller one would not be any faster to check.
_CHECK_PX = 512


# What Pillow has to say of damaged images goes to nobody, unless somebody listens.
logging.getLogger("PIL").addHandler(logging.NullHandler())


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
    except UnreadableImageError:
        raise
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
    except UnreadableImageError:
        raise
    except Exception as error:  # decoders raise almost anything on hostile bytes
        raise _unreadable(error) from error


def _opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > limits.MAX_IMAGE_PIXELS:
        raise UnreadableImageError(_too_large())
    if image.mode not in (*PLAIN_MODES, *ALPHA_MODES, *DEEP_MODES):
        raise UnreadableImageError(f"has the unusual colour mode {image.mode}")
    scans = _SCANS.findall(content) if image.format == "JPEG" else []
    if len(scans) > _MAX_SCANS:
        raise UnreadableImageError("damaged: it has too many scans for a JPEG")
    if _decoder_bytes(image, scans) > limits.MAX_DECODER_BYTES:
        raise UnreadableImageError(
            f"takes more than {data_size(limits.MAX_DECODER_BYTES)} of memory to decode: "
            "make it smaller, or save it as PNG"
        )
    return image


def _decoder_bytes(image: Image.Image, scans: list[bytes]) -> int:
    """About the most memory that decoding and converting take; measured with Pillow 13."""
    pixels = image.width * image.height
    if image.format == "WEBP":
        return 16 * pixels  # two canvases of 4 bytes, the answer, the image
    if image.format == "JPEG" and isinstance(image, JpegImageFile):
        return 4 * pixels + _coefficient_bytes(image, scans)
    if isinstance(image, TiffImageFile):
        _silence_libtiff()
        width, height = (int(image.tag_v2.get(tag, 0)) for tag in _TILE_TAGS)
        pixels = max(pixels, width * height)  # tiles need not be smaller than the picture
    is_plain = (
        image.mode in ("1", "L", "P", "RGB", *DEEP_MODES) and "transparency" not in image.info
    )
    halves = 2 if has_deep_colors(image) else 1  # of 16 bits a colour each is an image
    return (4 if is_plain else 8) * halves * pixels


def _coefficient_bytes(image: JpegImageFile, scans: list[bytes]) -> int:
    """What a JPEG in several scans adds: 16-bit coefficients, of subsampled colours fewer."""
    in_parts = any(colors[0] < len(image.getbands()) for colors in scans)
    if "progressive" not in image.info and not in_parts:
        return 0
    sampled = [across * down for _, across, down, _ in image.layer]
    return 2 * image.width * image.height * sum(sampled) // max(sampled)


@functools.cache
def _silence_libtiff() -> None:
    """Keep libtiff from printing its errors: standard error is for our own messages."""
    loaded = Path("/proc/self/maps")
    lines = loaded.read_text().splitlines() if loaded.exists() else []
    for path in {line.split(maxsplit=5)[5] for line in lines if "/libtiff" in line}:
        ctypes.CDLL(path).TIFFSetErrorHandler(None)


def _too_large() -> str:
    return f"has more than {limits.MAX_IMAGE_PIXELS / 1e6:.3g} megapixels"


def _unreadable(error: Exception) -> UnreadableImageError:
    """Say in a few words what the decoder meant."""
    text = str(error).lower()
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return UnreadableImageError(_too_large())
    if isinstance(error, UnidentifiedImageError):
        return UnreadableImageError(f"not an image that can be read ({', '.join(FORMATS)})")
    if "truncated" in text or "premature" in text or isinstance(error, EOFError):
        return UnreadableImageError("damaged: the image ends too early")
    return UnreadableImageError(f"damaged: {type(error).__name__}")


def _has_frames(image: Image.Image) -> bool:
    """Whether it is animated or has several pages; moves on to the second of them."""
    try:
        return image.format != "JPEG" and getattr(image, "is_animated", False)
    except Exception:  # what follows the first picture is damaged: that one is sound
        return False
