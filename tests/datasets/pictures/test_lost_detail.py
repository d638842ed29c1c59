"""What small sizes leave out of pictures whose structures have a known size."""

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.pictures.lost_detail import LOOKED_AT_PX, lost_share, middle_square


def stripes(width, side=256):
    """Black and white stripes of so many px."""
    line = (np.arange(side) // width % 2 * 200).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(line, (side, side)).copy())


@pytest.mark.parametrize(
    ("width", "size", "low", "high"),
    [
        (2, 48, 0.95, 1.0),  # four times finer than a pixel of the small one
        (64, 48, 0.0, 0.1),
        (8, 48, 0.05, 0.6),
        (8, 128, 0.0, 0.15),
    ],
)
def test_what_is_finer_than_the_size_is_lost_and_what_is_coarser_stays(width, size, low, high):
    assert low <= lost_share(stripes(width), size) <= high


def test_more_pixels_lose_less():
    shares = [lost_share(stripes(6), size) for size in (24, 48, 96, 192)]
    assert shares == sorted(shares, reverse=True)


def test_nothing_is_lost_of_small_or_blank_pictures():
    assert lost_share(stripes(2, side=40), 48) == 0
    assert lost_share(Image.new("RGB", (300, 200), "red"), 48) == 0


def test_a_colour_picture_that_is_wider_is_looked_at_in_its_middle():
    wide = Image.new("RGB", (400, 200), "white")
    wide.paste(stripes(2, side=200).convert("RGB"), (100, 0))
    assert lost_share(wide, 48) > 0.95


def test_the_middle_square_is_small_and_loses_what_the_picture_does():
    large = Image.new("RGB", (1500, 1200), "white")
    large.paste(stripes(24, side=1200).convert("RGB"), (150, 0))
    square = middle_square(large)
    assert (square.mode, square.size) == ("L", (LOOKED_AT_PX, LOOKED_AT_PX))
    assert lost_share(square, 48) == lost_share(large, 48) > 0
    assert middle_square(Image.new("L", (300, 200))).size == (200, 200)
