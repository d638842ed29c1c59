"""What an image looks like at a glance: a tiny grey copy and how much fine detail it has.

Taken while an import decodes the image anyway; copies and poor images are found by it.
"""

import base64
from typing import NamedTuple

import numpy as np
from PIL import Image

GLANCE_PX = 16
LOOK = np.dtype([("glance", np.uint8, (GLANCE_PX, GLANCE_PX)), ("detail", np.float32)])
"""One image: its grey copy squeezed to a square, and the detail in grey levels."""

_DETAIL_POINTS = 48


class Look(NamedTuple):
    """A look as it travels between processes.

    Attributes:
        glance: base64 of 16 x 16 uint8 grey levels, row by row.
        detail: root mean square of the Laplacian over the image, in grey levels;
            small for blank and for blurred images.
    """

    glance: str
    detail: float


class Copies(NamedTuple):
    """Groups of images that show the same picture.

    Attributes:
        group: (N,) int32, number of the group of an image, -1 for one without copies.
        is_exact: (G,) bool, whether all images of a group have the same pixels.
    """

    group: np.ndarray
    is_exact: np.ndarray


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
    return Look(base64.b64encode(glance.tobytes()).decode(), round(_detail(gray), 3))


def _detail(gray: Image.Image) -> float:
    """Root mean square of the Laplacian at points spread evenly over the image."""
    pixels = np.asarray(gray)
    if min(pixels.shape) < 3:
        return 0.0
    step_y, step_x = (max(2, side // _DETAIL_POINTS) for side in pixels.shape)
    y, x = slice(1, -1, step_y), slice(1, -1, step_x)
    beside = pixels[:-2:step_y, x].astype(np.int16)
    for values in (pixels[2::step_y, x], pixels[y, :-2:step_x], pixels[y, 2::step_x]):
        beside += values
    laplacian = (4 * pixels[y, x].astype(np.int32) - beside).ravel()
    return float(laplacian @ laplacian / laplacian.size) ** 0.5


def to_array(looks: list[Look]) -> np.ndarray:
    """(N,) of `LOOK`, in the same order."""
    array = np.empty(len(looks), LOOK)
    content = b"".join(base64.b64decode(look.glance) for look in looks)
    array["glance"] = np.frombuffer(content, np.uint8).reshape(-1, GLANCE_PX, GLANCE_PX)
    array["detail"] = [look.detail for look in looks]
    return array
