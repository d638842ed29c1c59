"""Intervals of measures of labels: where they are known otherwise, and how often they hold."""

import numpy as np
import pytest

from cnnlab.judging.intervals.label_intervals import label_measures_with_intervals
from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.label_measures import counts_of, label_measures

WAYS = np.array([[0.9, 0.08, 0.02], [0.1, 0.8, 0.1], [0.0, 0.05, 0.95]])
"""How often each class is taken for each."""
IMAGES = (150, 100, 50)


def drawn(rng, images=IMAGES, ways=WAYS):
    """A confusion matrix of new images."""
    return np.array([rng.multinomial(*row) for row in zip(images, ways, strict=True)])


@pytest.mark.parametrize("right", [150, 120, 200])
def test_of_equal_classes_alike_it_is_wilsons(right):
    """Balanced accuracy then is a share of images like any other."""
    matrix = np.array([[right // 2, 100 - right // 2], [100 - right // 2, right // 2]])
    found = label_measures_with_intervals(matrix)["balanced_accuracy"]
    expected = wilson(right, 200)
    assert found["value"] == expected["value"]
    assert found["low"] == pytest.approx(expected["low"], abs=0.004)
    assert found["high"] == pytest.approx(expected["high"], abs=0.004)


def test_values_are_those_of_the_matrix():
    matrix = drawn(np.random.default_rng(0))
    found = label_measures_with_intervals(matrix)
    for name, value in label_measures(counts_of(matrix)).items():
        assert found[name]["value"] == pytest.approx(float(value))
        assert found[name]["low"] < value < found[name]["high"]


def test_a_class_without_images_changes_nothing():
    matrix = drawn(np.random.default_rng(0))
    wider = np.zeros((4, 4), int)
    wider[:3, :3] = matrix
    found, without = (label_measures_with_intervals(one) for one in (wider, matrix))
    for name, number in without.items():
        assert found[name]["value"] == pytest.approx(number["value"])
        # What was never seen may be taken for the absent class, too.
        assert found[name]["low"] == pytest.approx(number["low"], abs=0.01)


def test_four_times_the_images_make_it_half_as_wide():
    matrix = drawn(np.random.default_rng(0))
    once, more = (label_measures_with_intervals(matrix * times) for times in (1, 4))
    for name, number in once.items():
        width = number["high"] - number["low"]
        assert more[name]["high"] - more[name]["low"] == pytest.approx(width / 2, rel=0.1), name


@pytest.mark.parametrize(
    ("images", "ways"),
    [(IMAGES, WAYS), ((200, 100), np.array([[0.97, 0.03], [0.05, 0.95]]))],
    ids=["middling", "nearly always right"],
)
def test_the_truth_is_held(images, ways):
    """93 to 97 % of 150 draws, give or take what chance makes of so few (4 points)."""
    truth = label_measures(counts_of(np.array(images)[:, None] * ways))
    rng = np.random.default_rng(5)
    held = dict.fromkeys(truth, 0)
    for _ in range(150):
        for name, number in label_measures_with_intervals(drawn(rng, images, ways)).items():
            held[name] += number["low"] <= truth[name] <= number["high"]
    for name, count in held.items():
        assert 0.9 <= count / 150 <= 0.99, name
