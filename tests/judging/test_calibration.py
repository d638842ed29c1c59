"""Bins, the temperature and what it gains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.temperature import scaled
from cnnlab.judging.calibration import (
    calibrate,
    calibration_error,
    fitted_temperature,
    reliability_bins,
)
from tests.made_judgements import made_predictions


def calibrated(images, classes=5, seed=0):
    """Probabilities, and labels that are drawn from them."""
    rng = np.random.default_rng(seed)
    probabilities = special.softmax(2 * rng.standard_normal((images, classes)), axis=1)
    drawn = rng.random(images)[:, None] > np.cumsum(probabilities, axis=1)
    return probabilities, np.minimum(drawn.sum(axis=1), classes - 1)


def test_bins_hold_equally_many_images_and_their_means():
    made = made_predictions(300)
    bins = reliability_bins(made.probabilities, made.labels)
    sure = made.probabilities.max(axis=1)
    order = np.argsort(sure)
    assert [found["images"] for found in bins] == [30] * 10
    error = 0.0
    for number, found in enumerate(bins):
        rows = order[30 * number : 30 * number + 30]
        right = (made.probabilities[rows].argmax(axis=1) == made.labels[rows]).mean()
        assert found["low"] == sure[rows[0]]
        assert found["high"] == sure[rows[-1]]
        assert found["confidence"] == pytest.approx(sure[rows].mean(dtype=float), abs=1e-9)
        assert found["accuracy"]["value"] == pytest.approx(right)
        error += abs(right - sure[rows].mean(dtype=float)) / 10
    assert calibration_error(bins) == pytest.approx(error, abs=1e-9)


@given(st.lists(st.sampled_from([0.5, 0.6, 0.9, 1.0]), min_size=20, max_size=120), st.randoms())
def test_bins_do_not_depend_on_the_order_of_the_images(sure, random):
    probabilities = np.array([[p, 1 - p] for p in sure])
    labels = np.array([random.randrange(2) for _ in sure])
    bins = reliability_bins(probabilities, labels)
    assert reliability_bins(probabilities[::-1], labels[::-1]) == bins
    assert sum(found["images"] for found in bins) == len(sure)
    assert all(found["images"] > 0 for found in bins)
    assert all(one["high"] < other["low"] for one, other in zip(bins, bins[1:], strict=False))
    assert 0 <= calibration_error(bins) <= 1


def test_few_images_are_few_bins():
    made = made_predictions(25)
    assert len(reliability_bins(made.probabilities, made.labels)) == 2
    assert len(reliability_bins(made.probabilities[:1], made.labels[:1])) == 1


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature):
    """Logits times t need the temperature t; a grid finds no better one."""
    probabilities, labels = calibrated(20_000)
    wrong = scaled(probabilities, 1 / temperature)
    found = fitted_temperature(wrong, labels)
    assert found == pytest.approx(temperature, rel=0.03)
    own = np.arange(len(labels))

    def loss(tried):
        return -np.log(scaled(wrong, tried)[own, labels]).mean()

    grid = found * np.linspace(0.9, 1.1, 21)
    assert loss(found) <= min(loss(tried) for tried in grid) + 1e-9


def test_a_temperature_that_the_images_do_not_determine_is_none():
    """All right, less always is better; the other way round more: a bound is no finding."""
    right = np.tile([[0.7, 0.3]], (40, 1))
    assert fitted_temperature(right, np.zeros(40, int)) == 1.0
    assert fitted_temperature(right, np.ones(40, int)) == 1.0
    found = calibrate(right, np.zeros(40, int))
    assert (found["temperature"], found["helps"]) == (1.0, False)
    labels = (np.arange(40) < 2).astype(int)
    assert 0.2 < fitted_temperature(right, labels) < 0.5


def test_few_mistakes_in_one_half_still_give_one_temperature(monkeypatch):
    """The half without any mistake determines none; it must not be told as left unscaled."""
    wrong = np.isin(np.arange(400), [0, 2, 4])
    probabilities = np.where(wrong[:, None], [[0.55, 0.45]], [[0.85, 0.15]])
    labels = wrong.astype(int)
    found = calibrate(probabilities, labels)
    whole = scaled(probabilities, found["temperature"])
    assert found["temperature"] < 0.5 and found["helps"]
    assert found["cross_entropy_scaled"] == pytest.approx(
        cross_entropies(whole, labels).mean(), rel=0.2
    )
    assert found["error_scaled"] == pytest.approx(
        calibration_error(reliability_bins(whole, labels)), abs=0.01
    )
    monkeypatch.setattr(
        "cnnlab.judging.calibration.draw_folds", lambda *_, **__: np.arange(400) % 2
    )
    halved = calibrate(probabilities, labels)
    assert (halved["temperature"], halved["helps"]) == (1.0, False)
    assert halved["cross_entropy_scaled"] == halved["cross_entropy"]


def test_a_model_that_is_too_sure_gains_and_a_calibrated_one_does_not():
    probabilities, labels = calibrated(600, seed=2)
    too_sure = calibrate(scaled(probabilities, 1 / 3), labels)
    assert too_sure["helps"]
    assert too_sure["temperature"] == pytest.approx(3, rel=0.2)
    assert too_sure["error_scaled"] < too_sure["error"]
    gain = too_sure["cross_entropy"] - too_sure["cross_entropy_scaled"]
    assert too_sure["gain"]["value"] == pytest.approx(gain)
    before = cross_entropies(scaled(probabilities, 1 / 3), labels).mean()
    assert too_sure["cross_entropy"] == pytest.approx(before)
    assert not calibrate(probabilities, labels)["helps"]


def test_what_a_temperature_gains_is_measured_on_images_that_it_was_not_fitted_on(monkeypatch):
    """Half of the images is too sure, the other is not sure enough: neither temperature fits."""
    probabilities, labels = calibrated(600, seed=4)
    halves = np.arange(600) % 2
    monkeypatch.setattr("cnnlab.judging.calibration.draw_folds", lambda *_, **__: halves)
    first = halves == 0
    said = np.where(first[:, None], scaled(probabilities, 1 / 3), scaled(probabilities, 3))
    found = calibrate(said, labels)
    assert fitted_temperature(said[first], labels[first]) > 2
    assert fitted_temperature(said[~first], labels[~first]) < 0.5
    assert found["gain"]["high"] < 0
    assert found["cross_entropy_scaled"] > found["cross_entropy"]
    assert not found["helps"]


def test_helping_is_claimed_by_luck_at_most_as_often_as_said():
    """Of a calibrated model: beyond the 2.5 % of the interval's one side."""
    helped = [
        calibrate(*calibrated(150, classes=3, seed=seed))["helps"] for seed in range(100, 200)
    ]
    assert np.mean(helped) <= 0.05
