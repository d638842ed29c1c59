import numpy as np
import pytest

from cnnlab.study.chance.paired import paired_estimate
from cnnlab.study.chance.two_way import needs_images, two_way_estimate


def drawn(rng, seeds, images, *, of_seed, of_image, rest):
    return (
        0.01
        + of_seed * rng.standard_normal((seeds, 1))
        + of_image * rng.standard_normal(images)
        + rest * rng.standard_normal((seeds, images))
    )


def test_the_squares_are_those_of_the_two_way_analysis_of_variance():
    differences = drawn(np.random.default_rng(0), 4, 6, of_seed=0.3, of_image=1.0, rest=0.5)
    mean = differences.mean()
    of_seeds = 6 * ((differences.mean(axis=1) - mean) ** 2).sum() / 3
    of_images = 4 * ((differences.mean(axis=0) - mean) ** 2).sum() / 5
    total = ((differences - mean) ** 2).sum()
    rest = (total - 3 * of_seeds - 5 * of_images) / 15
    found = two_way_estimate(differences)
    assert found.mean == pytest.approx(mean)
    assert found.error**2 * 24 == pytest.approx(of_seeds + of_images - rest)
    more = of_images - rest
    assert found.df == pytest.approx((of_seeds + more) ** 2 / (of_seeds**2 / 3 + more**2 / 5))


def test_where_images_do_not_matter_it_is_the_t_interval_of_the_seeds():
    rng = np.random.default_rng(1)
    differences = np.repeat(rng.standard_normal((5, 1)), 40, axis=1)
    found, alone = two_way_estimate(differences), paired_estimate(differences[:, 0])
    assert (found.mean, found.error, found.df) == pytest.approx((alone.mean, alone.error, alone.df))


@pytest.mark.parametrize(("seeds", "images"), [(3, 60), (5, 100), (12, 100), (20, 400)])
def test_the_interval_holds_the_truth_about_new_images_where_that_of_the_seeds_does_not(
    seeds, images
):
    rng, held = np.random.default_rng(seeds), np.zeros(2)
    for _ in range(400):
        differences = drawn(rng, seeds, images, of_seed=0.02, of_image=0.3, rest=0.2)
        both = two_way_estimate(differences), paired_estimate(differences.mean(axis=1))
        for number, found in enumerate(both):
            _, low, high = found.interval(0.95).estimate
            held[number] += low <= 0.01 <= high
    assert 0.91 <= held[0] / 400 <= 0.99
    assert held[1] < held[0] - 0.03 * 400 * (seeds > 3)


@pytest.mark.parametrize("seeds", [3, 5, 8])
@pytest.mark.parametrize("of_image", [0.0, 0.15])
def test_new_images_are_never_known_better_than_these(seeds, of_image):
    rng = np.random.default_rng(seeds)
    for _ in range(60):
        differences = drawn(rng, seeds, 400, of_seed=0.02, of_image=of_image, rest=0.2)
        new = two_way_estimate(differences, resolution=1 / 400)
        these = paired_estimate(list(differences.mean(axis=1)), resolution=1 / 400)
        assert new.p >= these.p - 1e-12
        for confidence in (0.95, 0.9875):
            _, low, high = new.interval(confidence).estimate
            _, least, most = these.interval(confidence).estimate
            assert low <= least + 1e-12 and most <= high + 1e-12


def test_with_three_seeds_the_interval_holds_the_truth_as_often_as_it_says():
    rng, held = np.random.default_rng(0), 0
    for _ in range(1000):
        differences = drawn(rng, 3, 400, of_seed=0.02, of_image=0.15, rest=0.2)
        _, low, high = two_way_estimate(differences).interval(0.9875).estimate
        held += low <= 0.01 <= high
    assert held / 1000 >= 0.98  # 96.3 % by the error alone


@pytest.mark.parametrize(("of_image", "share"), [(0.5, 0.9), (0.2, 0.5), (0.0, 0.0)])
def test_more_seeds_cannot_tell_where_the_images_decide(of_image, share):
    rng, said = np.random.default_rng(2), []
    for _ in range(50):
        differences = 0.03 + drawn(rng, 6, 100, of_seed=0.05, of_image=of_image, rest=0.2)
        said.append(needs_images(two_way_estimate(differences), 0.05))
    assert np.mean(said) == pytest.approx(share, abs=0.15)


def test_seeds_that_are_all_equal_tell_nothing_of_new_images_either():
    equal = np.tile(np.random.default_rng(0).standard_normal(40), (3, 1))
    assert two_way_estimate(equal).error == 0


def test_equal_differences_keep_the_spread_of_rounding():
    same = np.full((3, 50), 0.02)
    assert two_way_estimate(same).error == 0
    rounded = two_way_estimate(same, resolution=0.02)
    assert rounded.error == pytest.approx(paired_estimate([0.02] * 3, resolution=0.02).error)


def test_a_single_seed_or_image_tells_nothing():
    assert two_way_estimate(np.ones((1, 9))).error == 0
    assert two_way_estimate(np.ones((9, 1))).error == 0
