import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlab.domain.arms import AUGMENTATION, worth_arms
from cnnlab.domain.study import Study
from cnnlab.study.kinds.worth import Side, sizes_of, worth_in_images, worth_so_far
from cnnlab.study.kinds.worth_wording import about, worth_label, worth_words
from cnnlab.study.verdicts import METRICS

SIZES = (5, 10, 20, 40, 80)
TOTALS = {size: 10 * size for size in SIZES}
SEED_NOISE = (-0.01, 0.004, 0.008, -0.002)


def curve(gain=0.0, sizes=SIZES, seeds=4, factor=1.0):
    """0.1 more accuracy for each doubling; each seed is off in its own way, with a change anew."""
    shift = 0 if gain == 0 and factor == 1 else 1
    return {
        size: {
            seed: 0.5
            + 0.1 * math.log2(size * factor / 5)
            + gain
            + SEED_NOISE[(seed * (1 + 2 * shift) + size + shift) % 4]
            for seed in range(seeds)
        }
        for size in sizes
    }


def at(found, size):
    return next(worth for worth in found.found if worth.size == size)


def test_twice_the_accuracy_of_half_the_images_is_worth_as_many_again():
    worth = at(worth_in_images(curve(), curve(factor=2), TOTALS), 10)
    assert (worth.side, worth.total) == (Side.WITHIN, 100)
    assert worth.equal == pytest.approx(200, rel=1e-6)
    assert worth.equal_size == pytest.approx(20, rel=1e-6)
    assert worth.images == pytest.approx(100, rel=1e-6)
    assert 100 < worth.low < 200 < worth.high < 400
    assert worth.told


def test_between_sizes_the_curve_is_straight_over_the_logarithm():
    plain = {10: dict.fromkeys(range(3), 0.5), 100: dict.fromkeys(range(3), 0.7)}
    changed = {10: dict.fromkeys(range(3), 0.6)}
    found = worth_in_images(plain, changed, {10: 10, 100: 100}, resolution=0.01)
    assert found.found[0].equal == pytest.approx(math.sqrt(10 * 100))


def test_a_change_that_costs_images_is_negative():
    found = worth_in_images(curve(), curve(factor=0.5), TOTALS)
    worth = at(found, 20)
    assert (worth.images, worth.told) == (pytest.approx(-100, rel=1e-6), True)
    words = worth_words(found, "dropout")
    assert words.startswith("Dropout at 10 a class (100 in all) does only as well as about 50 ")
    assert "costs about 50 images (" in words


def test_above_the_largest_set_it_is_worth_more_than_can_be_read():
    found = worth_in_images(curve(), curve(gain=0.6), TOTALS)
    worth = at(found, 5)
    assert (worth.side, worth.equal, worth.low, worth.high) == (
        Side.BEYOND,
        None,
        pytest.approx(800),
        None,
    )
    assert worth_words(found, "augmentation") == (
        "Augmentation at 5 a class (50 in all) does better than the largest set tried without it "
        "(800): worth at least about 750 images."
    )
    assert worth_label(at(found, 80), found) == "better than any size"


def test_a_mean_above_the_largest_set_is_told_no_better_than_its_interval():
    plain = {
        size: dict(enumerate([mean, mean + 0.02, mean - 0.02]))
        for size, mean in (
            (5, 0.5),
            (10, 0.6),
            (20, 0.7),
        )
    }
    changed = {5: {0: 0.71, 1: 0.7, 2: 0.71}}
    found = worth_in_images(plain, changed, TOTALS)
    worth = found.headline
    assert (worth.side, worth.told, worth.high) == (Side.BEYOND, True, None)
    assert 50 < worth.low < 200
    gain = f"worth at least about {about(worth.low - 50)} images"
    assert worth_label(worth, found) == gain
    assert worth_words(found).endswith(
        f"does about as well as the largest set tried without it (200), or better: {gain}."
    )


def test_below_the_smallest_set():
    found = worth_in_images(curve(), curve(gain=-0.9), TOTALS)
    worth = at(found, 80)
    assert (worth.side, worth.equal, worth.low, worth.high) == (
        Side.BELOW,
        None,
        None,
        pytest.approx(50),
    )
    assert "does worse than the smallest set tried without it (50)" in worth_words(found)


