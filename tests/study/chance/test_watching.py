"""Verdicts that may be looked at after every seed."""

import numpy as np
import pytest

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.study import Kind, check_study
from cnnlab.study.chance.paired import paired_estimate
from cnnlab.study.chance.watching import Watched, watched
from cnnlab.study.judging import Look, judge_arms
from cnnlab.study.verdicts import METRICS, Rules, Verdict, compare
from tests.benchmarks.simulated_verdicts import watched_claims
from tests.documents.made_content import any_study

RULES = Rules(METRICS["val_accuracy"], is_watched=True)
STUDY = any_study(ready_arms(["baseline", "dropout", "l2"]), watch=True, seeds=8)
LOOK = Look(0.05, 0.05, is_ended=False, lost=dict.fromkeys(["baseline", "dropout", "L2"], 0))


@pytest.mark.parametrize("arms", [2, 5])
def test_few_studies_without_an_effect_ever_claim_one_by_twenty_seeds(arms):
    assert watched_claims(arms, 20, 4_000) <= 0.05 + 0.01


@pytest.mark.parametrize("arms", [2, 5])
def test_looking_at_the_t_test_after_every_seed_would_break_the_promise(arms):
    assert watched_claims(arms, 20, 1_000, naive=True) > 0.1


def test_the_interval_holds_what_has_not_been_bet_away():
    found = watched(paired_estimate([0.03, 0.05, 0.04, 0.02, 0.05, 0.04, 0.03]))
    interval = found.interval(0.95)
    for end in (interval.low, interval.high):
        moved = Watched(found.mean - end, found.error, found.df, found.n)
        assert moved.p == pytest.approx(0.05)


def test_before_there_are_seeds_enough_nothing_is_told():
    values = {"base": dict.fromkeys(range(3), 0.5), "arm": dict(enumerate([0.6, 0.61, 0.62]))}
    found = compare(values, "base", RULES)["arm"]
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.words.startswith("Can't tell yet: an interval that may be looked at after every")


def test_many_seeds_tell_that_an_arm_helps_or_makes_no_difference():
    rng = np.random.default_rng(1)
    base = {seed: 0.5 + 0.01 * rng.standard_normal() for seed in range(20)}
    values = {
        "base": base,
        "better": {
            seed: value + 0.05 + 0.01 * rng.standard_normal() for seed, value in base.items()
        },
        "alike": {seed: value + 0.003 * rng.standard_normal() for seed, value in base.items()},
    }
    told = compare(values, "base", RULES)
    assert told["better"].verdict is Verdict.HELPS
    assert told["better"].low > 0
    assert told["alike"].verdict is Verdict.NO_DIFFERENCE
    assert told["better"].new_images.low is None


def test_verdicts_come_while_runs_are_missing_of_the_seeds_that_all_arms_have():
    rng = np.random.default_rng(2)
    base = {seed: 0.5 + 0.01 * rng.standard_normal() for seed in range(8)}
    values = {
        "baseline": base,
        "dropout": {seed: base[seed] + 0.08 + 0.01 * rng.standard_normal() for seed in range(7)},
        "L2": {seed: base[seed] + 0.002 * rng.standard_normal() for seed in range(6)},
    }
    told = judge_arms(STUDY, values, "val_accuracy", LOOK, None)
    assert told["dropout"].verdict is Verdict.HELPS
    assert told["dropout"].seeds == 6
    assert not told["dropout"].is_open


@pytest.mark.parametrize("options", [{"scope": "new_images"}, {"kind": Kind.DOSE}])
def test_only_comparisons_on_these_images_can_be_watched(options):
    with pytest.raises(ConfigError, match="can be watched"):
        check_study(any_study(ready_arms(["baseline", "dropout"]), watch=True, **options))
