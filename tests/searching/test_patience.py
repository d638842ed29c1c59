"""When a search ends before its budget: where more trials hardly help."""

from dataclasses import replace

import pytest

from cnnlab.domain.search import TrialState
from cnnlab.searching.patience import why_no_more
from tests.domain.test_search import search
from tests.searching.test_pruning import trial

PATIENT = replace(search(), patience_trials=3)


def _trials(*values, state=TrialState.COMPLETE):
    return [trial(number, [value], state=state) for number, value in enumerate(values)]


def test_trials_that_are_no_better_are_counted_from_the_best_one_on():
    assert not why_no_more(PATIENT, [])
    assert not why_no_more(PATIENT, _trials(0.5, 0.4, 0.3))
    assert not why_no_more(PATIENT, _trials(0.5, 0.4, 0.3, 0.6, 0.2, 0.1))
    said = why_no_more(PATIENT, _trials(0.5, 0.4, 0.3, 0.5))
    assert said == "3 settings in a row were no better than the best: more hardly help."
    assert not why_no_more(search(), _trials(0.5, 0.4, 0.3, 0.2))


@pytest.mark.parametrize("state", [TrialState.RUNNING, TrialState.FAILED, TrialState.STOPPED])
def test_trials_that_say_nothing_of_their_setting_are_not_counted(state):
    others = [replace(one, state=state, number=one.number + 1) for one in _trials(0.1, 0.1, 0.1)]
    assert not why_no_more(PATIENT, _trials(0.5) + others)
    pruned = [replace(one, state=TrialState.PRUNED) for one in others]
    assert why_no_more(PATIENT, _trials(0.5) + pruned)


def test_where_all_images_are_right_nothing_can_be_better():
    assert "can be better" in why_no_more(PATIENT, _trials(1.0))
    assert not why_no_more(replace(PATIENT, objective="gap_penalised"), _trials(1.0))
