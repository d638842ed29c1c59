import numpy as np
import pytest
from scipy import stats

from cnnlab.study.chance.guards import collapsed, leaning, most_collapses, skewed_p


def test_a_seed_far_off_all_others_is_a_collapse_and_a_wide_spread_is_not():
    steady = [0.01, 0.012, 0.008, 0.011, 0.009]
    assert collapsed([steady, [0.01, 0.012, -0.6, 0.011, 0.009]], 0.1) == [[], [2]]
    assert collapsed([[-0.3, 0.2, 0.05, -0.1, 0.35]], 0.1) == [[]]
    assert collapsed([[*steady, 0.05]], 0.1) == [[]]
    assert collapsed([[], [0.1, 0.9]], 0.1) == [[], []]


def test_normal_noise_hardly_ever_looks_like_a_collapse():
    rng = np.random.default_rng(0)
    seen = [any(collapsed(rng.normal(0, 0.05, (4, 5)).tolist(), 0.1)) for _ in range(2000)]
    assert np.mean([bool(off) for off in seen]) < 0.005


def test_what_has_not_happened_in_five_runs_may_happen_in_nearly_half():
    assert most_collapses(5) == pytest.approx(0.4507, abs=1e-4)
    exact = stats.binomtest(0, 12).proportion_ci(0.9, method="exact")
    assert most_collapses(12) == pytest.approx(exact.high)


def test_arms_that_lean_together_are_noticed_and_normal_ones_seldom():
    rng = np.random.default_rng(1)
    tails = [leaning((1 - rng.exponential(size=(4, 12))).tolist()) for _ in range(400)]
    assert np.mean(np.array(tails) < 0) > 0.7
    level = [leaning(rng.standard_normal((4, 12)).tolist()) for _ in range(1000)]
    assert np.mean(np.array(level) != 0) < 0.06


def test_too_few_seeds_a_single_arm_or_missing_seeds_say_nothing_of_a_lean():
    long = [0.0, 0.0, 0.1, 0.0, 5.0, 0.1]
    assert leaning([long]) == 0
    assert leaning([long[:4]] * 2) == 0
    assert leaning([long, long[:5]]) == 0
    assert leaning([long, [0.1] * 6]) == 0
    assert leaning([]) == 0
    assert leaning([long, long]) > 0


@pytest.mark.parametrize("statistic", [-2.5, 1.0, 3.2])
def test_the_p_value_is_that_of_the_t_test_unless_the_claim_goes_against_the_lean(statistic):
    plain = 2 * stats.t(7).sf(abs(statistic))
    assert skewed_p(statistic, 8, 0.0) == pytest.approx(plain)
    assert skewed_p(statistic, 8, np.sign(statistic)) == pytest.approx(plain)
    assert skewed_p(statistic, 8, -np.sign(statistic)) > plain


def test_the_adjusted_statistic_is_halls():
    size, skew, seeds = -0.9, 1.5, 9
    hall = np.sqrt(seeds) * (
        size + skew * size**2 / 3 + skew**2 * size**3 / 27 + skew / (6 * seeds)
    )
    assert skewed_p(size * 3, seeds, skew) == pytest.approx(2 * stats.t(8).cdf(hall))
    assert skewed_p(-0.05, seeds, skew) == 1.0
