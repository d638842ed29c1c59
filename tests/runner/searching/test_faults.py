"""Searches whose supervisor and workers are killed, whose database is lost, whose disk is full.

Whatever happens, no trial is lost or doubled, and each has the setting that it would have had.
"""

import itertools
import json
import os
import signal

import pytest

from cnnlab import lab
from cnnlab.domain.errors import DiskFullError
from cnnlab.domain.run import Status
from cnnlab.domain.search import SearchStatus, TrialState
from cnnlab.searching.sampling import drawn_settings
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.searches import SearchStore
from tests.runner.place import Place
from tests.runner.searching import test_searches as ordinary
from tests.runner.searching.stepped import Stepped
from tests.waiting import wait_until

launch, searches = ordinary.launch, ordinary.searches
OVER = (SearchStatus.FINISHED, SearchStatus.FAILED)


@pytest.fixture(autouse=True)
def _no_other_supervisor(user, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.searching.searches.ensure_supervisor", lambda home: None)


def assert_sound(search, trials):
    """As many trials as were asked for, each with one run and the setting that comes then."""
    view = lab.view_search(search)
    assert [trial.number for trial in view.trials] == list(range(trials))
    assert len(lab.search_runs(search)) == trials
    assert {trial.state for trial in view.trials} <= {TrialState.COMPLETE, TrialState.PRUNED}
    for number, trial in enumerate(view.trials):
        assert trial.values == next(drawn_settings(view.search, view.trials[:number], number))
    if view.study:
        pairs = [(run.arm, run.config["training"]["seed"]) for run in lab.study_runs(view.study)]
        assert len(pairs) == len(set(pairs)) == 6
        assert all(run.status is Status.FINISHED for run in lab.study_runs(view.study))
    return view


_BY_HAND = pytest.mark.exhaustive


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("supervisor", marks=_BY_HAND),
        pytest.param("worker", marks=_BY_HAND),
        pytest.param("both", marks=_BY_HAND),
        "both, database gone",
    ],
)
def test_a_search_goes_on_after_kills(place, launch, searches, start_supervisor, what):
    trials = 3
    plan = {"epoch_seconds": 0.2}  # a busy machine kills late, and it has to train still
    (place.home.root / "light-plan.json").write_text(json.dumps(plan))
    search = launch(trials=trials, base={"regularization": {"dropout": 0.3}})  # it stays the best
    first = start_supervisor()
    wait_until(lambda: len(runs := lab.search_runs(search)) == 2 and runs[1].last)
    killed = lab.search_runs(search)[1].id
    if what != "worker":
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    if what != "supervisor":
        place.kill(killed)
    if what.endswith("gone"):
        for file in place.home.root.glob("cnnlab.db*"):
            file.unlink()
    if what != "worker":
        start_supervisor()
    wait_until(lambda: searches.decisions(search).status in OVER)
    assert_sound(search, trials)
    run = lab.load_run(killed)
    assert run.attempt == (1 if what == "supervisor" else 2)


class Broken:
    """Has every second call fail as a full disk does: by turns before and after what it does."""

    def __init__(self, work):
        self._work = work
        self._calls = itertools.count()
        self.failures = 0

    def __get__(self, instance, owner):
        return lambda *given, **named: self(instance, *given, **named)

    def __call__(self, *given, **named):
        number = next(self._calls)
        if number % 4 == 1:
            self._fail()
        done = self._work(*given, **named)
        if number % 4 == 3:
            self._fail()
        return done

    def _fail(self):
        self.failures += 1
        raise DiskFullError("The disk is full.")


@pytest.mark.parametrize("is_killed", [pytest.param(False, marks=_BY_HAND), True])
def test_whatever_write_fails_no_trial_is_lost_or_doubled(home, launch_in, monkeypatch, is_killed):
    """Where it is killed too, the next supervisor knows only what is on the disk."""
    place, launch = launch_in
    create, decide = Broken(RunStore.create), Broken(SearchStore.decide)
    search = launch(trials=9, seeds=(0,))
    monkeypatch.setattr(RunStore, "create", create)
    monkeypatch.setattr(SearchStore, "decide", decide)
    store = SearchStore(place.home)

    def tick():
        try:
            place.supervisor.tick()
        except DiskFullError:
            if is_killed:
                place.supervisor = place.new_supervisor()

    wait_until(lambda: store.decisions(search).status in OVER, tick=tick)
    assert create.failures > 5
    assert decide.failures > 0
    view = assert_sound(search, 9)
    assert view.status is SearchStatus.FINISHED


@pytest.fixture
def launch_in(home, dataset, monkeypatch):
    """A place whose trainings take no time, and what launches a search in it."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    place = Place(home, Stepped())
    yield place, ordinary.launching(SearchStore(place.home), dataset)
    place.engine.dispose()


def test_the_app_starts_a_supervisor_for_a_search(launch, monkeypatch):
    asked = []
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", asked.append)
    lab.ensure_supervised()
    assert asked == []
    search = launch()
    lab.ensure_supervised()
    assert len(asked) == 1
    lab.stop_search(search)
    lab.ensure_supervised()
    assert len(asked) == 1
