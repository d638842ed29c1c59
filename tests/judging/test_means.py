"""Intervals of means."""

import numpy as np
import pytest

from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.means import mean_with_interval

LABELS = np.repeat([0, 1, 4], [150, 100, 50])


def losses(rng):
    """Of images of three classes: most are small, some large."""
    means = np.repeat([0.0, -1.0, 0.5], [150, 100, 50])
    return np.minimum(np.exp(rng.normal(means, 1.0)), 16.0)


def test_an_interval_of_many_is_the_normal_one():
    values = np.random.default_rng(0).random(3_000)
    labels = np.arange(3_000) % 3
    found = mean_with_interval(values, labels, 0.0, 1.0)
    half = 1.96 * values.std() / np.sqrt(3_000)
    assert found["value"] == pytest.approx(values.mean())
    assert found["low"] == pytest.approx(values.mean() - half, abs=0.08 * half)
    assert found["high"] == pytest.approx(values.mean() + half, abs=0.08 * half)


def test_what_classes_differ_by_is_no_chance():
    """As many of each class are drawn as there are."""
    values = LABELS + np.random.default_rng(0).random(300)
    found = mean_with_interval(values, LABELS, 0.0, 5.0)
    assert found["high"] - found["low"] < 0.1


def test_the_truth_is_held():
    """93 to 97 % of 150 draws, give or take what chance makes of so few (4 points)."""
    truth = np.mean([losses(np.random.default_rng([2, seed])).mean() for seed in range(2_000)])
    held = 0
    for seed in range(150):
        values = losses(np.random.default_rng([3, seed]))
        found = mean_with_interval(values, LABELS, 0.0, 16.0)
        held += found["low"] <= truth <= found["high"]
    assert 0.9 <= held / 150 <= 0.99


def test_one_image_with_all_the_loss_is_as_rare_as_a_share_says():
    """A resample without it knows of no loss at all."""
    values = np.full(300, 1e-4)
    values[7] = 16.0
    found = mean_with_interval(values, LABELS, 0.0, 16.0)
    assert found["high"] == pytest.approx(16 * wilson(1, 300)["high"], rel=0.01)
    assert found["low"] > 0


def test_equal_values_and_single_ones():
    number = mean_with_interval(np.zeros(300), LABELS, 0.0, 2.0)
    assert number["value"] == number["low"] == 0
    assert 0.01 < number["high"] < 0.05
    same = mean_with_interval(np.ones(3), np.arange(3), 1.0, 1.0)
    assert same == {"value": 1.0, "low": 1.0, "high": 1.0}
    one = mean_with_interval(np.array([0.3]), np.array([2]), 0.0, 1.0)
    assert one["low"] < 0.3 < one["high"]
