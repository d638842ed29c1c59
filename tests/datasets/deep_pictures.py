"""Draws pictures with more than 8 bits a channel, as microscopes, X-rays and simulations do.

Each shows a bright disc (class `disc`) or a bright bar (class `bar`) on a darker ground, at the
same share of the range that it is meant for: read with that range, all of them look alike.
"""

import functools
import struct
import zlib

import numpy as np
from PIL import Image

from tests.datasets.corpus.picture_making import PNG_SIGNATURE, png_chunk
from tests.datasets.uploads import encoded

SIDE = 24
GROUND, FIGURE = 0.25, 0.75
EACH = 8
CLASSES = ("bar", "disc")


def shares(label: str, seed: int) -> np.ndarray:
    """(24, 24) float64 in 0..1: what a picture shows, whatever it is stored in."""
    generator = np.random.default_rng([CLASSES.index(label), seed])
    y, x = np.mgrid[:SIDE, :SIDE]
    left, top = generator.integers(8, 16, 2)
    is_figure = abs(x - left) < 3 if label == "bar" else (x - left) ** 2 + (y - top) ** 2 < 36
    unlike_others = np.kron(generator.uniform(-0.12, 0.12, (4, 4)), np.ones((6, 6)))
    noise = generator.normal(0, 0.02, (SIDE, SIDE))
    return np.clip(np.where(is_figure, FIGURE, GROUND) + unlike_others + noise, 0, 1)


def deep_files(kind: type, low: float, high: float, *, odd=None, suffix="tif", **options):
    """An upload of sixteen deep pictures, meant for the values from `low` to `high`.

    Args:
        kind: numpy's type of the values.
        low: what is meant as black.
        high: what is meant as white.
        odd: is given the number and the values of each picture and may change them.
        suffix: `png` or `tif`.
        options: of Pillow.
    """
    files = {}
    for label in CLASSES:
        for number in range(EACH):
            values = low + shares(label, number) * (high - low)
            values = (values if np.issubdtype(kind, np.floating) else values.round()).astype(kind)
            if odd is not None:
                odd(number, values)
            format = "PNG" if suffix == "png" else "TIFF"
            content = encoded(Image.fromarray(values), format, **options)
            files[f"{label}/{number}.{suffix}"] = content
    return files


def hot_pixel(value):
    """A change of every second picture: one pixel with this value."""

    def change(number, values):
        if number % 2:
            values[3, 3] = value

    return change


def colors_png(values: np.ndarray) -> bytes:
    """A PNG of (H, W, 2), (H, W, 3) or (H, W, 4) uint16; Pillow can't write one."""
    height, width, channels = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows))
    return PNG_SIGNATURE + body + png_chunk(b"IEND", b"")


def opaque_png(values: np.ndarray) -> bytes:
    """The same with an alpha channel that hides nothing."""
    return colors_png(np.dstack([values, np.full(values.shape[:2], 65535, np.uint16)]))


def colors_tiff(values: np.ndarray, order: str) -> bytes:
    """A TIFF of (H, W, 3) uint16 without compression.

    Args:
        values: of the pixels.
        order: `<` for little-endian, `>` for big-endian.
    """
    height, width, channels = values.shape
    pixels = values.astype(f"{order}u2").tobytes()
    bits_at = 8 + len(pixels)
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, bits_at), (259, 3, 1, 1)),
        *((262, 3, 1, 2), (273, 4, 1, 8), (277, 3, 1, channels), (278, 4, 1, height)),
        (279, 4, 1, len(pixels)),
    ]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", bits_at + 6)
    bits = struct.pack(f"{order}3H", 16, 16, 16)
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        is_short = kind == 3 and count == 1
        shown = struct.pack(
            f"{order}HH" if is_short else f"{order}I", *((value, 0)[: 1 + is_short])
        )
        directory += struct.pack(f"{order}HHI", tag, kind, count) + shown
    return head + pixels + bits + directory + bytes(4)


COLORS = {
    "PNG": colors_png,
    "PNG with alpha": opaque_png,
    "TIFF, little-endian": functools.partial(colors_tiff, order="<"),
    "TIFF, big-endian": functools.partial(colors_tiff, order=">"),
}
"""Makers of files with 16 bits in each of three colours."""
