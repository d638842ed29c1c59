"""The nearest by angle: against scikit-learn."""

import numpy as np
from sklearn.metrics.pairwise import cosine_distances

from cnnlab.judging.inside.neighbours import nearest_by_angle


def test_they_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    asked, known = (rng.normal(size=(n, 16)).astype(np.float32) for n in (700, 90))
    places, distances = nearest_by_angle(asked, known)
    expected = cosine_distances(asked, known)
    np.testing.assert_allclose(distances, np.sort(expected, axis=1)[:, :5], atol=1e-5)
    picked = np.take_along_axis(expected, places, axis=1)
    np.testing.assert_allclose(picked, distances, atol=1e-5)


def test_length_does_not_count_and_equal_ones_come_in_order():
    known = np.array([[0, 1], [5, 0], [1, 0], [0, 0]], np.float32)
    places, distances = nearest_by_angle(np.array([[2, 0], [0, 0]], np.float32), known)
    assert places.tolist() == [[1, 2, 0, 3], [0, 1, 2, 3]]
    np.testing.assert_allclose(distances, [[0, 0, 1, 1], [1, 1, 1, 1]])


def test_none_is_asked():
    places, distances = nearest_by_angle(np.zeros((0, 3), np.float32), np.ones((7, 3), np.float32))
    assert places.shape == distances.shape == (0, 5)
