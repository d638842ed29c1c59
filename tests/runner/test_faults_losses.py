"""The fault matrix with light workers: workers and supervisors are lost.

Real processes, real kills, our own clock for waiting. The comments name the rows of the matrix.
Whatever happens, a run that ends well must have the history of one that nothing ever happened to.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnlab.domain.run import Status
from cnnlab.files import is_locked
from cnnlab.runner.notes import Loss, read_note
from cnnlab.storage.attempts.journal import read_journal
from tests.runner.light_worker import whole_history
from tests.runner.place import ENDED
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


# 1: kill -9 of a worker


def test_a_new_supervisor_does_not_wait(place):
    place.add("a", dies="start")
    place.wait_until(lambda: place.load("a").lost_workers == 2)
    place.supervisor = place.new_supervisor()
    place.supervisor.tick()
    assert (place.load("a").status, place.load("a").attempt) == (Status.RUNNING, 3)


def test_losses_count_only_while_the_run_does_not_get_on(place):
    place.add("a", epochs=6, dies="epoch")
    run = place.wait("a", Status.FINISHED)
    assert run.attempt == 7
    assert place.history("a") == whole_history(6)


def test_an_epoch_whose_state_is_never_kept_is_no_progress(place):
    place.add("a", dies="save")
    run = place.wait_over_retries("a")
    assert (run.status, run.attempt) == (Status.FAILED, 4)
    assert "The finished epochs are kept (1)" in run.message


def test_the_users_resume_gives_a_new_budget(place, user):
    place.add("a", dies="start")
    place.wait_until(lambda: place.load("a").lost_workers == 2)
    run = user.resume_run("a")  # although it would have gone on by itself
    assert (run.status, run.attempt, run.lost_workers, run.message) == (Status.QUEUED, 3, 0, None)
    assert place.wait_over_retries("a").attempt == 3 + 3
    assert user.resume_run("a").lost_workers == 0


# 3 and 4: the server and the supervisor are killed


LAUNCHER = """
import subprocess, sys, time
command = [sys.executable, "-m", "tests.runner.light_supervisor", "--slots", "2"]
subprocess.Popen(command, start_new_session=True)
time.sleep(600)
"""


def test_runs_and_supervisor_outlive_the_server_that_started_it(place):
    for name in "ab":
        place.add(name, epochs=20, epoch_seconds=0.05)
    server = subprocess.Popen([sys.executable, "-c", LAUNCHER], cwd=ROOT, start_new_session=True)
    wait_until(lambda: all(place.attempt(name).history() for name in "ab"))
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    wait_until(lambda: all(place.load(name).status is Status.FINISHED for name in "ab"))
    assert all(place.history(name) == whole_history(20) for name in "ab")
    assert {place.load(name).attempt for name in "ab"} == {1}


def test_supervisor_and_workers_killed_at_once_go_on_where_they_were(place, start_supervisor):
    names = [place.add(name, epochs=12, epoch_seconds=0.05) for name in "ab"]
    first = start_supervisor("--slots", 2)
    wait_until(lambda: all(len(place.attempt(name).history()) > 3 for name in names))
    os.killpg(first.pid, signal.SIGKILL)
    for name in names:
        place.kill(name)
    first.wait()
    start_supervisor("--slots", 2)
    wait_until(lambda: all(place.load(name).status is Status.FINISHED for name in names))
    for name in names:
        assert place.load(name).attempt == 2
        assert place.history(name) == whole_history(12)
        assert len(read_journal(place.attempt(name, 2).events)) == 13  # and one `started`


@pytest.mark.exhaustive
def test_the_next_attempt_starts_within_a_second(place, start_supervisor):
    names = [place.add(name, waits_after=0) for name in "abc"]
    start_supervisor()
    seconds = []
    for name in names:
        wait_until(lambda name=name: place.is_waiting(name))
        killed_at = time.monotonic()
        place.kill(name)
        lock = place.attempt(name, 2).lock
        wait_until(lambda lock=lock: is_locked(lock))
        seconds.append(time.monotonic() - killed_at)
        wait_until(lambda name=name: place.load(name).status is Status.FINISHED)
    assert min(seconds) < 1.0  # this machine may be busy; more than once it isn't by chance


# 6 and 7: memory, and errors of the program


def test_a_run_ended_twice_for_memory_fails_with_advice(place):
    place.add("a", waits="start")
    for attempt in (1, 2):
        place.wait_until(lambda: place.load("a").status is Status.RUNNING)
        place.wait_to_wait("a")
        place.supervisor = place.new_supervisor()  # it must know what was there before
        place.oom_kills += 1
        place.kill("a")
        place.supervisor.tick()
        if attempt == 1:
            assert place.load("a").message.startswith("Restarted (1): the memory ran out")
    run = place.load("a")
    assert (run.status, run.attempt, run.lost_workers) == (Status.FAILED, 2, 2)
    assert "lower training.batch_size" in run.message


def test_one_kill_for_memory_explains_one_loss(place):
    place.supervisor = place.new_supervisor(cpu_slots=2)
    for name in "ab":
        place.add(name, waits="start")
        place.wait_to_wait(name)
    place.oom_kills += 1
    for name in "ab":
        place.kill(name)
        place.supervisor.tick()
    assert [read_note(place.attempt(name, 1)).loss for name in "ab"] == [Loss.MEMORY, Loss.KILLED]


@pytest.mark.parametrize(
    "cause",
    [
        "memory",
        "not_finite",
        pytest.param("config", marks=pytest.mark.exhaustive),
        pytest.param("error", marks=pytest.mark.exhaustive),
    ],
)
def test_an_error_that_the_worker_reports_is_not_tried_again(place, cause):
    place.add("a", fails=cause)
    place.add("b")
    run = place.wait("a", *ENDED)
    assert (run.status, run.message, run.attempt) == (Status.FAILED, f"It failed: {cause}.", 1)
    place.wait("b", Status.FINISHED)
