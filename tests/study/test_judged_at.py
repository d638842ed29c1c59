"""Which rule on the judged epoch keeps the promise where one arm jumps more than the other."""

import numpy as np
import pytest

from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.training.loop.stopping import stops_early
from tests.benchmarks.judged_at import CASES, claims, ended_at, stopped_early

STUDIES = 200


@pytest.fixture(scope="module")
def jumpy():
    levels, jumps = CASES["jumps .04 against .005"]
    return {rule: sum(shares) for rule, shares in claims(5, STUDIES, levels, jumps).items()}


def test_the_mean_of_the_last_epochs_favours_no_arm(jumpy):
    assert jumpy["mean_last"] <= 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5
    assert jumpy["last"] <= 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5


def test_the_best_epoch_favours_the_arm_that_jumps_even_on_other_images(jumpy):
    assert jumpy["best"] > 0.15
    assert jumpy["cross_fitted"] > 0.15


def test_several_epochs_find_more_than_the_last_alone():
    levels, jumps = CASES["four points better, jumps .04"]
    found = {rule: helps for rule, (helps, _) in claims(8, STUDIES, levels, jumps).items()}
    assert found["mean_last"] > found["last"] + 0.1


@pytest.mark.parametrize(
    ("patience", "alike", "least", "most"),
    [(3, 1.0, 0.5, 0.8), (5, 1.0, 0.3, 0.6), (10, 1.0, 0.1, 0.3), (5, 0.0, -0.05, 0.05)],
)
def test_an_arm_that_stops_early_is_judged_too_low_by_what_is_said_of_it(
    patience, alike, least, most
):
    low, _ = stopped_early(5, 2000, patience, alike)
    assert least < 100 * low < most


def test_of_the_metric_that_is_watched_early_stopping_is_falsely_called_worse():
    assert stopped_early(8, 2000, 5, 1.0)[1] > 0.07
    assert stopped_early(8, 2000, 5, 0.0)[1] < 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5


@pytest.mark.parametrize("patience", [1, 3, 5])
def test_the_simulated_runs_end_where_those_of_training_do(patience):
    watched = np.random.default_rng(patience).standard_normal((20, 30))
    wanted = EarlyStopping(monitor="val_accuracy", patience_epochs=patience)
    for run, end in zip(watched, ended_at(watched, patience), strict=True):
        records = [{"val_accuracy": float(value)} for value in run]
        ended = next((n for n in range(1, 31) if stops_early(wanted, records[:n])), 30)
        assert ended == end
