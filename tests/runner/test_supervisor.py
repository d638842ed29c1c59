"""The supervisor with real processes and a light worker; faults are real kills."""

import os
import signal

import numpy as np
import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.runner import supervisor as supervisor_module
from cnnlab.runner.executor import LocalExecutor
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.checkpoints import save_checkpoint
from cnnlab.storage.database import open_database
from cnnlab.storage.home import open_home
from cnnlab.storage.runs import RunStore
from tests.waiting import wait_until


class Place:
    """A home with a store and a supervisor that a test drives by hand."""

    def __init__(self, root):
        self.home = open_home(root)
        self.engine = open_database(self.home.database)
        self.store = RunStore(self.engine)
        self.now = 0.0
        self.executor = LocalExecutor(root, module="tests.runner.light_worker")
        self.supervisor = self.new_supervisor()

    def new_supervisor(self):
        return Supervisor(self.home, self.store, self.executor, clock=lambda: self.now)

    def add(self, name, accuracies=(0.5, 0.7, 0.6), **plan):
        plan = {"epochs": len(accuracies), "accuracies": list(accuracies), **plan}
        self.store.create(Run(name, name, "d", {"plan": plan}, Status.QUEUED, created_at=name))
        return name

    def attempt(self, run):
        return Attempt(self.home.attempt(run, 1))

    def wait(self, run, *statuses):
        wait_until(lambda: self.store.load(run).status in statuses, tick=self.supervisor.tick)
        return self.store.load(run)

    def wait_for_epochs(self, run, count):
        wait_until(lambda: len(self.attempt(run).history()) >= count, tick=self.supervisor.tick)


@pytest.fixture
def place(home):
    place = Place(home)
    yield place
    place.engine.dispose()


def test_a_run_goes_through_the_queue_to_its_end(place):
    run = place.wait(place.add("a"), Status.FINISHED)
    assert (run.device, run.best_epoch, run.best["val_accuracy"]) == ("light", 1, 0.7)
    assert run.last["epoch"] == 2
    assert run.sparkline == [0.5, 0.7, 0.6]
    assert run.started_at and run.ended_at
    assert not place.supervisor.tick()


def test_runs_take_turns_in_order(place):
    place.add("a", waits_after=0)
    place.add("b")
    place.wait("a", Status.RUNNING)
    place.wait_for_epochs("a", 1)
    assert place.store.load("b").status is Status.QUEUED
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    place.wait("b", Status.FINISHED)


def test_a_killed_worker_is_interrupted_with_what_to_do(place):
    run = place.wait(place.add("a", dies_after=1), Status.INTERRUPTED)
    assert "2 finished epochs are kept" in run.message
    assert "press Resume" in run.message
    assert run.last["epoch"] == 1


def test_a_new_supervisor_adopts_a_living_run(place):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    place.supervisor = place.new_supervisor()  # the old one is gone, without a word
    place.attempt("a").ask_to_stop()
    run = place.wait("a", Status.STOPPED)
    assert run.last["epoch"] == 1


def test_a_worker_that_died_while_nobody_watched_is_noticed(place):
    place.add("a", waits_after=0)
    place.wait_for_epochs("a", 1)
    os.killpg(int(place.attempt("a").lock.read_text()), signal.SIGKILL)
    place.supervisor = place.new_supervisor()
    assert place.wait("a", Status.INTERRUPTED).last["epoch"] == 0


def test_a_worker_that_ignores_the_stop_is_killed_after_the_grace(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    place.attempt("a").ask_to_stop()
    place.supervisor.tick()
    place.now = supervisor_module.STOP_GRACE_SECONDS - 1
    place.supervisor.tick()
    assert place.attempt("a").is_alive()
    place.now += 2
    assert "Stopped before it could tidy up" in place.wait("a", Status.STOPPED).message


def test_damaged_events_fail_the_run_and_not_the_supervisor(place):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    events = place.attempt("a").events
    events.write_bytes(events.read_bytes().replace(b'"kind":"epoch"', b'"kind":"EPOCH"'))
    place.supervisor = place.new_supervisor()
    assert "is damaged in line" in place.wait("a", Status.FAILED).message
    place.wait(place.add("b"), Status.FINISHED)


def test_a_worker_that_cannot_be_started_fails_its_run_only(place):
    place.home.runs.chmod(0o700)
    (place.home.runs / "a").write_text("a file where the run's folder should be")
    assert "can't be started" in place.wait(place.add("a"), Status.FAILED).message
    place.wait(place.add("b"), Status.FINISHED)


def _resume(place, run, attempt):
    place.store.update(run, status=Status.QUEUED, attempt=attempt)


def _leave_checkpoint(place, run, epoch):
    folder = place.attempt(run).checkpoints
    save_checkpoint(folder, epoch, {"weights": np.zeros(2)}, is_best=True)


def test_a_resumed_run_keeps_its_epochs_also_over_an_attempt_that_never_began(place):
    place.add("a", dies_after=1)
    place.wait("a", Status.INTERRUPTED)
    _leave_checkpoint(place, "a", 1)
    _resume(place, "a", 3)  # the second attempt was stopped while it waited
    place.wait("a", Status.INTERRUPTED)
    history = Attempt(place.home.attempt("a", 3)).history()
    assert [record["epoch"] for record in history][:2] == [0, 1]


def test_a_database_that_is_locked_for_a_while_harms_no_run(place, monkeypatch):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    update = place.store.update

    def locked(*words, **changes):
        raise StorageError("database is locked")

    monkeypatch.setattr(place.store, "update", locked)
    place.attempt("a").ask_to_stop()
    wait_until(lambda: not place.attempt("a").is_alive())
    with pytest.raises(StorageError):
        place.supervisor.tick()
    monkeypatch.setattr(place.store, "update", update)
    run = place.wait("a", Status.STOPPED)
    assert (run.device, run.last["epoch"]) == ("light", 1)


def test_a_slow_worker_that_still_reports_is_not_killed(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    place.attempt("a").ask_to_stop()
    for _ in range(3):
        place.supervisor.tick()
        place.now += supervisor_module.STOP_GRACE_SECONDS - 1
        with place.attempt("a").steps.open("ab") as file:
            file.write(b"x")
    place.supervisor.tick()
    assert place.attempt("a").is_alive()
