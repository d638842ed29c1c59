import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.study.measures.bands import band
from cnnlab.study.measures.measured import (
    calibration_of,
    layer_histories,
    memorization_histories,
    robustness_of,
    telling_strengths,
    weight_layers,
)
from cnnlab.study.measures.measured_wording import (
    calibration_words,
    memorization_words,
    robustness_finding,
    robustness_words,
    weights_words,
)
from tests.study.made_measures import OLD_HISTORY, evaluation, history

NOISE = (0.0, 0.01, -0.01, 0.005)


def evaluations_of(*rotation, seeds=3, **options):
    return {
        seed: evaluation(tuple(value + NOISE[seed] for value in rotation), **options)
        for seed in range(seeds)
    }


def test_robustness_is_sorted_by_strength_with_the_undistorted_images_first():
    rows = robustness_of({0: evaluation((0.8, 0.6)), 1: evaluation((0.7, 0.5)), 2: {}})["rotation"]
    assert [row.shown for row in rows] == ["0°", "10°", "20°"]
    assert [row.mean for row in rows] == pytest.approx([0.93, 0.75, 0.55])
    assert rows[1].values == {0: 0.8, 1: 0.7}


def test_the_largest_difference_is_told_with_its_strength():
    evaluations = {
        "baseline": evaluations_of(0.70, 0.64),
        "augmentation": evaluations_of(0.82, 0.81),
    }
    assert robustness_words(evaluations, "augmentation", "baseline") == (
        "At 20° rotation augmentation goes from 93\u00a0% to 81\u00a0% "
        "(baseline from 93\u00a0% to 64\u00a0%)."
    )


def test_of_all_arms_one_finding_is_told():
    evaluations = {
        "baseline": evaluations_of(0.70, 0.64),
        "augmentation": evaluations_of(0.82, 0.81),
        "dropout": evaluations_of(0.72, 0.66),
    }
    assert robustness_finding(evaluations, ["augmentation", "dropout"], "baseline") == (
        "The largest difference that chance doesn't explain: at 20° rotation augmentation goes "
        "from 93\u00a0% to 81\u00a0% (baseline from 93\u00a0% to 64\u00a0%)."
    )
    two = {"a": evaluations_of(0.9, 0.9, seeds=2), "b": evaluations_of(0.5, 0.5, seeds=2)}
    words = robustness_finding(two, ["a"], "b")
    assert words.startswith("No arm is shown to stand distortions better or worse than b.")
    assert words.endswith(
        "to 90\u00a0% (b from 93\u00a0% to 50\u00a0%); so few seeds prove nothing."
    )
    assert robustness_finding({"a": {0: {}}, "b": {0: evaluation()}}, ["a"], "b") is None


def test_an_arm_that_knows_little_is_no_finding_but_named():
    even = {"confusion": [[50, 0], [0, 50]]}
    knowing = {s: one | even for s, one in evaluations_of(0.80, 0.60).items()}
    close = {s: one | even for s, one in evaluations_of(0.80, 0.65).items()}
    guessing = {s: one | even for s, one in evaluations_of(0.55, 0.55, clean=0.6).items()}
    arms = {"baseline": knowing, "l2": close, "all together": guessing}
    words = robustness_finding(arms, ["l2", "all together"], "baseline")
    assert "l2 goes from 93\u00a0% to 65" in words
    assert words.endswith(
        "All together was left out: undistorted it is less than half as far above guessing as "
        "baseline, so it has less to lose."
    )
    only = robustness_finding(arms, ["all together"], "baseline")
    assert only.startswith("All together was left out")


def test_an_arm_that_is_worse_undistorted_too_loses_nothing():
    evaluations = {
        "start": evaluations_of(0.39, 0.36, shift=(0.39, 0.39), clean=0.39),
        "winner": evaluations_of(0.33, 0.33, shift=(0.33, 0.33), clean=0.33),
    }
    words = robustness_words(evaluations, "winner", "start")
    assert words.startswith(
        "At 20° rotation winner goes from 33\u00a0% to 33\u00a0% "
        "(start from 39\u00a0% to 36\u00a0%)"
    )
    alike = evaluations_of(0.33, 0.33, shift=(0.33, 0.33), clean=0.33)
    evaluations["start"] = evaluations_of(0.39, 0.39, shift=(0.39, 0.39), clean=0.39)
    assert robustness_words({**evaluations, "winner": alike}, "winner", "start").endswith(
        "which may be chance."
    )


def test_runs_that_did_not_judge_undistorted_images_tell_nothing_of_losses():
    bare = {0: {k: v for k, v in evaluation().items() if k != "robustness_undistorted"}}
    assert robustness_words({"a": bare, "b": {0: evaluation()}}, "a", "b") is None


def test_each_distortion_is_shown_where_the_arms_differ_most():
    def told(*of_arms):
        return {one.distortion: one.shown for one in telling_strengths(of_arms)}["rotation"]

    assert told(evaluations_of(0.70, 0.64), evaluations_of(0.9, 0.7)) == "10°"
    assert told(evaluations_of(0.70, 0.64), evaluations_of(0.7, 0.7)) == "20°"
    assert telling_strengths([{0: {}}]) == []


def test_a_difference_that_may_be_chance_says_so():
    baseline = {seed: evaluation((0.7 + 0.1 * seed, 0.6)) for seed in range(3)}
    arm = {seed: evaluation((0.9 - 0.1 * seed, 0.6)) for seed in range(3)}
    arm[0] = evaluation((0.95, 0.6))
    words = robustness_words({"a": arm, "b": baseline}, "a", "b")
    assert words.endswith(", which may be chance.")


