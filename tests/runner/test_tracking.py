"""The supervisor's part in sending runs: it notes, asks for a worker, and is never held up."""

import errno
import os
import signal
from pathlib import Path

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.track import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.runner import tracking
from cnnlab.runner.process import start_process
from cnnlab.runner.tracking import Tracker
from cnnlab.tracking.destination import Destination
from cnnlab.tracking.outbox import Outbox, Sent
from tests.waiting import wait_until

PLACE = Destination("http://127.0.0.1:5000")


@pytest.fixture
def tracked(place, monkeypatch):
    """Runs are sent to a server; the light workers that do it send nothing."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:secret@127.0.0.1:5000/")
    monkeypatch.setattr(tracking, "missing_client", lambda: "")
    place.supervisor = place.new_supervisor()
    return place


def files(place):
    return job_folder(place.home, KIND, "outbox")


def subjects(place):
    return [entry.subject for entry in Outbox(place.home).entries()]


def test_a_run_is_noted_for_the_server_and_a_worker_is_asked_to_send_it(tracked):
    run = tracked.add("a", 2)
    tracked.wait(run, Status.FINISHED)
    tracked.pass_time(5)
    (entry,) = Outbox(tracked.home).entries()
    assert (entry.subject, entry.address, entry.is_asked) == (run, PLACE.address, False)
    tracked.wait_until(lambda: (files(tracked).folder / "tries").exists())


def test_no_secret_of_the_address_is_stored(tracked):
    tracked.wait(tracked.add("a", 1), Status.FINISHED)
    tracked.pass_time(5)
    tracked.wait_until(lambda: files(tracked).result.exists())
    kept = [path for path in tracked.home.root.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"secret" in path.read_bytes()]


def test_a_sender_that_is_killed_is_asked_for_again_and_the_runs_go_on(tracked):
    ask = {"waits": True}
    tracked.ask("track", "outbox", **ask)
    run = tracked.add("a", 3)
    tries = files(tracked).folder / "tries"
    tracked.wait_until(tries.exists)
    os.kill(int(tries.read_text().split()[-1]), signal.SIGKILL)
    assert tracked.wait(run, Status.FINISHED).status is Status.FINISHED

    def is_again():
        tracked.pass_time(5)
        return len(tries.read_text().split()) > 1

    tracked.wait_until(is_again)


def test_without_a_server_nothing_is_noted(place, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    place.supervisor = place.new_supervisor()
    place.wait(place.add("a", 1), Status.FINISHED)
    assert not place.home.tracking.exists()


@pytest.mark.parametrize("uri", ["sqlite:///a.db", "databricks", "http://", "http://[::1"])
def test_an_address_that_is_no_servers_changes_nothing(place, monkeypatch, uri):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    place.supervisor = place.new_supervisor()
    assert place.wait(place.add("a", 1), Status.FINISHED).status is Status.FINISHED
    assert not place.home.tracking.exists()


def test_without_the_client_runs_wait_and_nobody_is_asked(tracked, monkeypatch):
    monkeypatch.setattr(tracking, "missing_client", lambda: "pip install mlflow-skinny")
    run = tracked.add("a", 1)
    tracked.wait(run, Status.FINISHED)
    tracked.pass_time(10)
    assert subjects(tracked) == [run]
    assert not files(tracked).request.exists()


def test_what_hasnt_ended_at_its_server_is_looked_at_by_the_next_supervisor(place, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    box = Outbox(place.home)
    box.note(Sent("a", PLACE.address, run="1", status="RUNNING"), PLACE.key)
    box.note(Sent("b", PLACE.address, run="2", status="FINISHED"), PLACE.key)
    tracker = Tracker(place.home, lambda: 0.0)
    tracker.tick()
    assert subjects(place) == ["a"]


def test_news_that_find_no_room_are_noted_when_there_is_some(place, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", PLACE.address)
    now = [0.0]
    tracker = Tracker(place.home, lambda: now[0])
    place.home.tracking.write_text("in the way")
    tracker.note("a")
    assert subjects(place) == []
    place.home.tracking.unlink()
    now[0] = 5.0
    assert tracker.tick()
    assert subjects(place) == ["a"]


def test_a_disk_that_refuses_a_rename_reaches_no_run(place, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", PLACE.address)
    now = [0.0]
    tracker = Tracker(place.home, lambda: now[0])
    tracker.note("a")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", _refused)
        tracker.note("a")
        now[0] = 5.0
        assert tracker.tick()
        with pytest.raises(StorageError, match="Can't use"):
            Outbox(place.home).add("a", PLACE.address, PLACE.key)
    assert subjects(place) == ["a"]


def _refused(*_):
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_worker_that_fails_is_asked_for_again_after_pauses_that_grow(place, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", PLACE.address)
    monkeypatch.setattr(tracking, "missing_client", lambda: "")
    asked, now, box = [], [0.0], Outbox(place.home)

    def ask(home, kind, files, request, *, again):
        asked.append(now[0])
        files.folder.mkdir(parents=True, exist_ok=True)
        end_job(files, Stage.FAILED, "KeyError: 'boom'.")
        return True

    monkeypatch.setattr(tracking, "ask", ask)
    monkeypatch.setattr("cnnlab.tracking.outbox.time.time", lambda: 1e9 + now[0])
    tracker = Tracker(place.home, lambda: now[0])
    tracker.note("a")
    for _ in range(600):
        now[0] += 0.5
        assert tracker.tick()
    assert len(asked) == 4 and asked[-1] < 200
    assert box.away(PLACE.key).problem == "what sends runs has failed (KeyError: 'boom')"


def test_a_server_that_is_away_is_left_alone_until_it_is_due(tracked):
    Outbox(tracked.home).add("a", PLACE.address, PLACE.key)
    Outbox(tracked.home).note_away(PLACE.key, "the server answers 500")
    tracked.pass_time(4)
    assert not files(tracked).request.exists()
    Outbox(tracked.home).note_back(PLACE.key)
    tracked.pass_time(4)
    assert files(tracked).request.exists()


def test_processes_of_ours_know_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", PLACE.address)
    monkeypatch.setenv("MY_SECRET", "1")
    out = tmp_path / "out"
    (tmp_path / "shown.py").write_text("import os; print(sorted(os.environ))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    start_process("shown", [], home=tmp_path, log=out)
    wait_until(lambda: "MLFLOW_TRACKING_URI" in out.read_text())
    assert "MY_SECRET" not in out.read_text()
