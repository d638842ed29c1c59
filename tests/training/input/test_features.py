"""Copies of features, as batches take them."""

import numpy as np

from cnnlab.training.input.features import AugmentedFeatures

COPIES, IMAGES = 4, 3
FEATURES = np.arange(COPIES * IMAGES, dtype=np.float32).reshape(COPIES, IMAGES, 1)
"""Copy k of image i is 3 k + i."""


def test_an_image_that_comes_several_times_in_a_batch_is_another_copy_each_time():
    copies = AugmentedFeatures(FEATURES, 10 * FEATURES)
    batch = np.array([2, 0, 2, 2, 1, 2, 0, 2])
    for turn in (0, 5):
        features, labels = copies.at(turn, batch)
        np.testing.assert_array_equal(features[:, 0] % IMAGES, batch)
        of_two = features[batch == 2, 0] // IMAGES
        assert set(of_two[:COPIES]) == set(range(COPIES)) and of_two[COPIES] == of_two[0]
        np.testing.assert_array_equal(labels, 10 * features)


def test_images_that_come_once_are_the_copy_of_the_turn():
    features, _ = AugmentedFeatures(FEATURES, FEATURES).at(6, np.array([1, 2, 0]))
    np.testing.assert_array_equal(features[:, 0], [7, 8, 6])
