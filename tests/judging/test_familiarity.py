"""Unlike the training images or not: on planted sets whose answer is known."""

import numpy as np
import pytest
from scipy import stats

from cnnlab.judging.familiarity import (
    FALSE_ALARMS,
    MOST_FEATURES,
    Features,
    learn_familiarity,
    spread_over_classes,
)


def planted(generator, count, *, classes=4, features=32, noise=0.3):
    """Features of images of some classes, each around a direction of its own."""
    centres = np.random.default_rng(7).normal(size=(classes, features))
    labels = generator.integers(classes, size=count)
    last = np.maximum(centres[labels] + noise * generator.normal(size=(count, features)), 0)
    return Features(last, filters(generator, count))


def unlike(generator, count, *, features=32):
    """Of no class, but with filters as strong as ever."""
    last = np.maximum(generator.normal(size=(count, features)), 0)
    return Features(last, filters(generator, count))


def filters(generator, count, *, shift=0.0):
    """Six filters that answer to two properties of a picture; the last one is always silent."""
    properties = generator.normal(size=(count, 2)) + shift
    return properties @ np.array([[1, 2, 3, 0, 1, 0], [3, 0, 1, 1, -1, 0]])


def test_pictures_of_another_kind_are_unlike_and_those_of_this_kind_mostly_not():
    generator = np.random.default_rng(1)
    familiar = learn_familiarity(planted(generator, 600), planted(generator, 400))
    alike = familiar.distances(planted(generator, 4000)) > familiar.limit
    other = familiar.distances(unlike(generator, 1000)) > familiar.limit
    assert other.mean() > 0.95
    assert familiar.record["low"] <= alike.mean() <= familiar.record["high"]
    assert familiar.farther / familiar.images <= FALSE_ALARMS


def test_pictures_whose_filters_answer_otherwise_are_unlike_though_they_look_like_a_class():
    generator = np.random.default_rng(8)
    familiar = learn_familiarity(planted(generator, 600), planted(generator, 400))
    last = planted(generator, 500).last
    other = Features(last, filters(generator, 500, shift=6.0))
    noise = Features(last, filters(generator, 500) + np.array([0, 0, 0, 0, 0, 1.0]))
    assert (familiar.distances(other) > familiar.limit).mean() > 0.95
    assert (familiar.distances(noise) > familiar.limit).all()  # a filter that was always silent


@pytest.mark.parametrize("images", [30, 100, 300])
def test_the_interval_of_the_false_alarms_holds_the_truth_as_often_as_it_says(images):
    """The share beyond a quantile of n is beta distributed, whatever the distances are."""
    generator, covered, shares = np.random.default_rng(2), [], []
    training, fresh = planted(generator, 200), planted(generator, 1000)
    for _ in range(100):
        familiar = learn_familiarity(training, planted(generator, images))
        share = float(np.mean(familiar.distances(fresh) > familiar.limit))
        record = familiar.record
        covered.append(record["low"] - 0.005 <= share <= record["high"] + 0.005)
        shares.append(share)
    assert np.mean(covered) > 0.9
    expected = (images - familiar.rank + 1) / (images + 1)
    assert np.mean(shares) == pytest.approx(expected, abs=0.01)
    assert expected <= FALSE_ALARMS


def test_the_interval_is_that_of_a_beta_distribution():
    generator = np.random.default_rng(3)
    familiar = learn_familiarity(planted(generator, 100), planted(generator, 59))
    assert familiar.rank == 57
    record = familiar.record
    expected = stats.beta(59 - 57 + 1, 57).ppf([0.025, 0.975])
    assert (record["low"], record["high"]) == pytest.approx(tuple(expected))
    assert record["false_alarms"] == pytest.approx(2 / 59)


def test_with_few_validation_images_it_says_how_little_is_known():
    generator = np.random.default_rng(4)
    familiar = learn_familiarity(planted(generator, 50), planted(generator, 6))
    assert (familiar.rank, familiar.farther, familiar.images) == (6, 0, 6)
    assert familiar.record["high"] > 0.4
    alone = learn_familiarity(planted(generator, 1), planted(generator, 1))
    assert alone.neighbours == 1
    assert np.isfinite(alone.limit)


def test_how_strong_the_features_are_says_nothing_and_none_at_all_is_no_error():
    generator = np.random.default_rng(5)
    familiar = learn_familiarity(planted(generator, 100), planted(generator, 100))
    some = planted(generator, 5)
    strong = some._replace(last=some.last * 1000)
    np.testing.assert_allclose(familiar.distances(some), familiar.distances(strong), atol=1e-3)
    nothing = Features(np.zeros((1, 32)), np.zeros((1, 6)))
    assert np.isfinite(familiar.distances(nothing)).all()


def test_a_network_without_filters_is_judged_by_its_last_features():
    generator = np.random.default_rng(9)
    bare = [
        Features(draw(generator, 300).last, np.zeros((300, 0)))
        for draw in (planted, planted, unlike)
    ]
    familiar = learn_familiarity(*bare[:2])
    assert (familiar.distances(bare[2]) > familiar.limit).mean() > 0.95


def test_of_many_features_fewer_tell_the_same():
    generator, features = np.random.default_rng(6), 3 * MOST_FEATURES + 7
    known = planted(generator, 200, features=features)
    familiar = learn_familiarity(known, planted(generator, 200, features=features))
    assert familiar.known.shape == (200, MOST_FEATURES + 6)
    far = familiar.distances(unlike(generator, 50, features=features))
    near = familiar.distances(planted(generator, 50, features=features))
    assert (far > familiar.limit).all()
    assert (near > familiar.limit).mean() < 0.25


def test_images_are_spread_over_the_classes_and_always_the_same():
    labels = np.array([0] * 90 + [1] * 8 + [2] * 2)
    positions = np.arange(100)
    chosen = spread_over_classes(labels, positions, 20)
    assert np.bincount(labels[chosen]).tolist() == [10, 8, 2]
    assert (np.diff(chosen) > 0).all()
    assert (chosen == spread_over_classes(labels, positions, 20)).all()
    assert (spread_over_classes(labels, positions[:7], 20) == positions[:7]).all()
