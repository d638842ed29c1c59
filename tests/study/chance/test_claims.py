import math

import numpy as np
import pytest

from cnnlab.study.chance.claims import Outcome, judge_claim, judge_share

MATTERS = 0.02


def judge(values, **options):
    return judge_claim(values, **{"alpha": 0.05, "matters": MATTERS, "never_far": 0.1} | options)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([0.10, 0.11, 0.09, 0.10, 0.12], Outcome.HOLDS),
        ([-0.10, -0.11, -0.09, -0.10, -0.12], Outcome.DOES_NOT_HOLD),
        ([0.001, -0.002, 0.000, 0.002, -0.001], Outcome.DOES_NOT_HOLD),
        ([0.30, -0.20, 0.10, -0.25, 0.28], Outcome.CANNOT_TELL),
        ([0.10, 0.11], Outcome.CANNOT_TELL),
        ([], Outcome.CANNOT_TELL),
        ([0.1, 0.1, 0.1, 0.1], Outcome.CANNOT_TELL),
    ],
)
def test_a_claim_is_judged_by_its_interval(values, outcome):
    assert judge(values).outcome is outcome


def test_equal_seeds_of_a_rounded_number_are_judged_by_the_rounding():
    assert judge([0.1] * 5, resolution=0.01).outcome is Outcome.HOLDS


def test_a_claim_that_holds_by_less_than_matters_says_so():
    found = judge([0.010, 0.011, 0.009, 0.010, 0.010])
    assert found.outcome is Outcome.HOLDS and found.is_small
    assert not judge([0.10, 0.11, 0.09, 0.10, 0.12]).is_small


def test_a_seed_far_off_the_others_takes_the_claim_back():
    found = judge([0.10, 0.11, 0.09, 0.10, 0.60])
    assert found.outcome is Outcome.CANNOT_TELL
    assert "far off the others" in found.why_not


def test_false_claims_are_as_rare_as_promised():
    """Without any effect at most half of alpha of all lessons say that the claim holds."""
    draws = np.random.default_rng(0).normal(0, 0.05, (2000, 5)).tolist()
    held = sum(judge(values).outcome is Outcome.HOLDS for values in draws)
    assert held / 2000 < 0.025 + 3 * math.sqrt(0.025 * 0.975 / 2000)


def test_an_effect_that_matters_is_rarely_denied():
    draws = np.random.default_rng(1).normal(MATTERS, 0.05, (2000, 5)).tolist()
    denied = sum(judge(values).outcome is Outcome.DOES_NOT_HOLD for values in draws)
    assert denied / 2000 < 0.025 + 3 * math.sqrt(0.025 * 0.975 / 2000)


@pytest.mark.parametrize(
    ("true", "seeds", "outcome"),
    [
        (6, 6, Outcome.HOLDS),
        (5, 5, Outcome.CANNOT_TELL),
        (5, 6, Outcome.CANNOT_TELL),
        (8, 9, Outcome.HOLDS),
        (0, 6, Outcome.DOES_NOT_HOLD),
        (3, 6, Outcome.CANNOT_TELL),
        (2, 2, Outcome.CANNOT_TELL),
        (0, 0, Outcome.CANNOT_TELL),
    ],
)
def test_a_claim_about_single_seeds_is_judged_by_their_share(true, seeds, outcome):
    found = judge_share([True] * true + [False] * (seeds - true), alpha=0.05)
    assert found.outcome is outcome


def test_the_interval_of_a_share_is_that_of_clopper_and_pearson():
    """Their own table: 3 of 10 is 6.7 to 65.2 %."""
    found = judge_share([True] * 3 + [False] * 7, alpha=0.05)
    assert (found.low, found.high) == (
        pytest.approx(0.0667, abs=1e-4),
        pytest.approx(0.6525, abs=1e-4),
    )
