"""Planted wrong labels are found, clean labels are left alone."""

from typing import NamedTuple

import numpy as np
import pytest

from cnnlab.domain.predictions import Predictions
from cnnlab.judging.suspects import counted_as, find_suspects


class Made(NamedTuple):
    predictions: Predictions
    is_flipped: np.ndarray
    true: np.ndarray


def make(seed, images=600, classes=10, flipped=0.0, skill=6.0, temperature=1.0):
    """A model that is as sure as right, but for the temperature, and some flipped labels."""
    generator = np.random.default_rng(seed)
    scores = generator.normal(0, 1, (images, classes))
    scores[np.arange(images), generator.integers(0, classes, images)] += skill
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    draws = generator.random((images, 1))
    true = (draws > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, classes - 1)
    is_flipped = generator.permutation(images) < flipped * images
    other = (true + generator.integers(1, max(2, classes), images)) % classes
    labels = np.where(is_flipped, other, true)
    said = probabilities ** (1 / temperature)
    said /= said.sum(axis=1, keepdims=True)
    positions = np.arange(images) + 1000
    return Made(Predictions(positions, labels, said.astype(np.float32)), is_flipped, true)


def found(made, classes=10):
    suspects = find_suspects(made.predictions, [f"c{label}" for label in range(classes)])
    return suspects, np.array([one["position"] - 1000 for one in suspects], int)


@pytest.mark.parametrize(("share", "least"), [(0.05, 0.5), (0.1, 0.6)])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_planted_flips_are_found(share, least, temperature):
    hits = flips = named = 0
    for seed in range(5):
        made = make(seed, flipped=share, temperature=temperature)
        _, rows = found(made)
        hits += np.count_nonzero(made.is_flipped[rows])
        named += len(rows)
        flips += np.count_nonzero(made.is_flipped)
    assert hits / named >= 0.85
    assert hits / flips >= least


@pytest.mark.parametrize(("skill", "temperature"), [(6, 1), (6, 0.4), (3, 1), (3, 2), (0, 1)])
def test_few_clean_labels_are_suspected(skill, temperature):
    named = sum(len(found(make(seed, 500, 10, 0, skill, temperature))[0]) for seed in range(10))
    assert named <= 10  # of 5,000 images


def test_what_is_said_of_a_suspect():
    made = make(3, flipped=0.1)
    suspects, rows = found(made)
    probabilities = made.predictions.probabilities[rows]
    for one, row, said in zip(suspects, rows, probabilities, strict=True):
        label = made.predictions.labels[row]
        assert one["label"] == f"c{label}" != one["suggested"]
        assert one["own_probability"] == pytest.approx(said[label])
        assert one["probability"] == pytest.approx(said.max())
    right = [
        one["suggested"] == f"c{made.true[row]}" for one, row in zip(suspects, rows, strict=True)
    ]
    assert np.mean(right) > 0.85
    own = np.array([one["own_probability"] for one in suspects])
    assert own[: len(own) // 2].mean() < own[len(own) // 2 :].mean()


@pytest.mark.parametrize(("images", "classes"), [(0, 3), (29, 3), (200, 1)])
def test_of_too_little_nothing_is_said(images, classes):
    made = make(0, images, classes, 0.1)
    assert found(made, classes)[0] == []


def test_a_class_without_images_and_equal_probabilities_are_no_trouble():
    labels = np.repeat([0, 1], 50)
    probabilities = np.full((100, 3), 1 / 3, np.float32)
    assert (counted_as(probabilities, labels) == 0).all()
    assert find_suspects(Predictions(np.arange(100), labels, probabilities), "abc") == []


def test_the_confident_classes_are_those_of_cleanlab():
    from cleanlab.count import compute_confident_joint  # noqa: PLC0415 - loads scikit-learn

    made = make(5, flipped=0.15, skill=3)
    labels, probabilities = made.predictions.labels, made.predictions.probabilities
    counted = counted_as(probabilities, labels)
    joint = np.zeros((10, 10), int)
    np.add.at(joint, (labels[counted >= 0], counted[counted >= 0]), 1)
    expected = compute_confident_joint(labels, probabilities, calibrate=False)
    assert np.array_equal(joint, expected)
