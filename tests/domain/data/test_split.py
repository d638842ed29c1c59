import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.lineage import NOT_GIVEN, PICTURES_COUNTED, Generation
from cnnlab.domain.data.split import (
    assign_lineage,
    assign_splits,
    clean_train_subset,
    count_splits,
    draw_label_noise,
    limit_training,
    stratified_subset,
)
from cnnlab.domain.errors import DatasetError


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


def letters(splits):
    return "".join({"train": "t", "validation": "v", "test": "T"}[split] for split in splits)


@pytest.mark.parametrize(
    ("validation", "test", "seed", "expected"),
    [
        (0.2, 0.0, 0, "vtttttttttttttttvvtvtvt"),
        (0.2, 0.1, 0, "vtTttttttTttttttvvtvtvT"),
        (0.3, 0.3, 7, "TTttvtvTTttvttvvtTTtttv"),
    ],
)
def test_a_seed_of_the_split_means_the_same_images_forever(validation, test, seed, expected):
    fractions = SplitFractions(validation=validation, test=test, seed=seed)
    assert letters(assign_splits(np.arange(23) % 3, [None] * 23, fractions)) == expected
    given_splits = ["test" if row % 5 == 0 else None for row in range(23)]
    splits = assign_splits(
        np.arange(23) % 3, given_splits, SplitFractions(validation=0.3, test=0.3, seed=1)
    )
    assert letters(splits) == "TtvvvTvtttTvtttTttttTtv"


@pytest.mark.parametrize("times", [2, 3, 4, 5])
def test_shares_are_of_images_however_many_copies_each_picture_has(times):
    labels, copies = np.repeat(np.arange(4), 50 * times), np.repeat(np.arange(200), times)
    fractions = SplitFractions(validation=0.2, test=0.1)
    splits = assign_splits(labels, [None] * len(labels), fractions, copies)
    images = 200 * times
    expected = {"train": 0.7 * images, "validation": 0.2 * images, "test": 0.1 * images}
    assert count_splits(splits) == pytest.approx(expected)


@given(
    pictures=st.lists(
        st.lists(st.integers(1, 12), min_size=1, max_size=15), min_size=1, max_size=5
    ),
    validation=st.floats(0.05, 0.5),
    test=st.sampled_from([0, 0.05, 0.1, 0.3, 0.4]),
    seed=st.integers(0, 1000),
)
def test_each_class_has_its_shares_within_one_picture(pictures, validation, test, seed):
    sizes = [size for one in pictures for size in one]
    copies = np.repeat(np.arange(len(sizes)), sizes)
    copies[np.isin(copies, np.flatnonzero(np.array(sizes) == 1))] = -1
    labels = np.repeat(np.arange(len(pictures)), [sum(one) for one in pictures])
    fractions = SplitFractions(validation=validation, test=test, seed=seed)
    assume(any(len(one) > 1 for one in pictures))
    splits = assign_splits(labels, [None] * len(labels), fractions, copies)
    for number in np.unique(copies[copies >= 0]):
        assert len(set(splits[copies == number])) == 1
    for label, mine in enumerate(pictures):
        counts = count_splits(splits[labels == label])
        assert counts["train"] >= 1
        if len(mine) == 1:
            assert counts["train"] == sum(mine)
            continue
        assert counts["validation"] >= 1
        assert abs(counts["validation"] - validation * sum(mine)) <= max(mine)
        trains = (labels == label) & (splits == "train")
        pictures_left = len(set(np.where(copies < 0, -2 - np.arange(len(copies)), copies)[trains]))
        if test and pictures_left > 1:  # the last one is training's
            assert abs(counts["test"] - test * sum(mine)) <= max(mine)


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 12)), min_size=30, max_size=80),
    seed=st.integers(0, 1000),
)
def test_one_picture_in_several_classes_stays_on_one_side_and_overfills_none(rows, seed):
    labels, copies = np.array([*rows, *[(4, -1)] * 4]).T  # some of a sound class
    splits = assign_splits(
        labels, [None] * len(labels), SplitFractions(validation=0.25, test=0.2, seed=seed), copies
    )
    sizes = np.bincount(copies[copies >= 0], minlength=1)
    for number in np.unique(copies[copies >= 0]):
        assert len(set(splits[copies == number])) == 1
    for label in np.unique(labels):
        mine, pictures = splits[labels == label], copies[labels == label]
        assert "train" in mine
        most = max([1, *sizes[np.unique(pictures[pictures >= 0])]])
        assert count_splits(mine)["validation"] <= 0.25 * len(mine) + 1 + most
        assert count_splits(mine)["test"] <= 0.2 * len(mine) + 1 + most


