"""What may be told of arms whose runs didn't all finish, and of which nothing is taken back."""

import random

import numpy as np
import pytest

from cnnlab.domain.arms import AUGMENTATION, same_size, worth_arms
from cnnlab.domain.study import Arm, Kind
from cnnlab.study.judging import Look, judge_arms
from cnnlab.study.seen_wording import flattered_words
from tests.documents.made_content import any_study

BASE, ARM = Arm("base", {}), Arm("arm", {"regularization.dropout": 0.5})


def judged(values, lost, metric="val_accuracy", images=1000, **options):
    """The comparison of a study of two arms that has ended."""
    study = any_study([BASE, ARM], seeds=4, **options)
    both = {name: dict(enumerate(of_arm)) for name, of_arm in values.items()}
    look = Look(0.05, 0.01, is_ended=True, lost=lost)
    return judge_arms(study, both, metric, look, images)["arm"]


@pytest.mark.parametrize("seeds", [3, 5, 8])
@pytest.mark.parametrize(("of_base", "of_arm"), [(0.99, 0.995), (0.97, 0.99), (0.98, 0.98)])
def test_near_a_perfect_accuracy_intervals_hold_the_truth_as_often_as_they_say(
    seeds, of_base, of_arm
):
    rng, held, images, studies = np.random.default_rng(seeds), 0, 50, 400
    for _ in range(studies):
        values = {
            name: rng.binomial(images, rate, seeds) / images
            for name, rate in (("base", of_base), ("arm", of_arm))
        }
        found = judged(values, {"base": 0, "arm": 0}, images=images).these_images
        held += found.low <= of_arm - of_base <= found.high
    assert held / studies > 0.93


BETTER, WORSE = [0.8, 0.801, 0.8], [0.78, 0.7815, 0.779]


@pytest.mark.parametrize(
    ("base", "arm", "lost", "verdict", "words"),
    [
        (WORSE, BETTER, (0, 0), "helps", ""),
        (WORSE, BETTER, (0, 1), "cannot_tell", "1 of its runs didn't finish"),
        (WORSE, BETTER, (1, 0), "helps", ""),
        (WORSE, BETTER, (1, 1), "helps", ""),
        (BETTER, WORSE, (0, 1), "hurts", ""),
        (BETTER, WORSE, (2, 1), "cannot_tell", "2 of the runs of 'base' didn't finish"),
        (BETTER, WORSE, (1, 1), "hurts", ""),
        (BETTER, BETTER[::-1], (0, 0), "no_difference", ""),
        (BETTER, BETTER[::-1], (0, 1), "cannot_tell", "1 of its runs didn't finish"),
        (BETTER, BETTER[::-1], (1, 0), "cannot_tell", "1 of the runs of 'base' didn't finish"),
        (BETTER, BETTER[::-1], (1, 1), "no_difference", ""),
    ],
)
def test_who_lost_more_runs_may_owe_what_is_left_to_luck_on_either_side(
    base, arm, lost, verdict, words
):
    found = judged({"base": base, "arm": arm}, dict(zip(("base", "arm"), lost, strict=True)))
    assert found.verdict == verdict
    assert words in found.words
    assert ("the lucky ones" in found.words) is (verdict == "cannot_tell")
    assert found.more_seeds is None


def test_a_gap_is_described_only_where_both_lost_alike():
    values = {"base": [0.2, 0.201, 0.2], "arm": [0.1, 0.1, 0.101]}
    assert judged(values, {"base": 1, "arm": 1}, "gap").verdict is None
    uneven = judged(values, {"base": 1, "arm": 0}, "gap")
    assert "may be the lucky ones" in uneven.words


@pytest.mark.parametrize("of_partner", [0, 1])
def test_of_sizes_the_lost_runs_of_the_same_size_count(of_partner):
    arms = worth_arms([10, 20], {10: 10, 20: 10}, AUGMENTATION)
    study = any_study(arms, seeds=4, kind=Kind.WORTH)
    pairs, rng = same_size(arms), random.Random(0)
    changed = next(name for name, plain in pairs.items() if plain != study.reference.name)
    values = {
        arm.name: {seed: 0.7 + 0.1 * (arm.name in pairs) + rng.gauss(0, 0.003) for seed in range(4)}
        for arm in arms
    }
    lost = {arm.name: 0 for arm in arms} | {changed: 1, study.reference.name: 1}
    lost[pairs[changed]] = of_partner
    for name, count in lost.items():
        for _ in range(count):
            values[name].pop(3)
    found = judge_arms(study, values, "val_accuracy", Look(0.05, 0.01, True, lost), 200)[changed]
    assert found.verdict == ("helps" if of_partner else "cannot_tell")


def test_of_sizes_what_is_ruled_out_is_measured_by_the_arm_of_the_same_size():
    arms = worth_arms([10, 20], {10: 10, 20: 10}, AUGMENTATION)
    study, pairs = any_study(arms, seeds=3, kind=Kind.WORTH), same_size(arms)
    look = Look(0.05, 0.01, True, {arm.name: 0 for arm in arms})
    wide = (-0.08, 0.08, 0.0)  # an interval of about ±20 points
    values = {
        arm.name: {seed: 0.5 + (wide[seed] if arm.name in pairs else 0.0) for seed in range(3)}
        for arm in arms
    }
    found = judge_arms(study, values, "val_accuracy", look, 200)
    for name in pairs:
        assert "points better, at most" in found[name].words
    low = {
        name: {seed: value - 0.45 for seed, value in one.items()} for name, one in values.items()
    }
    found = judge_arms(study, low, "val_accuracy", look, 200)
    for name in pairs:
        assert "perhaps as bad as guessing" in found[name].words


def seen(count, checksum="a", unknown=()):
    """So many of 60 validation images trained what runs start with."""
    return {
        "runs": ["source"], "validation_images": 60, "seen_validation": count, "test_images": 0,
        "seen_test": 0, "checksum": checksum if count else "", "unknown_of": list(unknown),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of_base", "of_arm", "verdict", "words"),
    [
        (None, None, "helps", ""),
        (seen(9), seen(9), "helps", ""),
        (None, seen(0), "helps", ""),
        (None, seen(9), "cannot_tell", "were trained on 9 of the 60 validation images"),
        (seen(9), None, "cannot_tell", "those of 'base' with weights that were trained on 9"),
        (seen(9), seen(9, "b"), "cannot_tell", "flattered"),
        (None, seen(0, unknown=["gone"]), "cannot_tell", "may have been trained"),
    ],
)
def test_arms_whose_starts_know_other_judges_make_no_claim(of_base, of_arm, verdict, words):
    study = any_study([BASE, ARM], seeds=3)
    values = {"base": dict(enumerate(WORSE)), "arm": dict(enumerate(BETTER))}
    known = {name: one for name, one in (("base", of_base), ("arm", of_arm)) if one}
    look = Look(0.05, 0.01, is_ended=True, lost={"base": 0, "arm": 0}, seen=known)
    found = judge_arms(study, values, "val_accuracy", look, 1000)["arm"]
    assert (found.verdict, words in found.words) == (verdict, True)


def test_a_flattered_level_is_said_of_all_arms_or_of_some():
    arms = ["base", "arm"]
    assert flattered_words({}, arms) == ""
    assert "arms still compare" in flattered_words({"base": seen(9), "arm": seen(9)}, arms)
    assert "of 'arm' with weights that were trained on 9 of" in flattered_words(
        {"arm": seen(9)}, arms
    )
