from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cnnlab.domain.arms import dose_arms
from cnnlab.domain.study import Arm, Study
from cnnlab.study.kinds.doses import Turned, dose_response, turned_by
from cnnlab.study.verdicts import METRICS

OFF = (-1.0, 0.5, 0.25, 1.0, -0.75)
ACCURACY, CROSS_ENTROPY = METRICS["val_accuracy"], METRICS["val_cross_entropy"]


def turned(count, unit=""):
    return Turned("field", "Dropout", unit, {f"arm {number}": number for number in range(count)})


def answer(means, seeds=5, spread=0.004, metric=ACCURACY, **options):
    """The response to strengths 0, 1, 2 ... whose seeds scatter, each in its own way."""
    values = {
        f"arm {number}": {
            seed: mean + spread * OFF[(seed * (1 + number % 4)) % 5] for seed in range(seeds)
        }
        for number, mean in enumerate(means)
    }
    return dose_response(turned(len(means)), values, metric, **options)


def test_each_strength_has_its_mean_and_t_interval():
    values = {"arm 0": {0: 0.8, 1: 0.9, 2: 1.0}, "arm 1": {0: 0.5}}
    first, second = dose_response(turned(2), values, ACCURACY).doses
    # t(2 df, 97.5 %) = 4.302653; sd = 0.1
    assert (first.mean, first.low, first.high) == pytest.approx((0.9, 0.651586, 1.148414), abs=1e-6)
    assert (second.mean, second.low, second.high, second.seeds) == (0.5, None, None, 1)


def test_an_inverted_u_has_its_best_and_its_too_much_side():
    found = answer([0.90, 0.93, 0.928, 0.80, 0.60])
    assert (found.best.strength, found.too_much) == (1, 3)
    assert found.loss.mean == pytest.approx(0.13)
    assert "does best at 1 (validation accuracy 93.0\u00a0% on average over 5 seeds)" in found.words
    assert "Too much from 3 on: 13.0 points worse than 1 (" in found.words


def test_a_lower_cross_entropy_is_better():
    found = answer([0.5, 0.3, 0.9], metric=CROSS_ENTROPY, spread=0.01)
    assert (found.best.strength, found.too_much) == (1, 2)
    assert "2 is too much: 0.60 nats worse" in found.words


def test_the_too_much_side_may_begin_right_after_the_least_strength():
    assert answer([0.9, 0.7, 0.5]).too_much == 1


def test_nothing_is_too_much_where_the_largest_strength_is_not_provably_worse():
    found = answer([0.90, 0.93, 0.80, 0.929])
    assert (found.too_much, found.loss) == (None, None)
    assert found.words.endswith("No strength is provably too much.")


def test_a_curve_that_still_rises_says_so():
    assert "largest strength tried: no strength is provably" in answer([0.8, 0.85, 0.9]).words


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_prove_nothing(seeds):
    found = answer([0.9, 0.5], seeds=seeds, resolution=0.01)
    assert found.too_much is None
    assert "run at least 3 seeds" in found.words


def test_equal_differences_of_a_rounded_metric_are_no_proof():
    steps = [0.90, 0.88]
    assert answer(steps, seeds=3, spread=0, resolution=0.02).too_much is None
    assert answer(steps, seeds=3, spread=0).too_much is None
    assert answer(steps, seeds=3, spread=0, resolution=0.0001).too_much == 1


def test_a_look_before_makes_the_proof_harder():
    means = [0.9, 0.89]
    assert answer(means).too_much == 1
    assert answer(means, alpha=0.0001).too_much is None


def test_a_noise_that_seeds_share_hides_nothing():
    shared = {0: 0.7, 1: 0.8, 2: 0.9, 3: 1.0}
    worse = {seed: value - 0.03 - 0.001 * (seed % 2) for seed, value in shared.items()}
    assert dose_response(turned(2), {"arm 0": shared, "arm 1": worse}, ACCURACY).too_much == 1


def test_what_is_not_known_is_left_out():
    values = {"arm 0": {0: 0.9}, "arm 1": {0: float("nan")}, "arm 2": {}}
    assert dose_response(turned(3), values, ACCURACY) is None
    found = dose_response(turned(3), values | {"arm 2": {0: 0.8}}, ACCURACY)
    assert [dose.strength for dose in found.doses] == [0, 2]


def test_the_gap_has_no_better_side():
    assert answer([0.1, 0.2], metric=METRICS["gap"]) is None


accuracies = st.lists(
    st.lists(st.floats(0, 1), min_size=3, max_size=6), min_size=2, max_size=6
)  # of strengths, of seeds


