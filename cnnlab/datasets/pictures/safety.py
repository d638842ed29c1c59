"""Opening bytes of strangers, so that decoding them costs no more than is allowed.

It needs Pillow alone: a folder with a server, which is taken along, holds the text of this file.
"""

import ctypes
import functools
import io
import logging
import re
from pathlib import Path

# Imported to be registered: Pillow would load all of its 40 plugins on meeting the first WebP.
from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from cnnlab.datasets.pictures.pixels import (
    ALPHA_MODES,
    DEEP_MODES,
    FORMATS,
    PLAIN_MODES,
    has_deep_colors,
)

_TILE_TAGS = (322, 323)
# A start-of-scan marker, its length and its number of colours; it stands nowhere within a scan. Ten
# scans are usual, with those of thumbnails; thousands take minutes.
_SCANS, _MAX_SCANS = re.compile(rb"\xff\xda..(.)", re.DOTALL), 200

# What Pillow has to say of damaged images goes to nobody, unless somebody listens.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class RefusedImageError(ValueError):
    """Bytes are an image that isn't decoded; the message is the reason."""


def opened(content: bytes, *, most_pixels: int, most_bytes: int) -> Image.Image:
    """Open an image that may be decoded.

    Args:
        content: the encoded bytes.
        most_pixels: of the decoded image.
        most_bytes: that the decoder may take.

    Returns:
        The image, not loaded yet.

    Raises:
        RefusedImageError: it is too large, or unusual.
        Exception: of Pillow, almost any, on bytes that are no image; `reason_of` has the words.
    """
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > most_pixels:
        raise RefusedImageError(_too_large(most_pixels))
    if image.mode not in (*PLAIN_MODES, *ALPHA_MODES, *DEEP_MODES):
        raise RefusedImageError(f"has the unusual colour mode {image.mode}")
    scans = _SCANS.findall(content) if image.format == "JPEG" else []
    if len(scans) > _MAX_SCANS:
        raise RefusedImageError("damaged: it has too many scans for a JPEG")
    if _decoder_bytes(image, scans) > most_bytes:
        raise RefusedImageError(
            f"takes more than {most_bytes / 2**20:.3g} MiB of memory to decode: "
            "make it smaller, or save it as PNG"
        )
    return image


def reason_of(error: Exception, *, most_pixels: int) -> str:
    """Say in a few words what the decoder meant."""
    text = str(error).lower()
    if isinstance(error, RefusedImageError):
        return str(error)
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _too_large(most_pixels)
    if isinstance(error, UnidentifiedImageError):
        return f"not an image that can be read ({', '.join(FORMATS)})"
    if "truncated" in text or "premature" in text or isinstance(error, EOFError):
        return "damaged: the image ends too early"
    return f"damaged: {type(error).__name__}"


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


def _too_large(most_pixels: int) -> str:
    return f"has more than {most_pixels / 1e6:.3g} megapixels"
