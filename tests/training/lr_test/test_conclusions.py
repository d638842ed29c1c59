"""What three tests say together, and when they can't tell: curves made for it."""

import json
import math

import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.training.lr_test.conclusions import LEAST_IMAGES, conclude, too_few
from cnnlab.training.lr_test.reading import suggested_rate

RATES = [float(rate) for rate in np.geomspace(1e-6, 1, 60)]


def falling(centre, to=0.3):
    """Losses that fall from 2 around a rate, and rise steeply two decades above it."""
    places = np.log10(np.array(RATES) / centre)
    return [
        float(2 - (2 - to) / (1 + math.exp(-3 * place)) + 10 * max(0, place - 2))
        for place in places
    ]


def noise(seed):
    return np.random.default_rng(seed).normal(2, 0.1, len(RATES)).tolist()


def found(*tests, **parts):
    return conclude(load_config(parts), RATES, tests, 100)


def test_the_median_of_three_is_suggested():
    outcome = found(falling(1e-4), falling(1e-3), falling(4e-4))
    low, high, middle = outcome["suggestions"]
    assert low < middle < high
    assert outcome["suggestion"] == middle == float(f"{middle:.2g}")
    assert f"their median is {middle:g}" in outcome["words"]
    json.dumps(outcome, allow_nan=False)


def test_the_curve_has_every_rate_that_a_test_came_to():
    outcome = found(falling(1e-3)[:40], falling(1e-3)[:30], falling(1e-3)[:50])
    rates = [point["learning_rate"] for point in outcome["curve"]]
    assert rates == RATES[:50]
    assert outcome["curve"][35]["losses"][1] is None
    first = outcome["curve"][0]
    assert first["loss"] == sorted(first["losses"])[1]
    assert outcome["curve"][45]["loss"] is None  # one test alone is no median


def test_tests_that_disagree_can_not_tell():
    outcome = found(falling(3e-6), falling(1e-3), falling(3e-2), training={"batch_size": 7})
    assert outcome["suggestion"] is None
    assert None not in outcome["suggestions"]
    assert "disagree" in outcome["words"] and "training.batch_size (now 7)" in outcome["words"]
    assert "adam's usual 0.001" in outcome["words"]


def test_a_loss_that_never_falls_can_not_tell():
    flat = noise(2)
    outcome = found(falling(1e-3), flat, falling(1e-3), optimizer={"name": "sgd"})
    assert outcome["suggestion"] is None
    assert outcome["suggestions"][1] is None
    assert "falls in 2 of 3 tests" in outcome["words"]
    assert "optimizer.learning_rate at sgd's usual 0.01" in outcome["words"]


def test_noise_alone_is_hardly_ever_taken_for_a_fall():
    pairs = [
        [suggested_rate(noise(3 * draw + test), RATES) for test in range(3)] for draw in range(99)
    ]
    assert sum(None not in three for three in pairs) <= 4


def test_a_fall_is_seen_through_noise_and_without_any():
    noisy = [loss + more - 2 for loss, more in zip(falling(1e-3), noise(1), strict=True)]
    assert suggested_rate(noisy, RATES) == pytest.approx(1e-3, rel=3)
    assert suggested_rate(falling(1e-3), RATES) is not None
    assert suggested_rate([2.0] * len(RATES), RATES) is None  # nothing trains


def test_a_loss_that_rises_at_once_does_not_fall():
    assert found(*[[2.0, 50.0]] * 3)["suggestions"] == [None, None, None]


@pytest.mark.parametrize(
    ("parts", "advice"),
    [
        ({"training": {"precision": "mixed_float16"}}, "training.precision to float32"),
        ({"architecture": {"pretrained": "imagenet"}}, "architecture.pretrained to null"),
        ({}, "architecture.initializer"),
    ],
)
def test_a_loss_that_is_not_finite_from_the_first_step_is_said_with_the_field(parts, advice):
    outcome = found([math.nan], falling(1e-3), falling(1e-3), **parts)
    assert outcome["suggestion"] is None
    assert "isn't finite at the first step" in outcome["words"] and advice in outcome["words"]
    json.dumps(outcome, allow_nan=False)


def test_nothing_finite_at_all_has_no_curve():
    assert found([math.nan], [math.inf], [math.nan])["curve"] == []


def test_a_loss_that_becomes_infinite_later_is_an_end_like_another():
    ended = [*falling(1e-3)[:45], math.inf]
    assert found(ended, ended, ended)["suggestion"] == found(*[ended[:-1]] * 3)["suggestion"]


def test_few_images_are_said_with_the_field():
    outcome = too_few(load_config({"split": {"validation": 0.3}}), 7)
    assert outcome["suggestion"] is None and outcome["curve"] == []
    assert f"needs {LEAST_IMAGES} training images" in outcome["words"]
    assert "has 7 with split.validation at 0.3" in outcome["words"]
