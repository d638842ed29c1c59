"""Draws pictures with more than 8 bits a channel, as microscopes, X-rays and simulations do.

Each shows a bright disc (class `disc`) or a bright bar (class `bar`) on a darker ground, at the
same share of the range that it is meant for: read with that range, all of them look alike.
"""

import numpy as np
from PIL import Image

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
