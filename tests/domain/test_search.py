"""Searches, their trials, and what was decided."""

import math

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.search import (
    Decisions,
    Range,
    Search,
    SearchStatus,
    Trial,
    TrialState,
)
from cnnlab.domain.study import Arm, Study

RATE = Range("optimizer.learning_rate", 1e-4, 1e-1, log=True)
SCHEDULE = Range("optimizer.schedule", choices=(None, {"name": "cosine"}))


def search(*ranges, epochs=20, **values):
    base = RunConfig(dataset="d", training={"epochs": epochs}).model_dump(mode="json")
    return Search("o1", "one", "d", base, ranges or (RATE,), **{"trials": 10} | values)


def test_a_search_comes_back_from_json():
    found = search(RATE, SCHEDULE, minutes=1.5, seeds=(3, 4), second="parameters")
    assert Search.from_json(found.to_json()) == found


def test_decisions_come_back_from_json():
    decisions = Decisions(SearchStatus.STOPPED, "By hand.", 3.5, {4: "worse"}, 2, "s1", 7)
    assert Decisions.from_json(decisions.to_json()) == decisions
    again = decisions.reopened()
    assert (again.study, again.earlier_studies) == (None, ("s1",))
    assert Decisions.from_json(again.to_json()) == again
    assert Decisions.from_json({"status": "searching"}) == Decisions()


def test_the_start_setting_is_the_base():
    found = search(RATE, SCHEDULE)
    assert found.start == {"optimizer.learning_rate": 1e-3, "optimizer.schedule": None}
    config = found.config({"optimizer.learning_rate": 0.1}, 7)
    assert (config.optimizer.learning_rate, config.training.seed) == (0.1, 7)


@pytest.mark.parametrize("epochs", [1, 5, 20, 60, 400])
def test_a_trial_is_judged_where_a_study_of_the_same_base_would(epochs):
    found = search(epochs=epochs)
    study = Study("s", "s", "d", found.base, (Arm("a", {}), Arm("b", {})), (0,))
    assert found.judged_epochs == study.judged_epochs


def test_where_epochs_are_searched_the_shortest_run_decides():
    assert search(Range("training.epochs", 6, 60), epochs=60).judged_epochs == 2
    assert search(Range("training.epochs", choices=(90, 30)), epochs=60).judged_epochs == 3


def test_less_cross_entropy_is_better():
    assert search().is_better(0.9, than=0.8)
    assert search(objective="val_cross_entropy").is_better(0.8, than=0.9)
    assert search(objective="gap_penalised").metric == "val_accuracy"


def test_the_curve_is_the_mean_of_the_seeds_that_have_got_so_far():
    curves = {0: (0.2, 0.4, 0.6), 1: (0.4, 0.8)}
    trial = Trial(0, {}, TrialState.RUNNING, None, None, curves, {}, 1.0)
    assert trial.curve == pytest.approx((0.3, 0.6, 0.6))
    assert not trial.is_ended


def test_a_value_that_is_not_known_makes_no_mean():
    trial = Trial(0, {}, TrialState.FAILED, None, None, {0: (math.nan, 0.4)}, {}, 1.0)
    assert math.isnan(trial.curve[0])
    assert trial.is_ended
