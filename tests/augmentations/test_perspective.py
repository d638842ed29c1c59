"""Perspective tilts: what its help says, and nothing from outside of the image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.augmentations.in_numpy import NUMPY_OPS
from cnnlab.augmentations.warp import apply_warp, warp_matrices
from cnnlab.domain.config.augmentation import Augmentation

MOST = 0.45


def read_at(x, y, width, height):
    """(4, 2) of the input in half sides from the centre: what the output's corners show."""
    drawn = {"perspective_x": np.float32([x]), "perspective_y": np.float32([y])}
    [matrix] = warp_matrices(drawn, height, width, NUMPY_OPS)
    half = np.array([width, height]) / 2
    centre = half - 0.5
    corners = centre + half * np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)])
    points = np.column_stack([corners, np.ones(4)]) @ matrix.T
    return (points[:, :2] / points[:, 2:] - centre) / half


@given(
    x=st.floats(-MOST, MOST),
    y=st.floats(-MOST, MOST),
    width=st.integers(8, 300),
    height=st.integers(8, 300),
)
def test_one_corner_stays_and_the_others_move_inwards_by_no_more_than_is_said(x, y, width, height):
    seen = np.abs(read_at(x, y, width, height))
    assert seen.max() <= 1 + 1e-4
    inwards = (1 - seen).max(axis=1) / 2  # in sides
    tilt = (abs(x) + abs(y)) / 2
    assert inwards.min() == pytest.approx(0, abs=1e-4)
    assert inwards.max() == pytest.approx(tilt, abs=1e-4)


def test_the_strongest_tilt_is_the_field():
    most = Augmentation.model_fields["perspective_fraction"].metadata
    assert MOST in [getattr(bound, "le", None) for bound in most]
    inwards = 1 - np.abs(read_at(0.2, 0.2, 96, 96))
    assert inwards.max() / 2 == pytest.approx(0.2, abs=1e-3)


def test_nothing_is_mirrored_at_the_edges():
    """A frame of one level stays in the corners where it was, and comes in nowhere twice."""
    image = np.tile(np.arange(96, dtype=np.float32), (96, 1))[None, :, :, None]
    for x in (-MOST, -0.2, 0.2, MOST):
        drawn = {"perspective_x": np.float32([x]), "perspective_y": np.float32([0.1])}
        changed = apply_warp(image, drawn, NUMPY_OPS)[0, :, :, 0]
        assert (np.diff(changed, axis=1) >= -1e-3).all()
