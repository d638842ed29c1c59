import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.lineage import NOT_GIVEN, Generation
from cnnlab.domain.data.split import (
    assign_lineage,
    assign_splits,
    draw_label_noise,
    limit_training,
    part_numbers,
)
from cnnlab.domain.errors import DatasetError

LABELS = np.repeat(np.arange(3), [50, 30, 20])


def split(labels=LABELS, copies=None, given_parts=None, **fractions):
    given_parts = given_parts or [None] * len(labels)
    return assign_splits(labels, given_parts, SplitFractions(**fractions), copies)


def rows(splits, part):
    return set(np.flatnonzero(splits == part).tolist())


@given(
    counts=st.lists(st.integers(12, 30), min_size=1, max_size=4),
    test=st.floats(0, 0.4),
    seed=st.integers(0, 50),
    draw=st.integers(1, 50),
    folds=st.one_of(st.none(), st.integers(2, 5)),
    times=st.integers(1, 3),
)
def test_the_test_part_is_the_same_in_every_draw_and_copies_stay_together(
    counts, test, seed, draw, folds, times
):
    labels = np.repeat(np.arange(len(counts)), np.array(counts) * times)
    copies = np.repeat(np.arange(sum(counts)), times) if times > 1 else None
    shared = split(labels, copies, test=test, seed=seed)
    anew = split(labels, copies, test=test, seed=seed, validation_draw=draw, folds=folds)
    assert rows(anew, "test") == rows(shared, "test")
    for label in range(len(counts)):
        assert np.any((anew == "train") & (labels == label))
    if copies is not None:
        for picture in range(sum(counts)):
            assert len(set(anew[copies == picture].tolist())) == 1


def test_draws_differ_and_are_the_same_again():
    draws = [split(test=0.1, validation_draw=draw) for draw in range(4)]
    assert len({tuple(one.tolist()) for one in draws}) == 4
    assert (split(test=0.1, validation_draw=3) == draws[3]).all()
    sizes = [len(rows(one, "validation")) for one in draws]
    assert sizes == [sizes[0]] * 4
    for one in draws:
        assert np.bincount(LABELS[one == "validation"]).tolist() == [10, 6, 4]


def test_a_draw_means_the_same_images_forever():
    assert sorted(rows(split(validation_draw=1), "validation"))[:6] == [10, 13, 18, 22, 34, 37]
    assert sorted(rows(split(folds=5, validation_draw=7), "validation"))[:6] == [
        4,
        6,
        10,
        18,
        27,
        30,
    ]


def test_every_image_that_may_validates_once_in_each_division():
    base = split(test=0.1)
    first, second = (
        [split(test=0.1, folds=5, validation_draw=5 * again + fold) for fold in range(5)]
        for again in range(2)
    )
    for division in (first, second):
        judged = [rows(one, "validation") for one in division]
        assert (
            sum(map(len, judged))
            == len(set.union(*judged))
            == len(LABELS) - len(rows(base, "test"))
        )
        assert max(map(len, judged)) - min(map(len, judged)) <= 1
    assert rows(first[0], "validation") != rows(second[0], "validation")


def test_the_only_picture_of_a_class_always_trains():
    labels = np.array([0] * 9 + [1])
    for draw in range(10):
        assert split(labels, folds=2, validation_draw=draw)[9] == "train"


def test_more_folds_than_pictures_are_refused():
    with pytest.raises(DatasetError, match="20 folds need .* Received: 10"):
        split(np.zeros(20, int), np.repeat(np.arange(10), 2), folds=20)


@pytest.mark.parametrize("fractions", [{"validation_draw": 1}, {"folds": 5}])
def test_an_uploads_own_validation_part_is_not_mixed_with_training(fractions):
    own = ["validation" if row % 5 == 0 else "train" for row in range(len(LABELS))]
    assert len(rows(split(given_parts=own), "validation")) == 20
    with pytest.raises(DatasetError, match="its own validation images.*same split for all seeds"):
        split(given_parts=own, **fractions)
    tests = ["test" if row % 5 == 0 else None for row in range(len(LABELS))]
    assert rows(split(given_parts=tests, **fractions), "test") == set(range(0, 100, 5))


def test_what_was_moved_by_hand_and_its_copies_stay():
    copies = np.full(100, -1)
    copies[[3, 4]] = 0
    first = Generation.first(LABELS, part_numbers([None] * 100), copies)
    moved = np.full(100, NOT_GIVEN, np.int8)
    moved[3] = part_numbers(["train"])[0]
    moved[90] = part_numbers(["validation"])[0]
    now = Generation(LABELS, moved, copies, np.arange(100))
    later = Generation(LABELS, moved, copies, np.arange(100))
    for draw in range(1, 40):
        parts = assign_lineage([first, now, later], SplitFractions(validation_draw=draw))
        assert parts[3] == "train" and parts[90] == "validation"
        assert assign_lineage([first, now], SplitFractions(validation_draw=draw))[90] == parts[90]
    held = {
        str(assign_lineage([first, now], SplitFractions(validation_draw=draw))[4])
        for draw in range(1, 40)
    }
    assert len(held) == 1


def test_who_is_kept_and_whose_label_is_wrong_is_drawn_anew_too():
    def kept(draw):
        fractions = SplitFractions(
            images_per_class=5, label_noise_fraction=0.4, validation_draw=draw
        )
        train = limit_training(LABELS, np.arange(100), fractions)
        noise = draw_label_noise(LABELS.astype(np.int32), np.arange(100), 3, fractions)
        return train.tolist(), noise.positions.tolist()

    assert kept(0)[0] != kept(1)[0] and kept(0)[1] != kept(1)[1]
    assert kept(1) == kept(1)
