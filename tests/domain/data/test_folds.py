import numpy as np
import pytest

from cnnlab.domain.data.folds import draw_folds, picture_numbers


@pytest.mark.parametrize("folds", [2, 5])
def test_copies_of_a_picture_are_together_and_classes_shared_out(folds):
    labels = np.repeat([0, 1, 2], 40)
    copies = np.where(np.arange(120) < 40, np.arange(120) // 2, -1)
    pictures = picture_numbers(copies, 120)
    found = draw_folds(labels, pictures, folds, seed=7, purpose=1)
    assert (found[0:40:2] == found[1:40:2]).all()
    for label in range(3):
        assert np.bincount(found[labels == label]).tolist() == [40 // folds] * folds
    assert np.array_equal(found, draw_folds(labels, pictures, folds, seed=7, purpose=1))
    for seed, purpose in ((8, 1), (7, 2)):
        assert (draw_folds(labels, pictures, folds, seed=seed, purpose=purpose) != found).any()


def test_where_no_copies_are_known_each_image_is_a_picture():
    assert picture_numbers(None, 3).tolist() == [0, 1, 2]
    numbers = picture_numbers(np.array([0, -1, 0]), 3)
    assert numbers[0] == numbers[2] != numbers[1]
