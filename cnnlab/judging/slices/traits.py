"""What is known of how images look, by which they can be sorted into slices."""

from dataclasses import dataclass

import numpy as np

TINTS = ("reddish", "yellowish", "greenish", "bluish", "purplish")
"""What the colours of an image add up to, each a sector of the hue."""

NO_TINT = -1
"""Of an image whose colours add up to grey."""


@dataclass(frozen=True)
class Traits:
    """How the images of one part look; None where that isn't known.

    Attributes:
        brightness: (N,) float, mean grey level 0..255.
        size: (N,) int, shorter side of the original in pixels.
        sharpness: (N,) float, fine detail of the original in grey levels (see `Look`).
        colourfulness: (N,) float, 0 for grey, above 100 for glaring colours (Hasler and
            Suesstrunk 2003).
        tint: (N,) int, place in `TINTS`, or `NO_TINT`.
        copies: (N,) int, number of the group of images that show the same picture, -1 for an
            image without copies.
    """

    brightness: np.ndarray | None = None
    size: np.ndarray | None = None
    sharpness: np.ndarray | None = None
    colourfulness: np.ndarray | None = None
    tint: np.ndarray | None = None
    copies: np.ndarray | None = None
