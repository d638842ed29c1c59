"""Planes of images: against numpy, and what they say of how much they show."""

import numpy as np
import pytest

from cnnlab.judging.inside.planar import kept_neighbours, pca_plane, tsne_plane


def _groups(images=120, features=20, groups=3, seed=0):
    rng = np.random.default_rng(seed)
    of = np.arange(images) % groups
    centres = rng.normal(0, 8, (groups, features))
    return (centres[of] + rng.normal(size=(images, features))).astype(np.float32), of


def test_pca_has_the_widest_directions_and_their_share_of_the_variance():
    features, _ = _groups()
    plane = pca_plane(features, 0)
    centred = (features - features.mean(axis=0)).astype(np.float64)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:2].T
    for axis in (0, 1):
        assert abs(np.corrcoef(plane.places[:, axis], expected[:, axis])[0, 1]) > 0.9999
    np.testing.assert_allclose(plane.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-3)
    np.testing.assert_array_equal(plane.places, pca_plane(features, 0).places)


def test_tsne_keeps_groups_together_and_is_the_same_each_time():
    features, of = _groups()
    plane = tsne_plane(features, 3)
    apart = np.linalg.norm(plane.places[:, None] - plane.places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (of[apart.argmin(axis=1)] == of).all()
    assert plane.shares == () and 0.3 < plane.kept <= 1
    np.testing.assert_array_equal(plane.places, tsne_plane(features, 3).places)


def test_kept_neighbours_are_all_where_nothing_is_lost_and_few_by_chance():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(400, 2)).astype(np.float32)
    assert kept_neighbours(points, points, 0) == 1
    assert kept_neighbours(points, rng.normal(size=(400, 2)), 0) < 0.1
    assert kept_neighbours(points[:11], points[:11], 0) is None


@pytest.mark.parametrize("features", [np.ones((1, 4)), np.ones((5, 1)), np.ones((6, 3))])
def test_images_that_do_not_differ_lie_in_one_place(features):
    plane = pca_plane(features.astype(np.float32), 0)
    assert not plane.places.any() and plane.shares == (0.0, 0.0)
    if len(features) > 3:
        assert not tsne_plane(features.astype(np.float32), 0).places.any()
