"""From untrusted bytes to an upright 8-bit picture, whatever the format, mode and orientation."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

# Imported to be registered: Pillow would load all of its 40 plugins on meeting the first WebP.
from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

from cnnlab.datasets import limits
from cnnlab.domain.errors import UploadError

# An explicit list: bytes that look like EPS would start Ghostscript. JPEG includes the phones' MPO,
# which Pillow refuses (KeyError) as a format of its own.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLAIN = ("1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV")
_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
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


def check_image(content: bytes) -> tuple[int, int, str]:
    """Decode the whole image to see that it is sound.

    Returns:
        Width and height in pixels, as seen upright, and Pillow's mode.

    Raises:
        UnreadableImageError: it can't be decoded or is too large.
    """
    try:
        image = _opened(content)
        width_px, height_px = image.size
        image.draft(None, (_CHECK_PX, _CHECK_PX))
        image.load()
        if _orientation(image) >= 5:
            width_px, height_px = height_px, width_px
    except UnreadableImageError:
        raise
    except Exception as error:  # decoders raise almost anything on hostile bytes
        raise _unreadable(error) from error
    return width_px, height_px, image.mode


def open_image(source: bytes | Path, at_least_px: int | None = None) -> Image.Image:
    """Open an image upright, 8 bits a channel, transparency laid on white, first frame only.

    Args:
        source: encoded bytes, or a file.
        at_least_px: where only so many pixels a side are needed, a JPEG is decoded at the next
            larger of 1/1, 1/2, 1/4, 1/8 of its size, which is several times faster.

    Returns:
        A loaded image of mode `L` or `RGB`.

    Raises:
        UnreadableImageError: it can't be decoded or is too large.
    """
    try:
        image = _opened(source.read_bytes() if isinstance(source, Path) else source)
        if at_least_px is not None:
            image.draft(None, (at_least_px, at_least_px))
        image.load()
        transpose = _UPRIGHT.get(_orientation(image))
        image = _to_8_bits(image)
        return image if transpose is None else image.transpose(transpose)
    except UnreadableImageError:
        raise
    except Exception as error:  # decoders raise almost anything on hostile bytes
        raise _unreadable(error) from error


def _opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > limits.MAX_IMAGE_PIXELS:
        raise UnreadableImageError(_too_large())
    if image.mode not in (*_PLAIN, *_ALPHA, *_DEEP):
        raise UnreadableImageError(f"has the unusual colour mode {image.mode}")
    return image


def _too_large() -> str:
    return f"has more than {limits.MAX_IMAGE_PIXELS / 1e6:.3g} megapixels"


def _unreadable(error: Exception) -> UnreadableImageError:
    """Say in a few words what the decoder meant."""
    text = str(error).lower()
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return UnreadableImageError(_too_large())
    if isinstance(error, Image.UnidentifiedImageError):
        return UnreadableImageError(f"not an image that can be read ({', '.join(FORMATS)})")
    if "truncated" in text or "premature" in text or isinstance(error, EOFError):
        return UnreadableImageError("damaged: the image ends too early")
    return UnreadableImageError(f"damaged: {type(error).__name__}")


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where there is none or it can't be read."""
    if "exif" not in image.info:
        return 1  # TIFF has been turned by Pillow itself
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # broken metadata must not cost us a sound picture
        return 1


def _to_8_bits(image: Image.Image) -> Image.Image:
    if image.mode in _DEEP:
        return Image.fromarray(_scaled(np.asarray(image)))
    if image.mode in _ALPHA or "transparency" in image.info:
        return _on_white(image)
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    is_gray = image.mode in ("L", "LA", "La")
    image = image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("L" if is_gray else "RGB")


def _scaled(values: np.ndarray) -> np.ndarray:
    """Bring deep pixels to 0..255 by the range that their type is used with.

    Args:
        values: (H, W) uint16, int32 or float32. The last two are taken as the smallest usual range
            that holds them; what fits none is stretched from its own minimum to its maximum.

    Returns:
        (H, W) uint8.
    """
    usual = {"u": (65535.0,), "i": (255.0, 65535.0), "f": (1.0, 255.0, 65535.0)}[values.dtype.kind]
    values = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= usual[-1]:
        low, high = 0.0, next(top for top in usual if high <= top)
    scaled = (values - low) * (255.0 / ((high - low) or 1.0))
    return np.round(scaled).clip(0, 255).astype(np.uint8)


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
