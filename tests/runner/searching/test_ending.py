"""Searches that can't go on, or whose runs nobody else would end."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import SearchStatus, TrialState
from cnnlab.lab.searching import view
from cnnlab.lab.study import run_records
from cnnlab.lab.workplace import workplace
from cnnlab.storage.searches import SearchStore
from tests.runner.searching import test_searches as ordinary

place, searches, launch = ordinary.place, ordinary.searches, ordinary.launch
_no_other_supervisor = ordinary._no_other_supervisor


@pytest.fixture
def busy(place, launch):
    """A search, three runs of which train and wait for a stop."""
    place.supervisor = place.new_supervisor(study_slots=3)
    ordinary.plan(place, waits="start")
    search = launch()
    place.wait_until(lambda: len(place.store.list(Status.RUNNING, search=search)) == 3)
    return search


def is_over(place, search):
    return all(run.status.is_ended for run in place.store.list(search=search))


def test_what_is_being_stopped_is_not_gone_on_with_at_once(place, searches, busy):
    lab.stop_search(busy)
    with pytest.raises(RunStateError, match="still tidy up after the stop"):
        lab.resume_search(busy)
    assert searches.decisions(busy).status is SearchStatus.STOPPED
    place.wait_until(lambda: is_over(place, busy))
    lab.resume_search(busy)
    place.wait_until(lambda: len(place.store.list(Status.RUNNING, search=busy)) == 3)
    assert len(place.store.list(search=busy)) == 3
    lab.stop_search(busy)


def test_a_stop_that_was_killed_half_way_is_brought_to_its_end(place, searches, busy, monkeypatch):
    def killed(run):
        raise KeyboardInterrupt

    monkeypatch.setattr("cnnlab.lab.searching.searches.stop_run", killed)
    with pytest.raises(KeyboardInterrupt):
        lab.stop_search(busy)
    assert searches.due() == [busy]
    place.supervisor = place.new_supervisor(study_slots=3)
    place.wait_until(lambda: is_over(place, busy))
    assert searches.decisions(busy).status is SearchStatus.STOPPED
    assert searches.due() == []


def test_a_search_that_fails_ends_its_runs(place, searches, busy, monkeypatch):
    monkeypatch.setattr("cnnlab.runner.searching.searches._failing", lambda trials, first: "All.")
    place.supervisor.tick()
    assert searches.decisions(busy).status is SearchStatus.FAILED
    place.wait_until(lambda: is_over(place, busy))
    assert searches.due() == []


@pytest.mark.parametrize("file", ["search.json", "dataset"])
def test_a_search_that_cannot_be_read_fails_once(place, searches, busy, file):
    if file == "dataset":
        [dataset] = lab.list_datasets()
        workplace().datasets.delete(dataset.id)
    else:
        searches.decide(busy, searches.decisions(busy))
        (place.home.search(busy) / file).write_text("{}")
    place.supervisor = place.new_supervisor(study_slots=3)
    place.supervisor.tick()
    decisions = searches.decisions(busy)
    assert decisions.status is SearchStatus.FAILED
    assert decisions.message.startswith("The search can't go on: ")
    place.wait_until(lambda: is_over(place, busy))
    assert not place.supervisor.tick()
    lab.delete_search(busy)
    assert place.store.list(search=busy) == []


def test_a_trial_with_a_damaged_history_has_failed_and_the_search_goes_on(place, searches, launch):
    search = launch(trials=4)
    place.wait_until(lambda: len(lab.view_search(search).trials) == 2)
    [first] = lab.view_search(search).trials[0].runs.values()
    events = place.attempt(first).events
    events.write_bytes(b"spoilt\n" + events.read_bytes())
    place.supervisor = place.new_supervisor()
    ordinary.finish(place, searches, search)
    trials = place_trials(place, search)
    assert [trial.state for trial in trials[:1]] == [TrialState.FAILED]
    assert "damaged" in trials[0].words
    assert len(trials) == 4


def place_trials(place, search):
    """As somebody sees them who hasn't read them before."""
    run_records._history_of_ended.cache_clear()
    view._known.clear()
    return lab.view_search(search).trials


def test_what_searches_cannot_do_is_in_nobodys_way(place, searches, launch, monkeypatch):
    def broken(store):
        raise OSError("no such disk")

    found = searches.load(launch())
    config = found.config({}, 0).model_dump(mode="json")
    place.store.create(Run("r", "r", found.dataset, config, Status.QUEUED, created_at="2026"))
    monkeypatch.setattr(SearchStore, "due", broken)
    with pytest.raises(OSError, match="no such disk"):
        place.supervisor.tick()
    assert place.load("r").status is Status.RUNNING