def test_no_effect_is_not_told():
    found = worth_in_images(curve(), curve(gain=0.001), TOTALS)
    assert not found.headline.told
    assert found.headline.low is None or found.headline.low < found.headline.total
    assert worth_label(found.headline, found) == "can't tell"
    assert worth_words(found, "it").startswith("Can't tell what it is worth at 5 a class")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, 131.0, "at most about +31 images."),
        (82.0, None, "at least about -18 images."),
        (82.0, 131.0, "between -18 and +31 images."),
        (None, None, "anything is possible."),
    ],
)
def test_what_cannot_be_told_is_bounded_as_far_as_the_sizes_reach(low, high, words):
    found = worth_in_images(curve(), curve(), TOTALS)
    worth = replace(at(found, 10), low=low, high=high, told=False)
    assert worth_words(replace(found, found=[worth])).endswith(words)


@pytest.mark.parametrize(
    ("equal", "low", "high", "words"),
    [
        (220.0, 150.0, 300.0, "worth about 120 images (50 to 200)."),
        (220.0, 150.0, None, "worth about 120 images (50 to more than 700)."),
        (70.0, None, 90.0, "costs about 30 images (10 to more than 50)."),
    ],
)
def test_an_interval_that_leaves_the_sizes_tried_is_open(equal, low, high, words):
    found = worth_in_images(curve(), curve(), TOTALS)
    worth = replace(at(found, 10), equal=equal, low=low, high=high, told=True)
    assert worth_words(replace(found, found=[worth])).endswith(words)


def test_one_or_two_seeds_give_a_number_and_no_interval():
    for seeds in (1, 2):
        found = worth_in_images(curve(seeds=seeds), curve(seeds=seeds, factor=2), TOTALS)
        worth = found.headline
        assert (worth.low, worth.high, worth.told, worth.seeds) == (None, None, False, seeds)
        assert "nothing: run at least 3." in worth_words(found)


def test_while_planned_runs_are_missing_there_are_means_alone():
    found = worth_so_far(worth_in_images(curve(), curve(factor=2), TOTALS))
    worth = at(found, 10)
    assert (worth.images, worth.low, worth.high) == (pytest.approx(100), None, None)
    assert not any(one.told for one in found.found)
    assert {point.low for point in found.plain + found.changed} == {None}
    assert worth_label(found.headline, found) == "can't tell yet"
    words = worth_words(found, "augmentation")
    assert words.startswith("So far augmentation at 5 a class (50 in all) does as well as about")
    assert words.endswith(". What it is worth is told with the last run.")
    few = worth_so_far(worth_in_images(curve(seeds=2), curve(seeds=2, factor=2), TOTALS))
    assert "run at least 3" in worth_words(few)


@pytest.mark.parametrize("side", ["plain", "changed"])
def test_where_runs_were_lost_those_that_are_left_may_be_the_lucky_ones(side):
    both = {"plain": curve(), "changed": curve(factor=2)}
    assert worth_in_images(*both.values(), TOTALS).headline.told
    del both[side][10][3]
    found = worth_in_images(*both.values(), TOTALS)
    assert not any(one.told for one in found.found)
    assert worth_label(found.headline, found) == "can't tell"
    assert worth_words(found).startswith("Can't tell what the change is worth at 5 a class (50 in")
    assert worth_words(found).endswith("those that did may be the lucky ones.")


def test_a_collapse_withholds_what_a_change_is_worth():
    changed = curve(factor=2)
    changed[10][2] = 0.1
    found = worth_in_images(curve(), changed, TOTALS)
    assert not any(one.told for one in found.found)
    assert worth_words(found).endswith(
        ": 1 seed lies far off the others, and how often that happens decides."
    )


def test_a_flat_curve_tells_nothing():
    flat = {size: {0: 0.9, 1: 0.91, 2: 0.905} for size in SIZES}
    found = worth_in_images(flat, curve(seeds=3), TOTALS)
    assert (found.found, found.headline) == ([], None)
    assert "can't be read" in worth_words(found)


def test_one_size_makes_no_curve():
    assert worth_in_images(curve(sizes=(5,)), curve(), TOTALS) is None


def test_sizes_that_the_dataset_cannot_fill_count_once():
    totals = TOTALS | {80: 400}
    found = worth_in_images(curve(), curve(factor=2), totals)
    assert [point.total for point in found.plain] == [50, 100, 200, 400]


def test_a_dip_by_chance_is_levelled():
    plain = {5: {0: 0.5}, 10: {0: 0.7}, 20: {0: 0.6}, 40: {0: 0.9}}
    found = worth_in_images(plain, {5: {0: 0.65}}, TOTALS)
    assert found.found[0].equal == pytest.approx(100)  # the fewest images on the level stretch


