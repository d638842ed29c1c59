"""What units react to: against a one-way analysis of variance made by hand."""

import numpy as np
import pytest
from scipy.stats import f_oneway

from cnnlab.judging.inside.unit_traits import share_between_classes, unit_traits


def test_the_most_exciting_pictures_come_first():
    values = np.array([[0.1, 3], [0.9, 3], [0.5, 1]], np.float32)
    traits = unit_traits(values, np.array([0, 1, 1]))
    assert traits.pictures.tolist() == [[1, 2, 0], [0, 1, 2]]
    np.testing.assert_allclose(traits.excitements, [[0.9, 0.5, 0.1], [3, 3, 1]])
    assert traits.favourite.tolist() == [1, 0]
    np.testing.assert_allclose(traits.mean, [0.5, 7 / 3], rtol=1e-6)


def test_separation_is_the_share_of_variance_between_classes():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    values = rng.normal(size=(200, 4)) + labels[:, None] * np.array([0, 0.3, 2, 9])
    separation = unit_traits(values.astype(np.float32), labels).separation
    for unit in range(4):
        f = f_oneway(*(values[labels == label, unit] for label in range(3))).statistic
        assert abs(separation[unit] - f * 2 / (f * 2 + 197)) < 1e-5
    assert (np.diff(separation) > 0).all()


def test_a_silent_unit_separates_nothing_and_there_may_be_none():
    assert unit_traits(np.zeros((5, 1), np.float32), np.arange(5) % 2).separation.tolist() == [0]
    assert unit_traits(np.zeros((5, 0), np.float32), np.arange(5) % 2).pictures.shape == (0, 5)


@pytest.mark.parametrize(("classes", "each"), [(1000, 10), (2, 300)])
def test_noise_lies_between_no_classes(classes, each):
    labels = np.repeat(np.arange(classes), each)
    values = np.random.default_rng(0).normal(size=(len(labels), 20))
    eta = unit_traits(values.astype(np.float32), labels).separation
    share = share_between_classes(eta, len(labels), classes)
    assert abs(eta.mean() - (classes - 1) / (len(labels) - 1)) < 0.005
    assert share.min() == 0 and share.max() < 0.02


def test_the_share_between_classes_is_that_of_the_variance_components():
    labels = np.repeat(np.arange(100), 6)
    rng = np.random.default_rng(1)
    values = rng.normal(size=(100, 300))[labels] + rng.normal(size=(600, 300))
    eta = unit_traits(values.astype(np.float32), labels).separation
    assert eta.mean() > 0.55
    assert abs(share_between_classes(eta, 600, 100).mean() - 0.5) < 0.02


def test_of_few_images_of_each_class_it_cannot_be_told():
    assert share_between_classes(np.array([0.5]), 200, 100) is None
    assert share_between_classes(np.array([0.5]), 0, 0) is None
    assert share_between_classes(np.array([0.0]), 5, 1).tolist() == [0]
