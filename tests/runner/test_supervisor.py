"""The supervisor with real processes and a light worker; what goes wrong is in `test_faults_*`."""

import shutil

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.files import is_locked, take_lock
from cnnlab.runner import service
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import JournalReader
from tests.runner.light_worker import whole_history
from tests.waiting import wait_until


def test_runs_take_turns_in_order(place):
    place.add("a", waits_after=0)
    place.add("c")
    place.add("b")
    place.wait("a", Status.RUNNING)
    place.wait_for_epochs("a", 1)
    assert place.load("b").status is place.load("c").status is Status.QUEUED
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    place.wait("b", Status.FINISHED)
    assert place.load("c").status is not Status.FINISHED
    place.wait("c", Status.FINISHED)
    assert not place.supervisor.tick()  # no reason to stay


def test_a_row_is_written_only_when_something_is_new(place, monkeypatch):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    place.wait_to_wait("a")
    place.supervisor.tick()
    with monkeypatch.context() as patch:
        patch.setattr(place.store, "update", None)
        patch.setattr(place.store, "update_from", None)
        place.pass_time(60)
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)


def test_a_turn_of_a_dial_labels_the_run(place):
    run = place.wait(place.add("a", turns=True), Status.FINISHED)
    assert run.changed_by_hand


class Killed(BaseException):
    """What a kill is to the code that it meets."""


def test_an_attempt_whose_worker_was_never_started_is_started(place, monkeypatch):
    place.add("a")

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Attempt, "create", killed)
        with pytest.raises(Killed):
            place.supervisor.tick()
    assert place.load("a").status is Status.RUNNING
    place.supervisor = place.new_supervisor()
    run = place.wait("a", Status.FINISHED)
    assert (run.attempt, run.lost_workers) == (1, 0)


def test_a_worker_that_cannot_be_started_fails_its_run_only(place):
    (place.home.runs / "a").write_text("a file where the run's folder should be")
    assert "can't be started" in place.wait(place.add("a"), Status.FAILED).message
    place.wait(place.add("b"), Status.FINISHED)


def test_damaged_events_fail_the_run_and_not_the_supervisor(place):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    events = place.attempt("a").events
    events.write_bytes(events.read_bytes().replace(b'"kind":"epoch"', b'"kind":"EPOCH"'))
    place.supervisor = place.new_supervisor()
    assert "is damaged in line" in place.wait("a", Status.FAILED).message
    place.wait(place.add("b"), Status.FINISHED)
    assert not place.attempt("a").is_alive()


def test_files_that_cannot_be_read_for_a_moment_harm_no_run(place, monkeypatch):
    place.add("a", waits_after=1)
    place.wait_to_wait("a")
    place.supervisor = place.new_supervisor()

    def refuse(_):
        raise StorageError("too many open files") from OSError()

    with monkeypatch.context() as patch:
        patch.setattr(JournalReader, "read", refuse)
        with pytest.raises(StorageError, match="too many"):
            place.supervisor.tick()
    place.attempt("a").ask_to_stop()
    assert place.wait("a", Status.STOPPED).last["epoch"] == 1


def test_a_damaged_note_of_the_supervisor_harms_no_run(place):
    place.add("a", waits_after=1)
    place.wait_to_wait("a")
    (place.attempt("a").folder / "supervisor.json").write_text("{")
    place.supervisor = place.new_supervisor()
    place.kill("a")
    assert place.wait("a", Status.FINISHED).attempt == 2


def test_a_resumed_run_keeps_its_epochs_also_over_an_attempt_that_never_began(place):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    place.store.update("a", status=Status.QUEUED, attempt=3)  # the second was stopped in the queue
    place.wait("a", Status.FINISHED)
    assert place.history("a") == whole_history(3)


def test_a_fault_of_one_run_is_not_in_the_way_of_the_others(place, monkeypatch):
    place.supervisor = place.new_supervisor(cpu_slots=2)
    for name in "ab":
        place.add(name, waits_after=1)
        place.wait_for_epochs(name, 2)
    update = place.store.update

    def refuse(run, **changes):
        if run == "a":
            raise StorageError("not now")
        update(run, **changes)

    with monkeypatch.context() as patch:
        patch.setattr(place.store, "update", refuse)
        for name in "ab":
            place.attempt(name).ask_to_stop()
        wait_until(lambda: not any(place.attempt(name).is_alive() for name in "ab"))
        with pytest.raises(StorageError, match="not now"):
            place.supervisor.tick()
    assert (place.load("a").status, place.load("b").status) == (Status.RUNNING, Status.STOPPED)
    place.wait("a", Status.STOPPED)


def test_what_a_kill_left_unfinished_is_removed(place):
    place.add("a", waits="save")
    place.wait_to_wait("a")
    unfinished = list(place.home.runs.rglob(".*.part"))
    assert len(unfinished) == 1
    # Of a supervisor that was killed, and of an attempt before this one.
    earlier = place.home.runs / "a" / "attempt-0" / ".events.jsonl.0b.part"
    earlier.parent.mkdir()
    for path in (place.home.runs / "a" / ".run.json.0a.part", earlier):
        path.touch()
    place.kill("a")
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    assert list(place.home.runs.rglob(".*.part")) == []


def test_what_another_worker_writes_is_left_to_it_when_a_run_ends(place):
    run = place.add("a", epochs=1)
    writing = place.home.runs / run / "attempt-1" / "exports" / "onnx" / ".model.zip.0a.part"
    writing.parent.mkdir(parents=True)
    writing.touch()
    place.wait(run, Status.FINISHED)
    assert writing.exists()


def test_the_service_leaves_when_there_is_nothing_to_do_and_lets_its_workers_go(place, monkeypatch):
    closed = []
    monkeypatch.setattr(place.executor, "close", lambda: closed.append(True))
    monkeypatch.setattr(service, "POLL_SECONDS", 0.001)
    lock = take_lock(place.home.supervisor_lock)
    place.add("a")
    service.serve(place.home, lock, lambda: place.executor, idle_seconds=0.01)
    assert place.load("a").status is Status.FINISHED
    assert closed == [True]
    assert not is_locked(place.home.supervisor_lock)


def test_a_supervisor_whose_home_is_deleted_leaves(place, monkeypatch):
    lock = take_lock(place.home.supervisor_lock)

    def delete():
        shutil.rmtree(place.home.root)
        return True

    monkeypatch.setattr(place.executor, "keep_warm", delete)
    service.serve(place.home, lock, lambda: place.executor)  # returns
    assert not place.home.root.exists()
