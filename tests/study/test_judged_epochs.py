import math

import pytest

from cnnlab.study.judged_epochs import mean_of_last

RECORDS = [{"val_accuracy": value} for value in (0.1, 0.9, 0.6, 0.8)]


def test_the_last_epochs_count_alike_and_earlier_ones_do_not():
    assert mean_of_last(RECORDS, 3, "val_accuracy") == pytest.approx((0.9 + 0.6 + 0.8) / 3)
    assert mean_of_last(RECORDS, 1, "val_accuracy") == 0.8


def test_a_run_that_stopped_early_is_judged_by_all_it_has():
    assert mean_of_last(RECORDS, 9, "val_accuracy") == pytest.approx(0.6)
    assert math.isnan(mean_of_last([], 3, "val_accuracy"))


def test_an_epoch_that_is_not_known_leaves_nothing_to_judge():
    assert math.isnan(mean_of_last([*RECORDS, {"val_accuracy": None}], 3, "val_accuracy"))
