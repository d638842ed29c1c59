"""How right a model is on the images that it is surest of."""

import numpy as np
import pytest

from cnnlab.judging.coverage import coverage_points
from tests.made_judgements import made_predictions


def test_each_point_is_the_accuracy_on_the_surest():
    made = made_predictions(300)
    points = coverage_points(made.probabilities, made.labels)
    assert [point["coverage"] for point in points] == pytest.approx(np.arange(20, 0, -1) / 20)
    sure = made.probabilities.max(axis=1)
    right = made.probabilities.argmax(axis=1) == made.labels
    for point in points:
        answered = sure >= point["threshold"]
        assert answered.mean() == point["coverage"]
        assert point["accuracy"]["value"] == pytest.approx(right[answered].mean())
    assert points[-1]["accuracy"]["value"] > points[0]["accuracy"]["value"]


def test_equally_sure_images_are_answered_together():
    same = np.full((40, 2), 0.5)
    assert len(coverage_points(same, np.zeros(40, int))) == 1
    same[:30] = [0.9, 0.1]
    points = coverage_points(same, np.zeros(40, int))
    assert [point["coverage"] for point in points] == [1.0, 0.75]
    assert [point["threshold"] for point in points] == [0.5, 0.9]


def test_one_image_is_one_point():
    points = coverage_points(np.array([[0.2, 0.8]]), np.array([0]))
    assert [point["accuracy"]["value"] for point in points] == [0.0]
