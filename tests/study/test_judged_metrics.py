"""Verdicts about the gap, robustness and calibration."""

import math

import pytest

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.study import MARGINS, USUAL_METRICS, Kind, check_study
from cnnlab.study.judging import Look, judge_arms
from cnnlab.study.measures.measured import measured_of
from cnnlab.study.rules_wording import rules_words
from cnnlab.study.verdicts import METRICS, Verdict
from tests.documents.made_content import any_study
from tests.study.made_measures import evaluation

ARMS = ready_arms(["baseline", "dropout"])
ENDED = Look(0.05, 0.01, is_ended=True, lost={"baseline": 0, "dropout": 0})


def study_of(primary, **options):
    return any_study(ARMS, seeds=4, primary=primary, margin=MARGINS[primary][1], **options)


def by_seed(*values):
    return dict(enumerate(values))


def judged(primary, base, arm, **options):
    values = {"baseline": base, "dropout": arm}
    return judge_arms(study_of(primary), values, primary, ENDED, 200, **options)["dropout"]


LARGE, SMALL = by_seed(0.3, 0.31, 0.29, 0.3), by_seed(0.2, 0.22, 0.19, 0.2)
ALIKE = by_seed(0.7, 0.71, 0.69, 0.7)


def test_a_smaller_gap_helps_where_accuracy_is_kept():
    accuracy = {"baseline": ALIKE, "dropout": by_seed(0.701, 0.712, 0.69, 0.702)}
    found = judged("gap", LARGE, SMALL, accuracy=accuracy)
    assert found.verdict is Verdict.HELPS
    assert found.words.startswith("Helps: makes the gap smaller by ")
    assert found.better_next.probability > 0.9


@pytest.mark.parametrize("lost", [0.2, 0.03])
def test_a_smaller_gap_alone_is_no_help_where_accuracy_may_be_lost(lost):
    accuracy = {"baseline": ALIKE, "dropout": {seed: x - lost for seed, x in ALIKE.items()}}
    accuracy["dropout"][0] -= 0.01
    found = judged("gap", LARGE, SMALL, accuracy=accuracy)
    assert found.verdict is Verdict.CANNOT_TELL
    assert "more than 2 points of accuracy may be lost" in found.words
    assert found.better_next is None


def test_a_larger_gap_that_wins_accuracy_does_not_hurt():
    won = {"baseline": ALIKE, "dropout": {seed: x + 0.1 + seed / 500 for seed, x in ALIKE.items()}}
    kept = {"baseline": ALIKE, "dropout": {seed: x + seed / 1000 for seed, x in ALIKE.items()}}
    assert judged("gap", SMALL, LARGE, accuracy=won).verdict is Verdict.CANNOT_TELL
    assert judged("gap", SMALL, LARGE, accuracy=kept).verdict is Verdict.HURTS
    assert judged("gap", SMALL, LARGE).verdict is Verdict.CANNOT_TELL


def test_a_lower_calibration_error_and_a_higher_robustness_help():
    base, other = by_seed(0.1, 0.11, 0.09, 0.1), by_seed(0.05, 0.07, 0.04, 0.05)
    assert judged("calibration", base, other).verdict is Verdict.HELPS
    assert judged("robustness", base, other).verdict is Verdict.HURTS


@pytest.mark.parametrize("primary", ["robustness", "calibration"])
def test_runs_that_lack_it_say_why_nothing_can_be_told(primary):
    found = judged(primary, {}, {})
    assert found.verdict is Verdict.CANNOT_TELL
    assert METRICS[primary].label in found.words
    assert "A new study can be judged" in found.words


def test_what_a_kept_model_was_measured_at():
    measured = evaluation(rotation=(0.8, 0.6), shift=(0.9, 0.7), ece=0.05)
    assert measured_of(measured, "robustness") == pytest.approx(0.75)
    assert measured_of(measured, "calibration") == 0.05
    assert math.isnan(measured_of(None, "robustness"))
    assert math.isnan(measured_of({}, "calibration"))


def test_a_study_compares_by_what_it_is_judged_by_too():
    assert study_of("gap").metrics == USUAL_METRICS
    assert study_of("calibration").metrics == (*USUAL_METRICS, "calibration")


@pytest.mark.parametrize("options", [{"scope": "new_images"}, {"kind": Kind.DOSE}])
@pytest.mark.parametrize("primary", ["gap", "robustness", "calibration"])
def test_only_comparisons_on_these_images_are_judged_by_them(primary, options):
    with pytest.raises(ConfigError, match=f"By {primary} arms can only be compared"):
        check_study(study_of(primary, **options))


def test_the_rules_say_what_was_measured_where():
    assert "accuracy on distorted images of the model that each run" in rules_words(
        study_of("robustness")
    )
    assert "accuracy may be lost for it" in rules_words(study_of("gap"))
