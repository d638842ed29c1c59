"""When a worker is asked which fields mattered, and what is said meanwhile."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.search import Decisions, SearchStatus, TrialState
from cnnlab.files import read_json, write_json
from cnnlab.jobs.kinds.importance import KEPT
from cnnlab.jobs.state import Stage
from cnnlab.lab.searching.importance import _files
from cnnlab.lab.workplace import workplace
from cnnlab.storage.searches import SearchStore
from tests.lab.searching.test_searches import DROPOUT, FIELD, base, new, store
from tests.made_searches import made_search

__all__ = ["base", "store"]


@pytest.fixture
def view(base):
    return lab.view_search(made_search(new(base, trials=40), [({FIELD: 0.0}, 0.7)]).id)


def with_trials(view, count, **changes):
    """The view with so many trials, all within the range."""
    [first] = view.trials
    trials = tuple(
        replace(first, number=number, values={FIELD: 0.01 * number}, value=0.5 + 0.001 * number)
        for number in range(count)
    )
    return replace(view, trials=trials, **changes)


def asked(view):
    return len(read_json(_files(view.search.id).request)["values"])


def test_with_few_complete_trials_nobody_is_asked(view):
    assert lab.see_to_importance(with_trials(view, lab.FEWEST_JUDGED - 1)) is None
    assert lab.search_importance(view.search.id) is None
    assert not _files(view.search.id).folder.exists()


def test_it_is_asked_anew_for_every_five_more_and_at_the_end(view):
    state = lab.see_to_importance(with_trials(view, 23))
    assert state is not None and state.stage is Stage.WAITING
    assert asked(view) == 20
    lab.see_to_importance(with_trials(view, 24))
    assert asked(view) == 20
    lab.see_to_importance(with_trials(view, 26))
    assert asked(view) == 25
    lab.see_to_importance(with_trials(view, 26, status=SearchStatus.FINISHED))
    assert asked(view) == 26


def test_what_was_found_last_is_there_while_the_next_is_being_found(view):
    lab.see_to_importance(with_trials(view, 20))
    found = {"trials": 20, "fields": {FIELD: {"share": 0.9, "low": 0.8, "high": 1.0}}}
    write_json(_files(view.search.id).folder / KEPT, found)
    lab.see_to_importance(with_trials(view, 25))
    assert lab.search_importance(view.search.id) == found
    (_files(view.search.id).folder / KEPT).write_text("{")
    assert lab.search_importance(view.search.id) is None


def test_a_trial_outside_of_the_ranges_or_without_a_value_is_left_out(view):
    first, *others = with_trials(view, 4).trials
    outside = replace(first, values={FIELD: DROPOUT.high + 1})
    pruned = replace(others[0], state=TrialState.PRUNED, value=None)
    diverged = replace(others[1], value=float("nan"))
    trials = (outside, pruned, diverged, others[2])
    assert lab.judged_trials(view.search, trials) == [others[2]]


def test_it_goes_with_its_search(view):
    lab.see_to_importance(with_trials(view, 20))
    SearchStore(workplace().home).decide(view.search.id, Decisions(status=SearchStatus.STOPPED))
    lab.delete_search(view.search.id)
    assert not _files(view.search.id).folder.exists()
