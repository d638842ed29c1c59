import numpy as np
import pytest
from scipy import stats

from cnnlab.study.chance.equivalence import level_of_arm, within_margin
from cnnlab.study.chance.paired import paired_estimate

DIFFERENCES = np.array([0.004, -0.003, 0.006, 0.001, -0.002])


@pytest.mark.parametrize("margin", [0.003, 0.0045, 0.006, 0.02])
@pytest.mark.parametrize("level", [0.05, 0.0125])
def test_it_is_two_one_sided_t_tests(margin, level):
    below = stats.ttest_1samp(DIFFERENCES, margin, alternative="less").pvalue
    above = stats.ttest_1samp(DIFFERENCES, -margin, alternative="greater").pvalue
    found = within_margin(paired_estimate(DIFFERENCES), level, margin)
    assert (found is not None) == (max(below, above) < level)


def test_the_interval_that_shows_it_is_the_one_of_both_tests():
    found = within_margin(paired_estimate(DIFFERENCES), 0.05, 0.02)
    assert found.confidence == pytest.approx(0.9)
    expected = stats.ttest_1samp(DIFFERENCES, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx(tuple(expected))


def test_of_one_arm_the_whole_level_is_used_and_of_several_half_of_their_share():
    assert level_of_arm(0.05, 1) == 0.05
    assert level_of_arm(0.05, 4) == 0.05 / 8


def test_equal_differences_of_a_metric_without_resolution_show_nothing():
    assert within_margin(paired_estimate([0.0, 0.0, 0.0]), 0.05, 0.02) is None
