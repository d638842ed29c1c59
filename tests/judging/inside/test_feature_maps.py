"""Feature maps as shades: the most active units first, on one scale."""

import numpy as np

from cnnlab.judging.inside.feature_maps import MOST_PX, SHOWN_UNITS, shaded_maps


def test_the_most_active_units_of_a_layer_share_one_scale():
    values = np.zeros((4, 5, 20), np.float32)
    values[..., 7], values[..., 3], values[0, 0, 12] = 2, -1, 1
    [one] = shaded_maps({"conv": values})
    assert one.layer["shown"][:3] == [7, 3, 12] and len(one.layer["shown"]) == SHOWN_UNITS
    assert (one.layer["low"], one.layer["high"], one.layer["silent"]) == (-1, 2, 17)
    assert (one.layer["height"], one.layer["width"], one.layer["units"]) == (4, 5, 20)
    assert one.shades.shape == (16, 4, 5) and one.shades.dtype == np.uint8
    assert (one.shades[0] == 255).all() and (one.shades[1] == 0).all()
    assert one.shades[2, 0, 0] == 170 and one.shades[2, 1, 1] == 85


def test_a_layer_that_is_the_same_everywhere_is_black():
    [one] = shaded_maps({"conv": np.full((2, 2, 3), 5, np.float32)})
    assert not one.shades.any()


def test_large_maps_are_made_smaller_by_means():
    values = np.random.default_rng(0).random((300, 301, 2)).astype(np.float32)
    [one] = shaded_maps({"conv": values})
    assert one.shades.shape == (2, 100, 100) and MOST_PX >= 100
    assert (one.layer["height"], one.layer["width"]) == (300, 301)
    unit = one.layer["shown"][0]
    mean = values[:3, :3, unit].mean()
    low, high = one.layer["low"], one.layer["high"]
    assert abs(one.shades[0, 0, 0] - 255 * (mean - low) / (high - low)) <= 1
