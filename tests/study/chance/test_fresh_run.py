"""How likely an arm wins on a fresh run: estimate, interval, and where nothing is said."""

import numpy as np
import pytest
from scipy import stats

from cnnlab.study.chance.fresh_run import better_next
from cnnlab.study.verdicts import METRICS, Rules, compare

STUDIES = 400


@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("effect", [0.0, 0.7, 2.0])
def test_the_interval_holds_the_truth_as_often_as_it_says(seeds, effect):
    rng = np.random.default_rng([seeds, round(10 * effect)])
    truth = stats.norm.cdf(effect)
    drawn = effect + rng.standard_normal((STUDIES, seeds))
    found = [better_next(row.tolist(), higher_is_better=True) for row in drawn]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert held == pytest.approx(0.95, abs=0.035)
    above = np.mean([one.probability > truth for one in found])
    assert above == pytest.approx(0.5, abs=0.08)
    assert all(one.low <= one.probability <= one.high for one in found)


def test_it_agrees_with_the_noncentral_t_of_scipy():
    found = better_next([0.02, 0.05, 0.03, 0.06], higher_is_better=True)
    t = stats.ttest_1samp([0.02, 0.05, 0.03, 0.06], 0).statistic
    for probability, below in ((found.low, 0.975), (found.probability, 0.5), (found.high, 0.025)):
        effect = stats.norm.ppf(probability) * 2
        assert stats.nct.cdf(t, 3, effect) == pytest.approx(below, abs=1e-6)


def test_where_lower_is_better_the_other_side_wins():
    up, down = ([0.3, 0.1, 0.2], [-0.3, -0.1, -0.2])
    assert better_next(up, higher_is_better=True) == better_next(down, higher_is_better=False)
    assert better_next(up, higher_is_better=True).probability == pytest.approx(
        1 - better_next(down, higher_is_better=True).probability
    )


def test_too_few_seeds_or_no_spread_say_nothing():
    assert better_next([0.1, 0.2], higher_is_better=True) is None
    assert better_next([0.0, 0.0, 0.0], higher_is_better=True) is None
    even = better_next([0.0, 0.0, 0.0], higher_is_better=True, resolution=0.01)
    assert even.probability == pytest.approx(0.5)


def test_a_collapse_leaves_nothing_to_say():
    values = {"base": dict.fromkeys(range(5), 0.5), "arm": dict(enumerate([0.6, 0.61, 0.59, 0.6]))}
    rules = Rules(METRICS["val_accuracy"])
    assert compare(values, "base", rules)["arm"].better_next.probability > 0.9
    collapsed = values | {"arm": values["arm"] | {4: 0.1}}
    assert compare(collapsed, "base", rules)["arm"].better_next is None


def test_it_is_told_in_words_and_never_as_certain():
    found = better_next([0.02, 0.05, 0.03, 0.06], higher_is_better=True)
    assert found.words("baseline", "gap").startswith(
        "On a fresh run, both trained anew with one new seed, it beats baseline by gap with a "
    )
    sure = better_next([0.1, 0.1001, 0.1002], higher_is_better=True)
    assert sure.words("baseline", "gap").endswith(
        "probability of > 99\u00a0% (> 99\u00a0% to > 99\u00a0%)."
    )


def test_a_watched_study_says_nothing_of_it_as_its_interval_holds_for_one_look_only():
    values = {"base": dict.fromkeys(range(4), 0.5), "arm": dict(enumerate([0.6, 0.61, 0.59, 0.6]))}
    watched = Rules(METRICS["val_accuracy"], is_watched=True)
    assert compare(values, "base", Rules(METRICS["val_accuracy"]))["arm"].better_next is not None
    assert compare(values, "base", watched)["arm"].better_next is None
