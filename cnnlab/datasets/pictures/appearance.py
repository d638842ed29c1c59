"""What an image looks like at a glance: a tiny grey copy and how much fine detail it has.

Taken while an import decodes the image anyway; copies and poor images are found by it.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image

GLANCE_PX = 16
LOOK = np.dtype([("glance", np.uint8, (GLANCE_PX, GLANCE_PX)), ("detail", np.float32)])
"""One image: its grey copy squeezed to a square, and the detail in grey levels."""

_DETAIL_POINTS = 48
_ROWS_AT_ONCE = 4096


class Look(NamedTuple):
    """What one image looks like.

    Attributes:
        glance: 16 x 16 uint8 grey levels, row by row.
        detail: root mean square of the Laplacian over the image, in grey levels;
            small for blank and for blurred images.
    """

    glance: bytes
    detail: float


NO_LOOK = Look(bytes(GLANCE_PX**2), 0.0)
"""Of an image that nobody has looked at yet."""


class Copies(NamedTuple):
    """Groups of images that show the same picture.

    Attributes:
        group: (N,) int32, number of the group of an image, -1 for one without copies.
        is_exact: (G,) bool, whether all images of a group have the same pixels.
    """

    group: np.ndarray
    is_exact: np.ndarray


def contrasts(glances: np.ndarray) -> np.ndarray:
    """(N,) float64 standard deviations of (N, 16, 16) glances, in grey levels.

    In parts: numpy would take eight times the memory of the glances, twice.
    """
    parts = range(0, len(glances), _ROWS_AT_ONCE)
    deviations = [glances[start : start + _ROWS_AT_ONCE].std(axis=(1, 2)) for start in parts]
    return np.concatenate([np.empty(0), *deviations])


def look_at(image: Image.Image, transpose: Image.Transpose | None = None) -> Look:
    """Look at a decoded image.

    Args:
        image: of mode `L` or `RGB`.
        transpose: what turns it upright.
    """
    gray = image if image.mode == "L" else image.convert("L")
    fewer = (max(1, gray.width // GLANCE_PX), max(1, gray.height // GLANCE_PX))
    glance = gray.reduce(fewer).resize((GLANCE_PX, GLANCE_PX), Image.Resampling.BILINEAR)
    if transpose is not None:
        glance = glance.transpose(transpose)
    return Look(glance.tobytes(), round(_detail(gray), 3))


def _detail(gray: Image.Image) -> float:
    """Root mean square of the Laplacian at points spread evenly over the image."""
    if min(gray.size) < 3:
        return 0.0
    # Not asarray, which asks the image for its bytes in a much longer way.
    pixels = np.frombuffer(gray.tobytes(), np.uint8).reshape(gray.height, gray.width)
    step_y, step_x = (max(2, side // _DETAIL_POINTS) for side in pixels.shape)
    y, x = slice(1, -1, step_y), slice(1, -1, step_x)
    laplacian = pixels[y, x].astype(np.int16)
    laplacian *= 4
    for values in (
        pixels[:-2:step_y, x],
        pixels[2::step_y, x],
        pixels[y, :-2:step_x],
        pixels[y, 2::step_x],
    ):
        laplacian -= values
    values = laplacian.ravel().astype(np.float64)  # exact, where squares overflow 32 bits
    return float(values @ values / values.size) ** 0.5
