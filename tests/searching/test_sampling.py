"""Which setting a search tries next."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.search import Range, Trial, TrialState
from cnnlab.domain.search_ranges import SEARCHED
from cnnlab.searching.sampling import drawn_settings, every_setting
from tests.domain.test_search import RATE, SCHEDULE, search

FILTERS = Range("architecture.filters", 8, 64, log=True)
DROPOUT = Range("regularization.dropout", 0.0, 0.6)
ALL = (RATE, SCHEDULE, FILTERS, DROPOUT)


def told(number, values, value, state=TrialState.COMPLETE, second=None):
    curve = {0: (value,) * 3}
    return Trial(number, values, state, None if state is not TrialState.COMPLETE else value,
                 second, curve, {}, 1.0)  # fmt: skip


def draw_setting(found, tried, number):
    return next(drawn_settings(found, tried, number))


def best_of(found, worth, trials):
    """Search without any training: each setting is worth what `worth` says."""
    tried = []
    for number in range(trials):
        values = draw_setting(found, tried, number)
        tried.append(told(number, values, worth(values)))
    return tried


def test_the_first_trial_is_the_start_setting():
    assert draw_setting(search(*ALL), [], 0) == {
        "optimizer.learning_rate": 1e-3,
        "optimizer.schedule": None,
        "architecture.filters": None,
        "regularization.dropout": 0.0,
    }


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_settings_lie_in_their_ranges_and_come_again(sampler):
    found = search(*ALL, sampler=sampler)
    tried = best_of(found, lambda values: values["regularization.dropout"], 25)
    for trial in tried[1:]:
        values = trial.values
        assert 1e-4 <= values["optimizer.learning_rate"] <= 1e-1
        assert values["optimizer.schedule"] in SCHEDULE.choices
        assert isinstance(values["architecture.filters"], int)
        assert 8 <= values["architecture.filters"] <= 64
        assert 0 <= values["regularization.dropout"] <= 0.6
        found.config(values, 0)
    assert draw_setting(found, tried[:20], 20) == tried[20].values
    draws = list(drawn_settings(found, tried[:20], 20))
    assert draws == list(drawn_settings(found, tried[:20], 20))
    assert draws[0] == tried[20].values
    assert len({repr(draw) for draw in draws}) > 90
    other = replace(found, id="o2")
    assert draw_setting(other, tried[:20], 20) != tried[20].values


def test_rates_are_drawn_by_their_logarithm():
    found = search(RATE, sampler="random")
    rates = [draw_setting(found, [], number)["optimizer.learning_rate"] for number in range(1, 80)]
    logs = np.log10(rates)
    assert -2.8 < logs.mean() < -2.2
    assert all(float(f"{rate:.4g}") == rate for rate in rates)


@pytest.mark.parametrize("direction", ["val_accuracy", "val_cross_entropy"])
def test_it_learns_what_is_good(direction):
    sign = -1 if direction == "val_accuracy" else 1

    def worth(values):
        near = (math.log10(values["optimizer.learning_rate"]) + 3.5) ** 2
        return sign * (near + (0 if values["optimizer.schedule"] else 1))

    late = {}
    for sampler in ("tpe", "random"):
        found = search(RATE, SCHEDULE, sampler=sampler, objective=direction)
        late[sampler] = np.mean([abs(one.value) for one in best_of(found, worth, 45)[30:]])
    assert late["tpe"] < 0.5 * late["random"]


def test_what_is_pruned_teaches_and_what_failed_does_not():
    found = search(RATE)
    start = best_of(found, lambda values: -abs(math.log10(values["optimizer.learning_rate"])), 15)
    bad = told(15, {"optimizer.learning_rate": 0.05}, -3.0, state=TrialState.PRUNED)
    failed = replace(bad, state=TrialState.FAILED)
    asked = draw_setting(found, start, 16)
    assert draw_setting(found, [*start, failed], 16) == asked
    assert draw_setting(found, [*start, bad], 16) != asked


def test_a_start_outside_of_the_ranges_is_left_out():
    found = search(Range("regularization.l2", 1e-6, 1e-2, log=True), FILTERS)
    tried = best_of(found, lambda values: values["architecture.filters"] or 0, 15)
    assert tried[0].values == {"regularization.l2": 0.0, "architecture.filters": None}
    late = [draw_setting(found, tried, n)["architecture.filters"] for n in range(15, 25)]
    assert np.mean(late) > 40


def test_what_trains_now_is_not_tried_again_at_once():
    found = search(RATE)
    tried = best_of(found, lambda values: -abs(math.log10(values["optimizer.learning_rate"])), 20)
    asked = draw_setting(found, tried, 21)
    waits = told(20, draw_setting(found, tried, 20), 0, state=TrialState.RUNNING)
    assert draw_setting(found, [*tried, waits], 21) != asked


def test_two_objectives_are_searched_for_both():
    found = search(FILTERS, DROPOUT, second="parameters")
    tried = []
    for number in range(30):
        values = draw_setting(found, tried, number)
        filters = values["architecture.filters"] or 16
        value = -abs(values["regularization.dropout"] - 0.2)
        tried.append(told(number, values, value, second=float(filters)))
    assert np.median([one.second for one in tried[20:]]) < 25


def test_all_sensible_ranges_at_once_can_be_drawn():
    """Twelve at a time; what can't be on together aside."""
    known = [one for name, one in SEARCHED.items() if name != "augmentation.cutmix_alpha"]
    for first in range(0, len(known), 12):
        found = search(*known[first : first + 12])
        values = draw_setting(found, [], 1)
        found.config(values, 0)
        assert values.keys() == set(found.fields)


def test_all_settings_are_listed_where_they_can_be_counted():
    blocks = Range("architecture.conv_blocks", 2, 4)
    found = search(SCHEDULE, blocks)
    assert every_setting(found, 6) == [
        {"optimizer.schedule": choice, "architecture.conv_blocks": count}
        for choice in SCHEDULE.choices
        for count in (2, 3, 4)
    ]
    assert every_setting(found, 5) is None
    assert every_setting(search(SCHEDULE, RATE), 1000) is None
    assert every_setting(search(Range("training.batch_size", 1, 10**9)), 1000) is None


def test_a_choice_is_found_again_in_the_config_that_a_run_keeps():
    """As `lab.new_search` has them: an object with all of its fields, a number as its field's."""
    cosine = {"name": "cosine", "warmup_epochs": 0.0, "final_fraction": 0.0}
    found = search(
        Range("optimizer.schedule", choices=(None, cosine)),
        Range("regularization.dropout", choices=(0.0, 0.5)),
    )
    for values in every_setting(found, 4):
        kept = found.config(values, 0).model_dump(mode="json")
        assert {field: value_at(kept, field) for field in found.fields} == values