def test_an_index_of_an_earlier_release_is_split_as_it_was():
    copies = np.where(np.arange(23) < 12, np.arange(23) // 6, -1)
    given_parts = np.full(23, NOT_GIVEN)
    earlier = Generation.first(np.zeros(23, int), given_parts, copies, rule=PICTURES_COUNTED)
    fractions = SplitFractions(validation=0.3, test=0.1, seed=1)
    assert letters(assign_lineage([earlier], fractions)) == "vvvvvvvvvvvvvvtTvvttTvt"


def test_one_image_a_class_is_refused():
    with pytest.raises(DatasetError, match="at least 2 images"):
        assign_splits(np.arange(3), [None] * 3, SplitFractions())


def test_the_clean_subset_is_everything_when_small_and_stratified_when_large():
    assert len(clean_train_subset(np.zeros(100, int), 0)) == 100
    assert len(clean_train_subset(np.zeros(300, int), 0)) == 100
    labels = np.repeat([0, 1], [3000, 1000])
    subset = clean_train_subset(labels, 0)
    assert np.bincount(labels[subset]).tolist() == [900, 300]
    assert (subset == clean_train_subset(labels, 0)).all()
    assert (np.diff(subset) > 0).all()


UNEVEN = np.repeat(np.arange(4), [3, 10, 20, 40]).astype(np.int32)
TRAIN_POSITIONS = np.arange(0, 73, 1)[np.arange(73) % 7 != 0]


def limited(number, seed=0):
    return limit_training(
        UNEVEN, TRAIN_POSITIONS, SplitFractions(images_per_class=number, seed=seed)
    )


def test_without_a_limit_every_training_image_is_kept():
    assert limited(None) is TRAIN_POSITIONS


@given(number=st.integers(1, 60), seed=st.integers(0, 50))
def test_a_limit_holds_for_each_class_and_keeps_small_classes_whole(number, seed):
    kept = limited(number, seed)
    expected = np.minimum(np.bincount(UNEVEN[TRAIN_POSITIONS]), number)
    assert np.bincount(UNEVEN[kept], minlength=4).tolist() == expected.tolist()
    assert (np.diff(kept) > 0).all()
    assert np.isin(kept, TRAIN_POSITIONS).all()


@given(numbers=st.tuples(st.integers(1, 30), st.integers(0, 30)), seed=st.integers(0, 50))
def test_fewer_images_are_part_of_more(numbers, seed):
    fewer, more = numbers[0], sum(numbers)
    assert np.isin(limited(fewer, seed), limited(more, seed)).all()


def test_the_seed_of_the_split_decides_who_is_kept():
    assert limited(5).tolist() == limited(5).tolist()
    assert limited(5, seed=1).tolist() != limited(5).tolist()


def noise(fraction, seed=0, classes=4):
    fractions = SplitFractions(label_noise_fraction=fraction, seed=seed)
    return draw_label_noise(UNEVEN, TRAIN_POSITIONS, classes, fractions)


@given(fraction=st.floats(0, 1), seed=st.integers(0, 50))
def test_flipped_labels_are_wrong_and_in_the_training_part_only(fraction, seed):
    drawn = noise(fraction, seed)
    assert len(drawn) == round(fraction * len(TRAIN_POSITIONS))
    assert np.isin(drawn.positions, TRAIN_POSITIONS).all()
    assert (np.diff(drawn.positions) > 0).all()
    assert (drawn.true_labels == UNEVEN[drawn.positions]).all()
    assert (drawn.given_labels != drawn.true_labels).all()
    assert ((drawn.given_labels >= 0) & (drawn.given_labels < 4)).all()
    changed = drawn.applied_to(UNEVEN)
    assert changed.dtype == np.int32
    assert np.flatnonzero(changed != UNEVEN).tolist() == drawn.positions.tolist()


@given(fractions=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), seed=st.integers(0, 50))
def test_a_smaller_noise_is_part_of_a_larger_one(fractions, seed):
    less, more = noise(fractions[0], seed), noise(sum(fractions), seed)
    larger = dict(zip(more.positions.tolist(), more.given_labels.tolist(), strict=True))
    for position, label in zip(less.positions.tolist(), less.given_labels.tolist(), strict=True):
        assert larger[position] == label


def test_every_other_class_is_a_wrong_label_equally_often():
    labels = np.zeros(9000, np.int32)
    drawn = draw_label_noise(
        labels, np.arange(9000), 4, SplitFractions(label_noise_fraction=1.0, seed=2)
    )
    counts = np.bincount(drawn.given_labels, minlength=4)
    assert counts[0] == 0
    assert (np.abs(counts[1:] - 3000) < 5 * np.sqrt(9000 * 2 / 9)).all()


def test_a_single_class_has_no_wrong_label():
    assert len(noise(0.5, classes=1)) == 0


def test_a_sample_of_the_noise_is_fixed_and_keeps_labels_with_their_images():
    drawn = noise(0.5)
    sample = drawn.sample(10, seed=0)
    assert len(sample) == 10
    assert drawn.sample(10, seed=0).positions.tolist() == sample.positions.tolist()
    chosen = np.searchsorted(drawn.positions, sample.positions)
    assert (drawn.positions[chosen] == sample.positions).all()
    assert (drawn.given_labels[chosen] == sample.given_labels).all()
    assert (drawn.true_labels[chosen] == sample.true_labels).all()
    assert drawn.sample(1000, seed=0) is drawn


def test_a_stratified_subset_has_the_classes_in_proportion():
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(3), [100, 300, 600]))
    subset = stratified_subset(labels, 50)
    assert np.bincount(labels[subset]).tolist() == [5, 15, 30]
    assert (np.diff(subset) > 0).all()
    assert stratified_subset(labels, 50).tolist() == subset.tolist()
    assert stratified_subset(labels[:40], 50).tolist() == list(range(40))
