"""How sure an accuracy is that a number of images gives."""

import math
from statistics import NormalDist

# Points. An accuracy that may be off by more hides what most settings change. It is sure to so much
# where it is least sure, at a half: half of 95 % of what so many images come to by chance.
UNSURE = 15
_UNSURE_OF_ONE = 100 * NormalDist().inv_cdf(0.975) * 0.5
ENOUGH = math.ceil((_UNSURE_OF_ONE / (UNSURE + 0.5)) ** 2)
"""So many images are said to be sure to `UNSURE`, in whole points."""


def unsure_points(images: int) -> float:
    """By how many points an accuracy may be off that so many images give; of one at least."""
    return _UNSURE_OF_ONE / math.sqrt(images)


def judged_by_few_words(images: int) -> tuple[str, str] | None:
    """What so few validation images mean for a run's accuracy; None where they are enough.

    Returns:
        The warning, and what it is about.
    """
    if not 0 < images < ENOUGH:
        return None
    off = min(unsure_points(images), 100)
    return (
        "Too few validation images to say how good a network is.",
        f"With {images} one picture is {100 / images:.0f} points, and an accuracy may be off by "
        f"±{off:.0f}; with {ENOUGH} by ±{UNSURE}.",
    )
