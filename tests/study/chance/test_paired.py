import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from cnnlab.domain.holm import holm
from cnnlab.study.chance.paired import Estimate, holm_levels, paired_interval

DIFFERENCES = st.lists(st.integers(-40, 40).map(lambda step: step / 128), min_size=2, max_size=9)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)
ARM = np.array([0.912, 0.934, 0.921, 0.943, 0.917])
BASE = np.array([0.905, 0.921, 0.924, 0.925, 0.911])


def test_interval_is_that_of_the_paired_t_test():
    expected = stats.ttest_rel(ARM, BASE)
    found = paired_interval(ARM - BASE, 0.95)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert (found.mean, found.n) == (pytest.approx(np.mean(ARM - BASE)), 5)


def test_three_equal_differences_of_a_rounded_metric_are_no_certainty():
    found = paired_interval([0.01] * 3, 0.95, resolution=0.01)
    assert found.p == pytest.approx(2 * stats.t.sf(np.sqrt(18), 2))
    assert found.low < 0 < found.high


def test_resolution_leaves_a_wider_spread_alone():
    assert paired_interval(ARM - BASE, 0.9, resolution=0.001) == paired_interval(ARM - BASE, 0.9)


def test_resolution_is_the_spread_that_rounding_alone_gives():
    rng = np.random.default_rng(0)
    exact = rng.uniform(0.3, 0.7, 100_000)
    other = rng.uniform(0.3, 0.7, 100_000)
    rounding = (np.round(exact, 2) - np.round(other, 2)) - (exact - other)
    assert np.std(rounding) == pytest.approx(0.01 / np.sqrt(6), rel=0.02)


@pytest.mark.parametrize("differences", [[], [0.1], [0.1, 0.3 - 0.2, 0.4 - 0.3], [0.0, 0.0]])
def test_chance_is_unknown_where_nothing_varied(differences):
    found = paired_interval(differences, 0.95)
    assert (found.low, found.high, found.p) == (None, None, None)
    assert found.n == len(differences)


def test_holm_levels_stop_where_the_procedure_stops():
    # .01 passes at .05 / 4; .02 fails at .05 / 3, and the rest is judged there too.
    assert holm_levels([0.03, 0.01, 0.3, 0.02], 0.05) == pytest.approx(
        [0.05 / 3, 0.05 / 4, 0.05 / 3, 0.05 / 3]
    )
    assert holm_levels([0.001, 0.002], 0.05) == pytest.approx([0.025, 0.05])
    assert holm_levels([0.01, 0.01, 0.5], 0.05) == pytest.approx([0.05 / 3, 0.05 / 3, 0.05])


@given(P_VALUES, st.randoms())
def test_order_of_the_arms_changes_no_adjusted_p_value(p_values, random):
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = [p_values[index] for index in order]
    for function in (holm, lambda values: holm_levels(values, 0.05)):
        straight = function(p_values)
        assert function(shuffled) == [straight[index] for index in order]


@given(st.lists(DIFFERENCES, min_size=1, max_size=6), st.sampled_from([0.01, 0.05, 0.2]))
def test_interval_leaves_out_zero_exactly_where_the_adjusted_p_value_is_at_most_alpha(arms, alpha):
    p_values = [paired_interval(arm, 0.9, resolution=1 / 128).p for arm in arms]
    adjusted = holm(p_values)
    assume(all(abs(p - alpha) > 1e-9 for p in adjusted))
    for arm, p, level in zip(arms, adjusted, holm_levels(p_values, alpha), strict=True):
        found = paired_interval(arm, 1 - level, resolution=1 / 128)
        assert (found.low > 0 or found.high < 0) == (p <= alpha)


@given(DIFFERENCES)
def test_turned_signs_turn_the_interval(differences):
    found = paired_interval(differences, 0.95, resolution=0.01)
    turned = paired_interval([-value for value in differences], 0.95, resolution=0.01)
    assert (turned.low, turned.high, turned.p) == (-found.high, -found.low, found.p)


def test_where_the_seeds_alone_reach_further_the_interval_says_their_smaller_confidence():
    guarded = Estimate(0.05, 0.01, 40, 4, of_seeds=0.03, seeds_level=0.1)
    found = guarded.interval(0.95)
    assert found.confidence == pytest.approx(0.9)
    assert found.high - 0.05 == pytest.approx(stats.t.ppf(0.95, 3) * 0.03)
    assert guarded.interval(0.8).confidence == pytest.approx(0.8)  # never more than asked for
    sure = Estimate(0.05, 0.03, 40, 4, of_seeds=0.001, seeds_level=0.1)
    assert sure.interval(0.95).confidence == 0.95
