import math

import numpy as np
import pytest

from cnnlab.study.measures.cross_fitting import cross_fit
from cnnlab.study.measures.judged_epochs import (
    cross_fitted,
    judged_images,
    mean_of_last,
    needed_epochs,
)

RECORDS = [{"val_accuracy": value} for value in (0.1, 0.9, 0.6, 0.8)]


def test_the_last_epochs_count_alike_and_earlier_ones_do_not():
    assert mean_of_last(RECORDS, 3, "val_accuracy") == pytest.approx((0.9 + 0.6 + 0.8) / 3)
    assert mean_of_last(RECORDS, 1, "val_accuracy") == 0.8


def test_a_run_that_stopped_early_is_judged_by_all_it_has():
    assert mean_of_last(RECORDS, 9, "val_accuracy") == pytest.approx(0.6)
    assert math.isnan(mean_of_last([], 3, "val_accuracy"))


def test_an_epoch_that_is_not_known_leaves_nothing_to_judge():
    assert math.isnan(mean_of_last([*RECORDS, {"val_accuracy": None}], 3, "val_accuracy"))


RNG = np.random.default_rng(0)
RIGHT = RNG.random((6, 40)) < np.linspace(0.4, 0.8, 6)[:, None]
LOSSES = RNG.gamma(1, size=(6, 40))


@pytest.mark.parametrize(
    ("judged_at", "epochs"), [("last", [5]), ("mean_last", [3, 4, 5]), ("best", [2])]
)
def test_each_image_is_judged_where_the_run_is(judged_at, epochs):
    assert list(needed_epochs(judged_at, 6, last=3, best=2)) == epochs
    found = judged_images(judged_at, RIGHT[epochs], LOSSES[epochs])
    assert found.accuracy == pytest.approx(RIGHT[epochs].mean(axis=0))
    assert found.of("val_cross_entropy") == pytest.approx(LOSSES[epochs].mean(axis=0))
    assert found.shares.tolist() == [1 / len(epochs)] * len(epochs)


def test_a_run_with_fewer_epochs_is_judged_by_all():
    assert list(needed_epochs("mean_last", 2, last=3, best=0)) == [0, 1]
    assert list(needed_epochs("last", 0, last=3, best=0)) == []


def test_cross_fitted_images_are_judged_at_epochs_that_others_chose():
    assert list(needed_epochs("cross_fitted", 6, last=3, best=2)) == list(range(6))
    found = judged_images("cross_fitted", RIGHT, LOSSES)
    whole = cross_fit(RIGHT, LOSSES)
    records = [{"clean_accuracy": 0.9 + epoch / 100} for epoch in range(6)]
    assert cross_fitted(records, found, "val_accuracy") == pytest.approx(whole.accuracy)
    assert cross_fitted(records, found, "val_cross_entropy") == pytest.approx(
        whole.cross_entropy, abs=1e-6
    )
    gap = 0.9 + whole.shares @ np.arange(6) / 100 - whole.accuracy
    assert cross_fitted(records, found, "gap") == pytest.approx(gap)
    assert found.shares.sum() == pytest.approx(1)
