import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.config import SplitFractions
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.split import assign_splits, clean_train_subset, count_splits


@given(
    counts=st.lists(st.integers(2, 40), min_size=1, max_size=5),
    validation=st.floats(0.05, 0.5),
    test=st.floats(0, 0.4),
    seed=st.integers(0, 100),
)
def test_drawn_splits_are_stratified_and_leave_training_images(counts, validation, test, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    fractions = SplitFractions(validation=validation, test=test, seed=seed)
    splits = assign_splits(labels, [None] * len(labels), fractions)
    for label, count in enumerate(counts):
        mine = splits[labels == label]
        assert np.count_nonzero(mine == "train") >= 1
        wanted = max(1, round(validation * count))
        assert np.count_nonzero(mine == "validation") == min(wanted, count - 1)
    assert sum(count_splits(splits).values()) == len(labels)


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    labels = np.repeat(np.arange(3), 50)
    first, again, other = (
        assign_splits(labels, [None] * 150, SplitFractions(seed=seed)) for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_the_uploads_own_parts_are_honoured():
    labels = np.zeros(30, int)
    given_splits = ["train"] * 20 + ["test"] * 10
    splits = assign_splits(labels, given_splits, SplitFractions(validation=0.2, test=0.3))
    assert count_splits(splits) == {"train": 16, "validation": 4, "test": 10}
    assert (splits[20:] == "test").all()


def test_one_image_a_class_is_refused():
    with pytest.raises(DatasetError, match="at least 2 images"):
        assign_splits(np.arange(3), [None] * 3, SplitFractions())


def test_the_clean_subset_is_everything_when_small_and_stratified_when_large():
    assert len(clean_train_subset(np.zeros(500, int), 0)) == 500
    labels = np.repeat([0, 1], [3000, 1000])
    subset = clean_train_subset(labels, 0)
    assert np.bincount(labels[subset]).tolist() == [900, 300]
    assert (subset == clean_train_subset(labels, 0)).all()
    assert (np.diff(subset) > 0).all()
