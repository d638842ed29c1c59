"""How the images of a part look, from what the import saw and from the prepared images."""

from typing import Protocol

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.judging.slices.traits import NO_TINT, TINTS, Traits

_POINTS = 16
"""Colours are taken at so many points of each row and column, at most: more change little."""

_AT_ONCE = 512
_LEAST_CHROMA = 8.0
"""Grey levels. A mean colour that is nearer to grey has no tint that one would name."""

_SECTOR_ENDS_DEGREES = np.array([30, 90, 165, 270, 330])
"""Where the hue of each of `TINTS` ends; red goes on from the last one to 30 again."""


class Prepared(Protocol):
    """Prepared images on the disk or in memory, (N, H, W, C) uint8."""

    @property
    def shape(self) -> tuple[int, ...]:
        """N, height, width, channels."""

    def __getitem__(self, positions: np.ndarray, /) -> np.ndarray:
        """The images at some positions."""


def traits_of(index: ImageIndex, images: Prepared, positions: np.ndarray) -> Traits:
    """How the images at some positions look.

    Brightness, size, sharpness and copies are the original's; the colours are those of the prepared
    image, where borders of `image.resize` count too. A network of grey images has no colours.

    Args:
        index: of the dataset.
        images: all of its images, prepared.
        positions: (M,) int, rows of the dataset.
    """
    looks = None if index.looks is None else index.looks[positions]
    in_colour = images.shape[-1] == 3
    colourfulness, tint = _colours(images, positions) if in_colour else (None, None)
    return Traits(
        brightness=None if looks is None else looks["glance"].mean(axis=(1, 2)),
        size=index.sizes_px[positions].min(axis=1),
        sharpness=None if looks is None else looks["detail"],
        colourfulness=colourfulness,
        tint=tint,
        copies=index.copies.group[positions],
    )


def _colours(images: Prepared, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colourfulness (M,) float32 and tint (M,) int8; see `Traits`."""
    step_y, step_x = (-(-side // _POINTS) for side in images.shape[1:3])
    colourfulness = np.zeros(len(positions), np.float32)
    tint = np.full(len(positions), NO_TINT, np.int8)
    for start in range(0, len(positions), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        points = images[positions[some]][:, ::step_y, ::step_x].astype(np.float32)
        points = points.reshape(len(points), -1, 3)
        colourfulness[some] = _colourfulness(points)
        tint[some] = _tint(points.mean(axis=1))
    return colourfulness, tint


def _colourfulness(points: np.ndarray) -> np.ndarray:
    """(M,) of (M, P, 3) points: equation of Hasler and Suesstrunk 2003, section 'M3'."""
    red, green, blue = points[..., 0], points[..., 1], points[..., 2]
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(axis=1), yellow_blue.std(axis=1))
    found: np.ndarray = spread + 0.3 * np.hypot(red_green.mean(axis=1), yellow_blue.mean(axis=1))
    return found


def _tint(colours: np.ndarray) -> np.ndarray:
    """(M,) place in `TINTS` of (M, 3) mean colours, by the angle around the grey axis."""
    red, green, blue = colours[:, 0], colours[:, 1], colours[:, 2]
    across, up = (2 * red - green - blue) / 2, np.sqrt(3) / 2 * (green - blue)
    hue = np.degrees(np.arctan2(up, across)) % 360
    sector = np.searchsorted(_SECTOR_ENDS_DEGREES, hue, side="right") % len(TINTS)
    return np.where(np.hypot(across, up) >= _LEAST_CHROMA, sector, NO_TINT)
