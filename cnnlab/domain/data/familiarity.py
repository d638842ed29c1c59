"""From how many images on it can be said that a picture is unlike those a model was trained on."""

import math

from cnnlab.domain.records.prediction import FamiliarityLimit

LEAST_IMAGES = 19
"""Validation images for a limit. Of new pictures like N such images, even beyond the farthest of
them lie 1 in N + 1 on average: with fewer it is more than one in twenty, wherever the limit is."""


def is_unlike(known: FamiliarityLimit | None, distance: float) -> bool | None:
    """Whether a picture counts as unlike the training images of a model.

    Args:
        known: the limit; None where there is none.
        distance: of the picture; NaN where it isn't known.

    Returns:
        None where that can't be said.
    """
    if known is None or known["images"] < LEAST_IMAGES or math.isnan(distance):
        return None
    return distance > known["limit"]
