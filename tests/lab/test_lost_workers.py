"""Worker and supervisor are gone, and nobody has noted it: what is said of a run, and what goes on.

After a power cut there is neither, and the rows still say `running`.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.run import Run, Status
from cnnlab.files import is_locked, take_lock, write_json
from cnnlab.lab.workplace import workplace
from cnnlab.runner import launch
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.checkpoints import list_checkpoints
from tests.made_runs import epoch_record, no_supervisor
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
LIGHT = [sys.executable, "-m", "tests.runner.light_supervisor", "--idle-seconds", "0.5"]


@pytest.fixture
def lost(home, monkeypatch):
    """A run that its row calls running; its worker finished an epoch and is gone."""
    no_supervisor(monkeypatch)
    workplace().runs.create(Run("a", "a", "d", {}, Status.RUNNING, study="s"))
    attempt = Attempt(workplace().home.attempt("a", 1))
    attempt.create({})
    os.close(take_lock(attempt.lock))
    recorder = AttemptRecorder(attempt)
    recorder.epoch(epoch_record(0))
    recorder.close()
    return attempt


def statuses():
    """What all that reads runs says of the only one."""
    seen = [lab.load_run("a"), lab.view_run("a").run, *lab.list_runs(), *lab.study_runs("s")]
    assert len(seen) == 4 and len({(run.status, run.message) for run in seen}) == 1
    return seen[0].status


def test_a_run_whose_worker_is_gone_is_interrupted(lost):
    assert statuses() is Status.INTERRUPTED
    run = lab.load_run("a")
    assert "starts again from its last checkpoint" in run.message
    assert run.last["epoch"] == 0
    assert workplace().runs.load("a").status is Status.RUNNING  # that is the supervisor's to write


def test_a_run_whose_worker_lives_runs(lost):
    lock = take_lock(lost.lock)
    assert statuses() is Status.RUNNING
    os.close(lock)


def test_a_run_that_has_no_worker_yet_is_as_its_row_says(lost):
    lost.lock.unlink()
    assert statuses() is Status.RUNNING


@pytest.mark.parametrize("ended", ["finished", "stopped", "failed"])
def test_a_worker_that_has_said_how_it_ended_is_believed(lost, ended):
    write_json(lost.result, {"status": ended, "message": "That is all."})
    assert statuses() == ended
    assert (lab.load_run("a").message, lab.load_run("a").best_epoch) == ("That is all.", 0)


def test_a_run_that_was_asked_to_stop_has_stopped(lost):
    lost.ask_to_stop()
    assert statuses() is Status.STOPPED


def test_damaged_files_are_in_the_way_of_no_list(lost):
    lost.events.write_bytes(lost.events.read_bytes().replace(b"0.5", b"0.6"))
    assert [run.status for run in lab.list_runs()] == [Status.RUNNING]


def test_a_home_in_which_nothing_can_be_started_is_read(lost, monkeypatch, capsys):
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", launch.ensure_supervisor)
    lock = workplace().home.supervisor_lock
    lock.mkdir()  # it can't be opened for writing, whoever one is
    assert main(["runs"]) == 0
    lock.rmdir()
    said = capsys.readouterr()
    assert "interrupted" in said.out
    assert said.err.startswith("Nothing that waits can be started: Can't use")


@pytest.fixture
def cut(home, monkeypatch, no_forks):
    """A run in a home whose worker and supervisor were killed; the next supervisor is light too."""
    started = []

    def ensure_supervisor(at):
        if not is_locked(at.supervisor_lock):
            started.append(subprocess.Popen(LIGHT, cwd=ROOT, stderr=subprocess.DEVNULL))
            wait_until(lambda: is_locked(at.supervisor_lock))

    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", ensure_supervisor)
    plan = {
        "epochs": 3,
        "accuracies": [0.5, 0.6, 0.7],
        "waits_after": 1,
    }  # the next attempt has nothing to wait for
    workplace().runs.create(Run("a", "a", "d", {"plan": plan}, Status.QUEUED))
    ensure_supervisor(workplace().home)
    attempt = Attempt(workplace().home.attempt("a", 1))
    # Whoever goes on begins behind the newest checkpoint, which comes after the epoch's record.
    wait_until(lambda: len(list_checkpoints(attempt.checkpoints)) == 2 and attempt.is_alive())
    wait_until(lambda: workplace().runs.load("a").status is Status.RUNNING)
    started[0].kill()
    started[0].wait()
    os.kill(int(attempt.lock.read_text()), signal.SIGKILL)
    wait_until(lambda: not attempt.is_alive())
    yield
    for process in started[1:]:
        process.kill()
        process.wait()


def command(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def goes_on():
    wait_until(lambda: workplace().runs.load("a").status is Status.FINISHED)
    run = workplace().runs.load("a")
    assert (run.attempt, run.sparkline) == (2, [0.5, 0.6, 0.7])


def test_whoever_looks_sees_the_truth_and_has_it_go_on(cut, capsys):
    assert command(capsys, "show", "a")["status"] == "interrupted"
    goes_on()


def test_resume_starts_it_again(cut, capsys):
    assert command(capsys, "resume", "a")["status"] in ("queued", "running")
    goes_on()


def test_stop_stops_it(cut, capsys):
    assert command(capsys, "stop", "a")["status"] == "stopped"
    assert not workplace().home.attempt("a", 2).exists()
