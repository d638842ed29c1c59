"""Paired tests and intervals against scipy, and against the likelihood itself."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from cnnlab.judging.intervals.paired import mcnemar_p, mean_of_differences, paired_difference
from cnnlab.judging.intervals.shares import Z


def drawn_tables(count, seed=0):
    """Both right, only the first, only the second, none: of made pairs of models."""
    generator = np.random.default_rng(seed)
    shares = generator.dirichlet([4, 0.6, 0.6, 1], count)
    images = generator.integers(2, 400, count)
    return [generator.multinomial(n, p).tolist() for n, p in zip(images, shares, strict=True)]


def test_mcnemar_is_the_exact_binomial_test_of_scipy():
    counts = np.array([table[1:3] for table in drawn_tables(1_000)])
    found = [mcnemar_p(first, second) for first, second in counts.tolist()]
    theirs = 2 * stats.binom.cdf(counts.min(axis=1), counts.sum(axis=1), 0.5)
    np.testing.assert_allclose(found, np.minimum(theirs, 1), rtol=1e-12)
    told = counts.sum(axis=1) > 0
    for (first, second), p in list(zip(counts[told].tolist(), np.array(found)[told], strict=True))[
        :100
    ]:
        assert p == pytest.approx(stats.binomtest(first, first + second).pvalue, rel=1e-12)


def score(first, second, images, difference):
    """Score statistic of a supposed difference, its nuisance found by searching the likelihood.

    The likelihood of the three kinds of images (only the first, only the second, others) under
    p(second) = p(first) + difference is maximized numerically: no formula of the tested code.
    """
    low, high = max(0.0, -difference), (1 - difference) / 2

    def loss(share):
        cells = share, share + difference, 1 - 2 * share - difference
        counts = first, second, images - first - second
        return -sum(n * math.log(max(p, 1e-300)) for n, p in zip(counts, cells, strict=True) if n)

    found = optimize.minimize_scalar(
        loss, bounds=(low, high), method="bounded", options={"xatol": 1e-11}
    )
    share = min((found.x, low, high), key=loss)
    variance = images * (2 * share + difference - difference**2)
    return (second - first - images * difference) / math.sqrt(variance)


def test_at_its_ends_the_score_is_that_of_95_percent():
    compared = 0
    for both, first, second, neither in drawn_tables(1_000, seed=1):
        images = both + first + second + neither
        found = paired_difference(first, second, images)
        assert found["value"] == pytest.approx((second - first) / images)
        assert -1 <= found["low"] <= found["value"] <= found["high"] <= 1
        for end, sign in ((found["low"], 1), (found["high"], -1)):
            if -0.999 < end < 0.999:
                assert score(first, second, images, end) == pytest.approx(sign * Z, abs=2e-4)
                compared += 1
    assert compared > 1_800


def test_where_nothing_tells_them_apart_it_is_known_only_so_well():
    found = paired_difference(0, 0, 60)
    assert found["high"] == pytest.approx(Z**2 / (60 + Z**2))
    assert found["low"] == pytest.approx(-found["high"])
    assert paired_difference(0, 0, 0) == {"value": None, "low": None, "high": None}


def test_the_other_way_round_it_is_the_same_with_other_signs():
    one, other = paired_difference(3, 11, 80), paired_difference(11, 3, 80)
    assert one["low"] == pytest.approx(-other["high"])
    assert mcnemar_p(3, 11) == mcnemar_p(11, 3) < 0.06


def test_the_mean_of_differences_is_that_of_scipy():
    generator = np.random.default_rng(2)
    first = generator.gamma(0.4, 1, (1_000, 40))
    second = first * generator.normal(1, 0.3, first.shape) + generator.normal(
        0.05, 0.2, first.shape
    )
    theirs = stats.ttest_rel(second, first, axis=1).confidence_interval(0.95)
    for row, differences in enumerate(second - first):
        found = mean_of_differences(differences)
        ends = theirs.low[row], theirs.high[row]
        assert [found["low"], found["high"]] == pytest.approx(ends)


def test_equal_differences_tell_nothing_of_chance():
    assert mean_of_differences(np.full(9, 0.3)) == {
        "value": pytest.approx(0.3),
        "low": None,
        "high": None,
    }
    assert mean_of_differences(np.array([0.3]))["low"] is None
    assert mean_of_differences(np.zeros(0))["value"] is None


@pytest.mark.exhaustive
@pytest.mark.parametrize("images", [20, 40, 60, 100, 300])
@pytest.mark.parametrize(
    "shares",
    [
        (0.05, 0.05), (0.02, 0.02), (0.02, 0.07), (0.01, 0.06), (0.15, 0.15),
        (0.1, 0.25), (0.05, 0.35), (0.0, 0.1),
    ],
    ids=str,
)  # fmt: skip
def test_the_interval_holds_the_truth(images, shares):
    """In 95 % of draws, and the test claims in at most 5 % where there is nothing."""
    first, second = shares
    generator = np.random.default_rng(images)
    drawn = generator.multinomial(images, [first, second, 1 - first - second], 4_000)
    pairs, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    held = claimed = 0
    for (one, other), count in zip(pairs.tolist(), times.tolist(), strict=True):
        found = paired_difference(one, other, images)
        held += count * (found["low"] <= second - first <= found["high"])
        claimed += count * (mcnemar_p(one, other) <= 0.05)
    assert held / 4_000 > 0.925
    assert first != second or claimed / 4_000 < 0.06
