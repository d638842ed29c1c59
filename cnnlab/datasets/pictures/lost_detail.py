"""How much of what pictures show is gone when they are made as small as a network gets them."""

import numpy as np
from PIL import Image

LOOKED_AT_PX = 512
"""Side at which pictures are looked at: finer than that is noise of the camera in most."""

_BLANK = 1.0


def middle_square(image: Image.Image) -> Image.Image:
    """The middle of a picture in grey levels, as it is looked at: `LOOKED_AT_PX` a side at most.

    Args:
        image: of mode `L` or `RGB`; one that this made stays as it is.

    Returns:
        A square of mode `L`.
    """
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    looked_at = min(side, LOOKED_AT_PX)
    square = image.convert("L").crop((left, top, left + side, top + side))
    return square.resize((looked_at, looked_at), Image.Resampling.BOX)


def lost_share(image: Image.Image, size: int) -> float:
    """The share of the variance of a picture's grey levels that a size leaves nothing of.

    The middle square is made `size` px large and enlarged again: what differs then from the
    picture, squared, over what differs in the picture from its mean. A share of variance, not of
    information: small things weigh little in it, and noise weighs as much as what matters.

    Args:
        image: of mode `L` or `RGB`.
        size: side in px of what a network gets.

    Returns:
        0 (nothing is lost, or the picture is no larger, or blank) to 1 (all is one grey).
    """
    if min(image.size) <= size:
        return 0.0
    square = middle_square(image)
    small = square.resize((size, size), Image.Resampling.LANCZOS)
    again = small.resize(square.size, Image.Resampling.BICUBIC)
    before, after = (np.asarray(each, np.float64) for each in (square, again))
    variance = float(before.var())
    if variance < _BLANK:
        return 0.0
    return min(1.0, float(np.mean((before - after) ** 2)) / variance)
