"""What a curve of losses suggests, on curves whose answer is known."""

import numpy as np
import pytest

from cnnlab.training.lr_test.smoothing import SmoothedLoss
from cnnlab.training.lr_test.valley import longest_fall, valley


def by_the_letter(losses):
    """fastai's rule in its plainest words: all pairs, then a half of the length."""
    lengths, end, start = [1] * len(losses), 0, 0
    for later in range(1, len(losses)):
        for earlier in range(later):
            if losses[later] < losses[earlier]:
                lengths[later] = max(lengths[later], lengths[earlier] + 1)
            if lengths[end] < lengths[later]:
                end, start = later, later - lengths[later]
    return max(0, start + int((end - start) / 3) + int((end - start) / 3 / 2))


def test_a_straight_fall_is_taken_in_its_middle():
    falls = list(range(60, 0, -1))
    assert longest_fall(falls) == (59, 60)
    assert valley(falls) == -1 + 20 + 10


def test_a_flat_beginning_and_a_rise_do_not_count():
    losses = (
        [2.0] * 30 + [2 - 0.05 * step for step in range(1, 31)] + [1 + step for step in range(9)]
    )
    assert longest_fall(losses) == (59, 31)
    assert valley(losses) == 59 - 31 + 10 + 5


def test_a_dent_within_the_fall_is_passed_over():
    assert longest_fall([5, 4, 4.5, 3, 6, 2, 7]) == (5, 4)


def test_a_curve_that_never_falls_has_a_length_of_one():
    assert longest_fall([1, 2, 3]) == (0, 1)
    assert valley([1, 2, 3]) == 0


@pytest.mark.parametrize("seed", range(8))
def test_it_is_fastais_rule(seed):
    random = np.random.default_rng(seed)
    losses = np.cumsum(random.normal(-0.2, 1, 50)).round(1).tolist()  # with ties
    assert valley(losses) == by_the_letter(losses)


def test_the_mean_is_corrected_for_its_beginning():
    smooth = SmoothedLoss(100)
    for loss in (2.0, 1.0, 4.0):
        smooth.add(loss)
    weights = np.array([0.98**2, 0.98, 1])
    assert smooth.values[0] == pytest.approx(2.0)
    assert smooth.values[-1] == pytest.approx(weights @ [2, 1, 4] / weights.sum())
    assert not smooth.has_diverged


def test_fewer_steps_reach_back_over_the_same_share_of_the_rates():
    long, short = SmoothedLoss(100), SmoothedLoss(50)
    for _ in range(40):
        long.add(1.0)
    for _ in range(20):
        short.add(1.0)
    for _ in range(20):
        long.add(0.0)
    for _ in range(10):
        short.add(0.0)
    assert short.values[-1] == pytest.approx(long.values[-1], rel=1e-9)


@pytest.mark.parametrize("last", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_has_diverged_and_is_not_part_of_the_mean(last):
    smooth = SmoothedLoss(50)
    smooth.add(1.0)
    smooth.add(last)
    assert smooth.has_diverged
    assert smooth.values == [1.0]


def test_four_times_the_lowest_has_diverged():
    smooth = SmoothedLoss(100)
    smooth.add(1.0)
    smooth.add(6.9)
    assert not smooth.has_diverged
    smooth.add(6.9)
    assert smooth.has_diverged