def test_a_lower_cross_entropy_is_better():
    def mirrored(values):
        return {
            size: {seed: 2 - value for seed, value in of.items()} for size, of in values.items()
        }

    metric = METRICS["val_cross_entropy"]
    found = worth_in_images(mirrored(curve()), mirrored(curve(factor=2)), TOTALS, metric)
    assert at(found, 10).images == pytest.approx(100, rel=1e-6)
    assert at(found, 10).level == pytest.approx(2 - 0.7)


def test_only_seeds_that_the_whole_curve_has_count():
    plain = curve() | {80: {seed: value for seed, value in curve()[80].items() if seed < 3}}
    assert at(worth_in_images(plain, curve(factor=2), TOTALS), 10).seeds == 3
    assert worth_in_images(plain, {10: {7: 0.9}}, TOTALS).found == []


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=5, max_size=5),
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
)
def test_the_interval_holds_the_distance_and_stays_in_the_range(rows, changed):
    plain = {size: dict(enumerate(row)) for size, row in zip(SIZES, rows, strict=True)}
    found = worth_in_images(plain, {10: dict(enumerate(changed))}, TOTALS)
    for worth in found.found:
        low, high = worth.low or 0, worth.high or math.inf
        assert low <= high
        assert worth.equal is None or low * (1 - 1e-9) <= worth.equal <= high * (1 + 1e-9)
        assert all(49.99 <= end <= 800.01 for end in (worth.low, worth.high) if end is not None)
        assert worth_words(found).endswith(".")


@settings(max_examples=30)
@given(st.floats(0, 0.25), st.floats(0, 0.25))
def test_a_larger_gain_is_worth_no_less(first, second):
    less, more = sorted((first, second))
    plain = curve()
    small, large = (
        at(worth_in_images(plain, curve(gain=gain), TOTALS), 5).equal for gain in (less, more)
    )
    assert small <= large + 1e-6


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    draws = np.random.default_rng(3).normal(0, 0.012, (200, len(SIZES) + 1, 4))
    covered = 0
    for noise in draws:
        plain = {
            size: dict(enumerate((0.5 + 0.1 * row + noise[row]).tolist()))
            for row, size in enumerate(SIZES)
        }
        changed = {5: dict(enumerate((0.65 + noise[-1]).tolist()))}
        worth = worth_in_images(plain, changed, TOTALS).found[0]
        covered += (worth.low or 0) <= 100 * math.sqrt(2) <= (worth.high or math.inf)
    assert 0.9 * len(draws) <= covered


def bent(images):
    """Accuracy by training images as curves of learning have it: it bends down."""
    return 1 - 1.5 * images**-0.35


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_distance_is_right_where_the_curve_bends(seeds):
    """Straight lines from size to size put half of the distances 15 % and more too high."""
    sizes, truth = (20, 60, 180), 300
    draws = np.random.default_rng(seeds).normal(0, 0.008, (400, len(sizes) + 1, seeds))
    found, covered = [], 0
    for noise in draws:
        plain = {
            size: dict(enumerate((bent(10 * size) + noise[row]).tolist()))
            for row, size in enumerate(sizes)
        }
        changed = {20: dict(enumerate((bent(truth) + noise[-1]).tolist()))}
        worth = worth_in_images(plain, changed, {size: 10 * size for size in sizes}).found[0]
        found.append(worth.images)
        covered += (worth.low or 0) <= truth <= (worth.high or math.inf)
    assert np.median(found) == pytest.approx(truth - 200, rel=0.06)
    assert covered >= 0.91 * len(draws)


def test_the_curve_that_is_drawn_is_the_one_that_distances_are_read_off():
    found = worth_in_images(curve(), curve(factor=2), TOTALS)
    images, levels = np.array(found.curve).T
    assert (images[0], images[-1]) == (pytest.approx(50), pytest.approx(800))
    assert (np.diff(levels) >= 0).all()
    worth = at(found, 5)
    assert np.interp(worth.equal, images, levels) == pytest.approx(worth.level, abs=1e-3)


def test_arms_are_sorted_into_sizes_without_and_with_the_change():
    arms = worth_arms([5, 10], {5: 20, 10: 10}, AUGMENTATION)
    sizes = sizes_of(Study("s", "s", "d", {}, arms, (0,)))
    assert sizes == {
        "10 a class": (10, False),
        "10 a class with augmentation": (10, True),
        "5 a class": (5, False),
        "5 a class with augmentation": (5, True),
    }


@pytest.mark.parametrize(
    ("images", "words"), [(187.3, "190"), (7.4, "7"), (12.6, "13"), (1234, "1200"), (99.7, "100")]
)
def test_numbers_of_images_have_two_digits_that_count(images, words):
    assert about(images) == words
