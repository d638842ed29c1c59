"""Whatever is said of an arm is made in one room, and can be told apart in the same one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.arms import ready_arms
from cnnlab.study.chance.paired import Interval
from cnnlab.study.comparison import CLAIMS
from cnnlab.study.judging import Look, judge_arms
from cnnlab.study.verdicts import METRICS, Rules, compare
from cnnlab.study.wording import (
    TOO_LITTLE,
    collapse_bound,
    doubt,
    looks_words,
    lucky,
    so_far,
    split_words,
)
from tests.documents.made_content import any_study

ACCURACY = METRICS["val_accuracy"]
RULES = Rules(ACCURACY)
HELPED = {
    "baseline": {0: 0.80, 1: 0.81, 2: 0.79, 3: 0.80},
    "dropout": {0: 0.85, 1: 0.861, 2: 0.842, 3: 0.85},
}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Helps by 1.2 points (0.7 to 1.7).", "Helps"),
        ("Hurts: raises cross-entropy by 0.12 (0.07 to 0.17).", "Hurts"),
        ("No difference larger than 2 points (−0.8 to +1.1).", "No difference"),
        ("Can't tell yet: 1 seed proves nothing; run at least 3.", "Can't tell yet"),
        (lucky(2), "Can't tell"),
        (so_far(0.012, 3, ACCURACY), ""),
        (so_far(None, 0, ACCURACY), ""),
    ],
)
def test_words_of_a_verdict_begin_with_what_is_said(words, said):
    first, rest = split_words(words)
    assert first == said
    assert words.replace(":", "", 1) == (first + rest).replace(":", "", 1)


def test_a_verdict_is_said_in_a_word_or_two():
    found = compare(HELPED, "baseline", RULES)
    assert [of_arm.said for of_arm in found.values()] == ["reference", "helps"]
    few = compare({arm: {0: values[0]} for arm, values in HELPED.items()}, "baseline", RULES)
    assert few["dropout"].said == "can't tell yet"
    unknown = compare(HELPED, "baseline", Rules(ACCURACY, scope="new_images"))["dropout"]
    assert (unknown.low, unknown.said) == (None, "can't tell")  # and never will


@given(
    st.lists(st.floats(-0.1, 0.1), min_size=3, max_size=6),
    st.floats(0.0005, 0.08),
    st.sampled_from(["val_accuracy", "val_cross_entropy"]),
)
def test_a_claim_is_made_flatly_only_where_all_of_its_interval_matters(values, margin, metric):
    by_arm = {"baseline": dict.fromkeys(range(len(values)), 0.5)}
    by_arm["arm"] = {seed: 0.5 + value for seed, value in enumerate(values)}
    found = compare(by_arm, "baseline", Rules(METRICS[metric], margin=margin))["arm"]
    if found.verdict not in CLAIMS:
        assert found.too_little == ""
        return
    near, far = sorted((abs(found.low), abs(found.high)))
    assert (found.said == found.verdict) == (near >= margin)
    assert (found.said.endswith(f"s, {TOO_LITTLE}")) == (far < margin)
    assert ("that matter" in found.words) == (near < margin)
    begun, rest = found.words_in_two
    assert begun == found.said.capitalize()
    assert found.words.endswith(rest)


def test_while_runs_are_missing_nothing_is_judged_and_the_comparison_says_so():
    study = any_study(ready_arms(["dropout"]))
    look = Look(0.05, 0.05, is_ended=False, lost={"baseline": 1, "dropout": 1})
    found = judge_arms(study, HELPED, "val_accuracy", look, None)["dropout"]
    assert (found.is_open, found.said, found.low) == (True, "can't tell yet", None)
    assert found.words.startswith("So far +5.1 points over 4 seeds")
    ended = replace(look, is_ended=True)
    assert not judge_arms(study, HELPED, "val_accuracy", ended, None)["dropout"].is_open


def test_what_no_verdict_can_rule_out_is_said_plainly():
    assert collapse_bound(5) == (
        "No run lies far off the others of its arm; with 5 runs an arm, "
        "up to 45\u00a0% of further ones "
        "might."
    )


def test_what_looks_have_used_is_said():
    assert looks_words(1, 0.05, 0.05) == (
        "If no arm had any effect, at most 5\u00a0% of such studies would claim one."
    )
    early = looks_words(1, 0.009375, 0.009375)
    assert early.startswith("This look came before all planned runs had finished.")
    assert early.endswith("claim one at this look instead of 5\u00a0%.")
    again = looks_words(2, 0.009375, 0.059375)
    assert again.startswith("This is look 2 at this study.")
    assert again.endswith(
        "at most 0.94\u00a0% of studies without any effect claim one at "
        "this look instead of 5\u00a0%, at "
        "all looks together 5.94\u00a0%."
    )


def test_what_is_ruled_out_is_never_more_than_an_accuracy_can_lose_or_win():
    def said(low, high, reference):
        found = Interval(0.0, low, high, 0.5, 3, 0.95)
        return doubt(found, None, METRICS["val_accuracy"], reference=reference)

    assert "at most 15.1 points better, at most 40.0 worse;" in said(-0.4, 0.151, 0.725)
    assert "at most 15.1 points better, perhaps as bad as guessing;" in said(-0.942, 0.151, 0.725)
    assert "perhaps right on every image, at most 10.0 points worse;" in said(-0.1, 0.3, 0.725)
    assert "perhaps right on every image, perhaps as bad as guessing;" in said(-0.9, 0.3, 0.725)
