"""What is said of the rules of a study, of its looks and of both scopes."""

from dataclasses import replace

import pytest

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.study import Arm, RecordedLook
from cnnlab.study.rules_wording import look_words, rules_words, scope_words, unknown_words
from tests.documents.made_content import any_study
from tests.study.made_comparisons import made_comparison

PLANNED = RecordedLook("a", 0.05, is_planned=True)
EARLY = RecordedLook("b", 0.009375)


@pytest.mark.parametrize(
    ("judged_at", "words"),
    [
        ("mean_last", "over the last 3 epochs of each run (their mean)"),
        ("last", "at the last epoch of each run"),
        (
            "cross_fitted",
            "chosen on one half of the validation images and judged on the other, both ways, which "
            "still favours arms whose accuracy jumps.",
        ),
        ("best", "at the best epoch of each run, which favours arms whose accuracy jumps"),
    ],
)
def test_the_rules_are_told_in_words(judged_at, words):
    said = rules_words(any_study(judged_at=judged_at, margin=0.015, scope="new_images"))
    assert said.startswith("Judged by validation accuracy ")
    assert words in said
    assert said.endswith(
        "Differences up to 1.5 points count as none. Verdicts are about new images of this kind."
    )


@pytest.mark.parametrize(
    ("arms", "judged_at", "is_said"),
    [
        (["baseline", "early_stopping"], "mean_last", True),
        (["baseline", "early_stopping"], "last", True),
        (["baseline", "early_stopping"], "best", False),
        (["baseline", "dropout"], "mean_last", False),
    ],
)
def test_where_one_arm_stops_early_its_bad_luck_is_said(arms, judged_at, is_said):
    study = any_study(ready_arms(arms), judged_at=judged_at)
    assert ("low by chance" in rules_words(study)) is is_said
    stopping = {"regularization.early_stopping": {"patience_epochs": 3}}
    both = replace(study, arms=tuple(Arm(arm.name, stopping | arm.changes) for arm in study.arms))
    assert "low by chance" not in rules_words(both)


def test_a_margin_of_cross_entropy_is_in_nats():
    study = any_study(primary="val_cross_entropy", margin=0.1)
    assert "Differences up to 0.1 nats count as none" in rules_words(study)


def test_the_planned_look_alone_needs_no_words_and_each_further_one_its_level():
    study = any_study()
    assert look_words(study, 0.05) == ""
    assert look_words(replace(study, looks=(PLANNED,)), 0.05) == ""
    again = look_words(replace(study, looks=(PLANNED, EARLY)), EARLY.alpha)
    assert again.startswith("This is look 2 at this study.")
    assert again.endswith("at all looks together 5.94\u00a0%.")
    early = look_words(replace(study, looks=(EARLY,)), EARLY.alpha)
    assert early.startswith("This look came before all planned runs had finished.")


@pytest.mark.parametrize("scope", ["these_images", "new_images"])
def test_the_scope_of_the_claim_comes_first_and_is_marked(scope):
    study = any_study(scope=scope)
    both = {"these": (0.004, 0.038), "new": (-0.006, 0.048)}
    found = made_comparison("dropout", 0.021, **both, scope=scope)
    these = ": +2.1 points (+0.4 to +3.8), 95\u00a0% interval."
    new = ": +2.1 points (−0.6 to +4.8), 95\u00a0% interval."
    mark = ", which the claim is about"
    assert scope_words(found, study) == (
        [f"On these validation images{mark}{these}", f"On new images of this kind{new}"]
        if scope == "these_images"
        else [f"On new images of this kind{mark}{new}", f"On these validation images{these}"]
    )


def test_the_claimed_interval_is_the_one_that_the_verdict_rests_on():
    found = made_comparison("dropout", 0.005, these=(-0.004, 0.013), new=(-0.004, 0.013))
    alike = replace(found, low=-0.007, high=0.016, confidence=0.98)
    claimed, _ = scope_words(alike, any_study())
    assert claimed.endswith(": +0.5 points (−0.7 to +1.6), 98\u00a0% interval.")


def test_what_isnt_known_of_a_scope_is_told_once_and_not_while_runs_are_missing():
    found = made_comparison("dropout", 0.021, these=(0.004, 0.038))
    both = {"dropout": found, "L2": replace(found, arm="L2")}
    (said,) = unknown_words(both)
    assert said.startswith("On new images of this kind nothing is known: what its runs said")
    assert len(scope_words(found, any_study())) == 1
    assert unknown_words({"dropout": replace(found, is_open=True)}) == []
    assert scope_words(replace(found, is_open=True), any_study()) == []