def test_a_difference_of_two_seeds_proves_nothing():
    evaluations = {"a": evaluations_of(0.9, 0.9, seeds=2), "b": evaluations_of(0.5, 0.5, seeds=2)}
    assert "so few seeds prove nothing" in robustness_words(evaluations, "a", "b")


def test_only_shared_seeds_are_compared():
    evaluations = {
        "a": {0: evaluation((0.5, 0.5)), 9: evaluation((0.1, 0.1))},
        "b": {0: evaluation((0.9, 0.9))},
    }
    assert "to 50\u00a0% (b from 93\u00a0% to 90\u00a0%)" in robustness_words(evaluations, "a", "b")
    assert robustness_words({"a": {1: evaluation()}, "b": {0: evaluation()}}, "a", "b") is None


def test_runs_of_earlier_versions_have_nothing_to_tell():
    old = {"a": {0: {}}, "b": {0: evaluation()}}
    assert robustness_of({0: {}}) == {}
    assert robustness_words(old, "a", "b") is None
    assert calibration_words(old, "a", "b") is None
    histories = {"a": {0: OLD_HISTORY}, "b": {0: []}}
    assert weight_layers(histories.values()) == []
    assert weights_words(histories, "conv_1", "a", "b") is None
    assert memorization_words(histories, "a", "b") is None


def test_bins_are_pooled_over_the_seeds_by_their_images():
    found = calibration_of(
        {
            0: evaluation(ece=0.1, bins=((0.5, 10, 0.52, 0.4), (0.9, 100, 0.95, 0.9))),
            1: evaluation(ece=0.2, bins=((0.5, 30, 0.56, 0.6),)),
            2: {},
        }
    )
    first, second = found.bins
    assert (first.images, first.confidence, first.accuracy) == pytest.approx((40, 0.55, 0.55))
    assert second.images == 100
    assert found.error == pytest.approx(0.15)
    assert found.overconfidence == pytest.approx(100 * 0.05 / 140)


def test_calibration_is_told_with_its_direction():
    evaluations = {
        "baseline": {0: evaluation(ece=0.08, bins=((0.8, 50, 0.9, 0.8),))},
        "dropout": {0: evaluation(ece=0.03, bins=((0.8, 50, 0.85, 0.88),))},
        "even": {0: evaluation(ece=0.03, bins=((0.8, 50, 0.85, 0.85),))},
    }
    assert calibration_words(evaluations, "dropout", "baseline") == (
        "The confidence of dropout is off by 3.0 points on average (baseline 8.0 points): too "
        "unsure by 3.0 points on the whole."
    )
    assert "on average: too sure by 10.0" in calibration_words(evaluations, "baseline", "baseline")
    assert "neither too sure" in calibration_words(evaluations, "even", "baseline")


@given(
    st.lists(
        st.tuples(st.integers(1, 100), st.floats(0.01, 1), st.floats(0, 1)), min_size=1, max_size=9
    )
)
def test_equal_seeds_pool_to_themselves(rows):
    bins = tuple((number / 10, *row) for number, row in enumerate(rows))
    once, thrice = (
        calibration_of(dict.fromkeys(range(seeds), evaluation(bins=bins))) for seeds in (1, 3)
    )
    assert [found.accuracy for found in thrice.bins] == pytest.approx(
        [found.accuracy for found in once.bins]
    )
    assert thrice.overconfidence == pytest.approx(once.overconfidence, abs=1e-9)


def test_weights_of_one_layer_by_epoch_and_seed():
    histories = {0: history((4, 0.1, None, None), (5, 0.2, None, None)), 1: [], 2: OLD_HISTORY}
    rows = layer_histories(histories, "conv_1")
    assert list(rows) == [0]
    assert band(rows, "norm").mean == [4, 5]
    assert weight_layers([histories]) == ["conv_1", "dense"]


def test_weights_at_the_end_are_told():
    histories = {
        "baseline": {0: history((5.25, 0.04, None, None))},
        "L1": {0: history((9, 0, None, None), (3.1, 0.62, None, None))},
    }
    assert weights_words(histories, "conv_1", "L1", "baseline") == (
        "L1 leaves 62\u00a0% of the weights of conv_1 near zero and a "
        "norm of 3.1 (baseline: 4\u00a0% and "
        "5.25)."
    )
    assert (
        weights_words({"L1": {0: history((math.nan, 0, None, None))}}, "conv_1", "L1", "L1") is None
    )


def test_memorization_is_told_where_labels_are_wrong():
    histories = {
        "baseline": {0: history((1, 0, 0.1, 0.1), (1, 0, 0.83, 0.09))},
        "dropout": {0: history((1, 0, 0.1, 0.1), (1, 0, 0.31, 0.6)), 1: OLD_HISTORY},
        "clean": {0: history((1, 0, None, None))},
    }
    assert memorization_words(histories, "dropout", "baseline") == (
        "Of the training images with a wrong label dropout repeats the wrong one for 31\u00a0% and "
        "finds the true one for 60\u00a0% (baseline: 83\u00a0% and 9\u00a0%)."
    )
    assert memorization_words(histories, "clean", "baseline") is None
    assert memorization_histories(histories["clean"]) == {}
