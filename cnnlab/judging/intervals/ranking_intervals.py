"""Intervals of the two areas of a class against the rest.

Both are Wilson's, for as many images as give the standard error: near 1, where areas mostly are,
they stay below it and reach down farther than up. What held the truth how often stands in
`tests/benchmarks/judged_intervals.py`; on the scale of log(area / (1 - area)) it was 85 to 95 % at
300 images, and less than half where areas are so near to 1 that those of the images often are 1.
"""

import math

from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.shares import undefined, wilson
from cnnlab.judging.ranking import Ranking

_MOST_OF_AREA = 5
"""An area is never known better than a share of so many times the images of the class, or of the
rest if they are fewer: where few are ranked wrong, chance decides whether one is there."""
_MOST_OF_PRECISION = 3
_SUPPOSED = 8
"""Images beside those of the class that waver as a share does, whose spread is the greatest."""


def roc_area_of(ranking: Ranking) -> Measured:
    """The area under the ROC curve; undefined where the class or the rest has no image.

    The standard error is DeLong's, and one image more of the greatest spread: without it the truth
    is held in 89 to 94 %.
    """
    area, fewer = ranking.roc_area, min(ranking.positives, ranking.negatives)
    if math.isnan(area):
        return undefined()
    spread = area * (1 - area)
    variance = ranking.roc_area_error**2 + spread / fewer**2
    return _like_a_share(area, spread, variance, _MOST_OF_AREA * fewer)


def average_precision_of(ranking: Ranking) -> Measured:
    """The average precision; undefined where the class or the rest has no image."""
    precision, images = ranking.average_precision, ranking.positives
    if math.isnan(precision):
        return undefined()
    spread = precision * (1 - precision)
    own = ranking.average_precision_error**2
    variance = (images * own + _SUPPOSED * spread / images) / (images + _SUPPOSED)
    return _like_a_share(precision, spread, variance, _MOST_OF_PRECISION * images)


def _like_a_share(value: float, spread: float, variance: float, most: float) -> Measured:
    """Wilson's interval of a share that wavers as much.

    Args:
        value: 0..1.
        spread: value * (1 - value).
        variance: squared standard error.
        most: images that it may be a share of.
    """
    images = min(spread / variance, most) if variance > 0 else most
    return wilson(value * images, images)
