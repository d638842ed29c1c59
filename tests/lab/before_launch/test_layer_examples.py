"""What learners are shown of a layer is what the layer computes."""

import numpy as np
import pytest

from cnnlab import lab


@pytest.mark.parametrize("name", lab.FILTERS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_filter_computes_the_textbook_sum(name, channels):
    image = np.random.default_rng(1).integers(0, 256, (6, 7, channels), np.uint8)
    weights = lab.filter_weights(name, channels, seed=3)
    found = lab.filtered(image, weights)
    padded = np.pad(image / 255, ((1, 1), (1, 1), (0, 0)))
    expected = [
        [(padded[y : y + 3, x : x + 3] * weights).sum() for x in range(7)] for y in range(6)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_edges_are_found_where_they_are_and_blur_keeps_the_brightness():
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, 4:] = 255
    upright = lab.filtered(image, lab.filter_weights("upright edges", 3))[1:-1, 1:-1]
    assert set(np.flatnonzero(np.abs(upright).max(0))) == {2, 3}
    level = lab.filtered(image, lab.filter_weights("level edges", 3))[1:-1, 1:-1]
    assert np.abs(level).max() < 1e-6
    blurred = lab.filtered(np.full((5, 5, 3), 255, np.uint8), lab.filter_weights("blur", 3))
    assert blurred[2, 2] == pytest.approx(1)


def test_pooling_keeps_the_largest_or_the_mean_and_drops_the_rest():
    values = np.arange(15.0).reshape(3, 5)
    assert lab.pooled(values, "max").tolist() == [[6, 8]]
    assert lab.pooled(values, "average").tolist() == [[3, 5]]


def test_shades_can_be_compared():
    values = np.array([[-1.0, 1.0]])
    assert lab.as_picture(values, values).tolist() == [[0, 255]]
    assert lab.as_picture(np.array([[0.0]]), values).tolist() == [[127]]
    assert lab.as_picture(np.zeros((1, 1)), np.zeros((2, 2))).tolist() == [[0]]
