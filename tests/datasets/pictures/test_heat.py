"""Maps in colours, by values whose colours are known."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.pictures.heat import data_url, heat_colours, overlaid, share_against
from cnnlab.domain.explaining.heat import VIRIDIS


def test_the_most_is_brightest_and_what_speaks_against_it_is_as_dark_as_nothing():
    colours = heat_colours(np.array([[-3.0, 0.0], [2.0, 4.0]]))
    assert [tuple(colour) for colour in colours[0]] == [VIRIDIS[0], VIRIDIS[0]]
    assert tuple(colours[1, 1]) == VIRIDIS[-1]
    brightness = heat_colours(np.linspace(0, 1, 100)[None])[0] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) > -0.6).all(), "brighter all the way, but for rounding"


def test_a_map_that_says_nothing_is_dark():
    for values in (np.zeros((2, 2)), np.full((2, 2), -1.0)):
        assert (heat_colours(values) == VIRIDIS[0]).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_strength_is_how_much_of_the_map_is_seen(channels):
    square = np.full((8, 8, channels), 200, np.uint8)
    values = np.ones((2, 2))
    assert (np.asarray(overlaid(square, values, 16, 0)) == 200).all()
    assert (np.asarray(overlaid(square, values, 16, 1)) == VIRIDIS[-1]).all()
    assert overlaid(square, values, 16, 0.5).size == (16, 16)


def test_a_data_url_holds_the_very_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
    kind, _, content = data_url(pixels).partition(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(Image.open(io.BytesIO(base64.b64decode(content))), pixels)


def test_share_against():
    assert share_against(np.array([[3.0, -1.0]])) == pytest.approx(0.25)
    assert share_against(np.zeros((1, 2))) == 0
