"""Slices are found where they are, and hardly ever where nothing is."""

from typing import NamedTuple

import numpy as np
import pytest

from cnnlab.domain.data.folds import draw_folds, picture_numbers
from cnnlab.domain.predictions import Predictions
from cnnlab.judging.intervals.fisher import fewer_right_p
from cnnlab.judging.slices.finding import HALVES, MOST_TRIED, find_slices
from cnnlab.judging.slices.traits import Traits


class Made(NamedTuple):
    predictions: Predictions
    traits: Traits
    names: list[str]


def make(seed, images=1000, classes=5, accuracy=0.85, harder=None, drop=0.4, right_all=False):
    """Images whose looks differ between the classes; `harder(traits, labels)` says which are hard.

    A tenth has copies, on which the model is right or wrong together.
    """
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, images)
    groups = generator.integers(0, images // 20, images)
    traits = Traits(
        brightness=generator.normal(110, 40, images) + 5 * labels,
        size=np.exp(generator.normal(5, 0.5, images)).astype(int),
        sharpness=generator.gamma(3, 10, images),
        colourfulness=generator.gamma(3, 10, images),
        tint=generator.integers(-1, 5, images),
        copies=np.where(generator.random(images) < 0.1, groups, -1),
    )
    chance = np.full(images, accuracy)
    if harder is not None:
        chance -= drop * harder(traits, labels)
    draws = generator.random(images)
    _, first, number = np.unique(traits.copies, return_index=True, return_inverse=True)
    draws = np.where(traits.copies >= 0, draws[first][number], draws)
    wrong = (labels + generator.integers(1, classes, images)) % classes
    predicted = np.where((draws < chance) | right_all, labels, wrong)
    sure = generator.uniform(0.5, 1, images)
    probabilities = np.tile(((1 - sure) / (classes - 1))[:, None], (1, classes))
    probabilities[np.arange(images), predicted] = sure
    predictions = Predictions(np.arange(images) * 2, labels, probabilities.astype(np.float32))
    return Made(predictions, traits, [f"class {number}" for number in range(classes)])


def search(made, seed=0):
    return find_slices(made.predictions, made.names, made.traits, seed)


def dark(traits, labels):
    return traits.brightness < 80


def dark_of_class_2(traits, labels):
    return (traits.brightness < 110) & (labels == 2)


def false_claims(images, times, **how):
    found = [search(make(seed, images, **how), seed).slices for seed in range(times)]
    assert all(one["p_value"] <= 0.05 for slices in found for one in slices)
    return sum(map(bool, found))


# More than so many come by chance in 1 of 1,000 such tests, if each claims in 5 %.
@pytest.mark.parametrize(
    ("images", "times", "most"), [pytest.param(120, 300, 27), pytest.param(600, 150, 16)]
)
def test_hardly_a_slice_is_claimed_where_nothing_is(images, times, most):
    assert false_claims(images, times, accuracy=0.7) <= most


@pytest.mark.exhaustive
@pytest.mark.parametrize("images", [120, 1000, 10_000])
@pytest.mark.parametrize(("classes", "accuracy"), [(3, 0.8), (10, 0.97), (10, 0.85), (50, 0.6)])
def test_hardly_a_slice_is_claimed_of_any_size(images, classes, accuracy):
    assert false_claims(images, 400, classes=classes, accuracy=accuracy) <= 34


@pytest.mark.parametrize(
    ("images", "harder", "words"),
    [(600, dark, "dark images (mean"), (2500, dark_of_class_2, "dark images of 'class 2' (mean")],
)
def test_a_planted_slice_is_found(images, harder, words):
    found = [search(make(seed, images, harder=harder)).slices for seed in range(20)]
    hits = sum(any(one["words"].startswith(words) for one in slices) for slices in found)
    assert hits >= 16


def test_numbers_are_of_the_second_half_and_positions_of_both():
    made = make(1, 2000, harder=dark)
    labels, positions = made.predictions.labels, made.predictions.positions
    found = next(one for one in search(made).slices if one["words"].startswith("dark images ("))
    members = np.isin(positions, found["positions"])
    assert set(np.flatnonzero(members)) == set(
        np.flatnonzero(made.traits.brightness <= made.traits.brightness[members].max())
    )
    pictures = picture_numbers(made.traits.copies, 2000)
    counted = np.isin(np.arange(2000), np.unique(pictures, return_index=True)[1])
    second = counted & (draw_folds(labels, pictures, 2, seed=0, purpose=HALVES) == 1)
    right = made.predictions.probabilities.argmax(axis=1) == labels
    assert found["images"] == np.count_nonzero(members & second)
    assert found["accuracy"]["value"] == pytest.approx(right[members & second].mean())
    assert found["accuracy_elsewhere"]["value"] == pytest.approx(right[~members & second].mean())
    assert found["compared_with"] == "the other images"
    own = made.predictions.probabilities[np.arange(2000), labels]
    assert (np.diff(own[np.array(found["positions"]) // 2]) >= 0).all()


def test_a_slice_of_a_class_is_compared_with_its_class():
    made = make(3, 3000, harder=lambda traits, labels: labels == 2)
    slices = search(made).slices
    assert [one["words"] for one in slices] == ["images of 'class 2'"]
    assert slices[0]["feature"] == "class"
    made = make(3, 3000, harder=dark_of_class_2)
    within = next(one for one in search(made).slices if one["feature"] == "brightness")
    assert within["compared_with"] == "the other images of 'class 2'"


def test_the_worst_comes_first_and_p_values_are_corrected():
    made = make(4, 4000, harder=lambda traits, labels: 0.5 * (labels == 1) + (labels == 3))
    found = search(made)
    differences = [one["difference"]["value"] for one in found.slices]
    assert len(differences) >= 2
    assert differences == sorted(differences)
    assert all(0 <= one["p_value"] <= 0.05 for one in found.slices)
    assert 2 <= found.tried <= MOST_TRIED < found.looked_at
    # Holm: the least p value counts as often as slices were tried.
    least = min(found.slices, key=lambda one: one["p_value"])
    labels, pictures = made.predictions.labels, picture_numbers(made.traits.copies, 4000)
    second = np.isin(np.arange(4000), np.unique(pictures, return_index=True)[1])
    second &= draw_folds(labels, pictures, 2, seed=0, purpose=HALVES) == 1
    members = np.isin(made.predictions.positions, least["positions"])
    right = made.predictions.probabilities.argmax(axis=1) == labels
    counts = [
        (np.count_nonzero(right[rows]), np.count_nonzero(rows))
        for rows in (members & second, ~members & second)
    ]
    assert least["compared_with"] == "the other images"
    alone = fewer_right_p(*counts[0], *counts[1])
    assert least["p_value"] == pytest.approx(found.tried * alone, rel=1e-9, abs=0)


def test_slices_of_mostly_the_same_images_are_tried_once():
    made = make(5, 2000, harder=dark)
    twin = Traits(brightness=made.traits.brightness, size=made.traits.brightness.astype(int))
    found = search(made._replace(traits=twin))
    assert len([one for one in found.slices if " of " not in one["words"].split("(")[0]]) == 1


def test_many_copies_of_one_wrong_picture_prove_nothing():
    made = make(6, 400, right_all=True)
    copies = np.full(400, -1)
    copies[:60] = 0
    probabilities = made.predictions.probabilities.copy()
    probabilities[:60] = np.roll(probabilities[:60], 1, axis=1)
    predictions = Predictions(made.predictions.positions, made.predictions.labels, probabilities)
    traits = Traits(brightness=np.where(np.arange(400) < 60, 10.0, 200.0), copies=copies)
    assert find_slices(predictions, made.names, traits).slices == []


@pytest.mark.parametrize(
    "made", [make(7, 30), make(8, 400, right_all=True), make(9, 200)._replace(traits=Traits())]
)
def test_where_there_is_nothing_to_find_nothing_is_found(made):
    assert search(made).slices == []
