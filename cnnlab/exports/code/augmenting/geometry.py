"""Augmentations that move pixels.

`x` and `y` are (B, H, W, 1) float32: where each output pixel is read, in pixels from the middle of
the image. They are changed one after the other, what happens to the output first, and read once.
"""

import numpy as np


def each(values: np.ndarray) -> np.ndarray:
    """(B,) as (B, 1, 1, 1), to go with images."""
    return values.astype(np.float32)[:, None, None, None]


def places(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the pixels of the images are."""
    y, x = np.indices(images.shape[:3], np.float32)[1:, ..., None]
    return x - x.max() / 2, y - y.max() / 2


def crop(
    x: np.ndarray, y: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A window anywhere, up to this fraction of each side smaller, enlarged to the whole."""
    lost = each(rng.uniform(0, fraction, len(x)))
    across, down = x.shape[2] * lost, x.shape[1] * lost
    x = x * (1 - lost) + across * each(rng.random(len(x)) - 0.5)
    return x, y * (1 - lost) + down * each(rng.random(len(x)) - 0.5)


def perspective(
    x: np.ndarray, y: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Tilted: one corner stays, the opposite one moves inwards by up to this fraction."""
    tilt_x = each(rng.uniform(-fraction, fraction, len(x)))
    tilt_y = each(rng.uniform(-fraction, fraction, len(x)))
    t = (abs(tilt_x) + abs(tilt_y)) / 2
    away = 1 - t + tilt_x * x / x.shape[2] + tilt_y * y / x.shape[1]
    return x * (1 - 2 * t) / away, y * (1 - 2 * t) / away


def flip(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the images mirrored; `x` may as well be `y`."""
    return each(rng.choice([-1, 1], len(x))) * x


def zoom(
    x: np.ndarray, y: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Enlarged or shrunk by up to this fraction."""
    factor = each(rng.uniform(1 - fraction, 1 + fraction, len(x)))
    return factor * x, factor * y


def shear(
    x: np.ndarray, y: np.ndarray, degrees: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Slanted by up to this angle."""
    return x + each(np.tan(np.radians(rng.uniform(-degrees, degrees, len(x))))) * y, y


def rotation(
    x: np.ndarray, y: np.ndarray, degrees: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Turned by up to this angle either way."""
    angle = each(np.radians(rng.uniform(-degrees, degrees, len(x))))
    return np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y


def shift(
    x: np.ndarray, y: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Moved by up to this fraction of the side in both directions."""
    x = x + x.shape[2] * each(rng.uniform(-fraction, fraction, len(x)))
    return x, y + x.shape[1] * each(rng.uniform(-fraction, fraction, len(x)))


def elastic(
    x: np.ndarray, y: np.ndarray, most_px: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Bent: the points of a grid of 5 x 5 move by up to so many pixels, bicubic in between."""
    bend = most_px * rng.uniform(-1, 1, (len(x), 5, 5, 2)).astype(np.float32)
    bent = np.einsum("yh,xw,bhwc->cbyx", cubic(5, x.shape[1]), cubic(5, x.shape[2]), bend)
    return x + bent[0, ..., None], y + bent[1, ..., None]


def cubic(old: int, new: int) -> np.ndarray:
    """(new, old): how much each new point takes from each old one (Keys, a = -0.5)."""
    far = abs(((np.arange(new) + 0.5) * old / new - 0.5)[:, None] - np.arange(old))
    near, outer = (1.5 * far - 2.5) * far**2 + 1, ((-0.5 * far + 2.5) * far - 4) * far + 2
    weights = np.where(far <= 1, near, np.where(far < 2, outer, 0))
    return weights / weights.sum(axis=1, keepdims=True)


def read_at(images: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bilinear between the pixels around each place, mirrored beyond the edges."""

    def mirrored(at: np.ndarray, size: int) -> np.ndarray:
        return np.minimum(at % (2 * size), (-1 - at) % (2 * size)).astype(int)[..., 0]

    count, height, width = images.shape[:3]
    x, y, read = x + (width - 1) / 2, y + (height - 1) / 2, np.zeros_like(images)
    for row in (np.floor(y), np.floor(y) + 1):
        for column in (np.floor(x), np.floor(x) + 1):
            place = (
                np.arange(count)[:, None, None],
                mirrored(row, height),
                mirrored(column, width),
            )
            read = read + images[place] * (1 - abs(x - column)) * (1 - abs(y - row))
    return read