@given(accuracies)
def test_too_much_lies_above_a_strength_that_is_better(rows):
    values = {f"arm {number}": dict(enumerate(row)) for number, row in enumerate(rows)}
    found = dose_response(turned(len(rows)), values, ACCURACY)
    assert found.best.mean == max(dose.mean for dose in found.doses)
    if found.too_much is not None:
        lower = [dose.mean for dose in found.doses if dose.strength < found.too_much]
        later = [dose.mean for dose in found.doses if dose.strength >= found.too_much]
        assert max(lower) > max(later)
        assert found.best.strength < found.too_much
        assert 0 < found.loss.low <= found.loss.mean <= found.loss.high


@given(accuracies)
@example([[1.0, 1.0, 0.5], [0.0, 0.0, 0.0]])  # what counts as far differs between two metrics
def test_a_mirrored_metric_gives_the_same_answer(rows):
    values = {f"arm {number}": dict(enumerate(row)) for number, row in enumerate(rows)}
    mirrored = {
        arm: {seed: -value for seed, value in of_arm.items()} for arm, of_arm in values.items()
    }
    found = dose_response(turned(len(rows)), values, ACCURACY)
    errors = replace(ACCURACY, higher_is_better=False)
    other = dose_response(turned(len(rows)), mirrored, errors)
    assert (found.best.strength, found.too_much) == (other.best.strength, other.too_much)


@pytest.mark.parametrize("seeds", [3, 5])
def test_without_any_effect_hardly_anything_is_called_too_much(seeds):
    draws = np.random.default_rng(5).normal(0.9, 0.01, (600, 5, seeds))
    found = [
        dose_response(
            turned(5), {f"arm {at}": dict(enumerate(row)) for at, row in enumerate(rows)}, ACCURACY
        )
        for rows in draws.tolist()
    ]
    assert sum(one.too_much is not None for one in found) <= 0.05 * len(found)


def test_while_planned_runs_are_missing_there_are_means_alone():
    found = answer([0.90, 0.93, 0.928, 0.80, 0.60], is_open=True)
    assert (found.too_much, found.loss) == (None, None)
    assert {(dose.low, dose.high) for dose in found.doses} == {(None, None)}
    assert found.best in found.doses
    assert found.words == (
        "So far Dropout does best at 1 (validation accuracy 93.0\u00a0% on average over 5 seeds). "
        "What is too much is told with the last run."
    )


def of_seeds(lower, dose):
    values = {"arm 0": dict(enumerate(lower)), "arm 1": dict(enumerate(dose))}
    return dose_response(turned(2), values, ACCURACY)


BETTER, WORSE = [0.9, 0.901, 0.899, 0.9, 0.902], [0.8, 0.803, 0.798, 0.8, 0.801]


def test_what_lost_fewer_runs_than_a_lower_strength_is_not_called_too_much():
    assert of_seeds(BETTER, WORSE).too_much == of_seeds(BETTER, WORSE[:4]).too_much == 1
    lucky = of_seeds(BETTER[:4], WORSE)
    assert (lucky.too_much, lucky.loss) == (None, None)
    assert lucky.words.endswith(
        "What is too much can't be told: fewer runs have finished at 0 than at 1, and those that "
        "did may be the lucky ones."
    )


def test_a_seed_far_off_the_others_makes_no_strength_too_much():
    fallen = [0.88, 0.881, 0.878, 0.6, 0.881]
    values = [[0.9] * 20, (fallen * 4)]
    found = of_seeds(*values)
    assert found.too_much is None
    assert "4 of 20 seeds lie far off the others, and how often that happens" in found.words
    always = of_seeds([0.9] * 20, [value - 0.3 for value in BETTER * 4])
    assert always.too_much == 1


def study_of(arms):
    return Study("s", "s", "d", {}, tuple(arms), (0, 1, 2))


def test_a_study_of_doses_names_what_it_turns():
    found = turned_by(study_of(dose_arms("augmentation.rotation_degrees", [30, 0, 8])))
    assert (found.label, found.shown(8.0)) == ("Rotation", "8°")
    assert list(found.strengths.values()) == [0, 8, 30]


@pytest.mark.parametrize(
    "arms",
    [
        [Arm("a", {}), Arm("b", {"regularization.dropout": 0.5})],
        [Arm("a", {"regularization.l2": 0.1}), Arm("b", {"regularization.dropout": 0.5})],
        [Arm("a", {"optimizer.name": "sgd"}), Arm("b", {"optimizer.name": "adam"})],
        [Arm("a", {"regularization.batch_norm": True}), Arm("b", {"regularization.batch_norm": 0})],
    ],
)
def test_other_studies_turn_nothing(arms):
    assert turned_by(study_of(arms)) is None
