"""Unlike or not is said only where enough images set the limit."""

import math

import pytest

from cnnlab.domain.data.familiarity import LEAST_IMAGES, is_unlike
from cnnlab.judging.familiarity import FALSE_ALARMS
from tests.made_tables import LIMIT


@pytest.mark.parametrize(
    ("known", "distance", "said"),
    [
        (LIMIT, 0.5, False),
        (LIMIT, 0.7, True),
        (LIMIT | {"images": LEAST_IMAGES}, 0.7, True),
        (LIMIT | {"images": LEAST_IMAGES - 1}, 0.7, None),
        (LIMIT | {"images": LEAST_IMAGES - 1}, 0.5, None),
        (LIMIT, math.nan, None),
        (None, 0.7, None),
    ],
)
def test_nothing_is_called_unlike_where_too_few_images_tell(known, distance, said):
    assert is_unlike(known, distance) is said


def test_with_fewer_images_more_than_the_stated_share_would_be_called_unlike_by_mistake():
    beyond_the_farthest = [1 / (images + 1) for images in (LEAST_IMAGES - 1, LEAST_IMAGES)]
    assert beyond_the_farthest[0] > FALSE_ALARMS >= beyond_the_farthest[1]
