"""The fault matrix with light workers: real processes, real kills, our own clock for waiting.

The comments name the rows of the matrix. Whatever happens, a run that ends well must have the
history of one that nothing ever happened to.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.files import is_locked
from cnnlab.runner.notes import Loss, read_note
from cnnlab.runner.watch import STALL_SECONDS, STOP_GRACE_SECONDS
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.checkpoints import list_checkpoints, load_states
from cnnlab.storage.journal import read_journal
from tests.runner.light_worker import next_state, whole_history
from tests.runner.place import ENDED
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start_supervisor():
    """Starts supervisors' processes with light workers, and ends them afterwards."""
    started = []

    def start(*options):
        command = [sys.executable, "-m", "tests.runner.light_supervisor", *map(str, options)]
        started.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def user(home, monkeypatch):
    """What a user can do; no supervisor is started but the test's own."""
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)
    return lab


# 1: kill -9 of a worker


def test_a_killed_worker_starts_again_at_once_and_goes_on(place):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    place.kill("a")
    place.supervisor.tick()
    run = place.load("a")
    assert (run.status, run.attempt, run.losses) == (Status.RUNNING, 2, 1)
    assert run.message == "Restarted (1): the worker was ended from outside."
    assert place.attempt("a", 1).is_fenced()
    assert read_note(place.attempt("a", 1)).loss is Loss.KILLED
    run = place.wait("a", Status.FINISHED)
    assert (run.message, run.attempt, run.losses) == (None, 2, 0)
    assert place.history("a") == whole_history(4)


def test_a_worker_that_dies_again_and_again_is_given_up_after_three_tries(place):
    place.add("a", dies="start")
    place.wait_until(lambda: place.load("a").attempt == 2)
    for losses, seconds in ((2, 5), (3, 30)):
        run = place.wait("a", Status.INTERRUPTED)
        assert (run.attempt, run.losses) == (losses, losses)
        assert f"it starts again in {seconds} s" in run.message
        place.pass_time(seconds - 0.5)
        assert place.load("a").status is Status.INTERRUPTED
        place.pass_time(1)
        assert place.load("a").message.startswith(f"Restarted ({losses}): ")
    run = place.wait("a", Status.FAILED)
    assert (run.attempt, run.losses) == (4, 4)
    assert "loss number 4 in a row. No epoch had been finished" in run.message
    assert "press Resume" in run.message
    assert run.ended_at


def test_a_new_supervisor_does_not_wait(place):
    place.add("a", dies="start")
    place.wait_until(lambda: place.load("a").losses == 2)
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
    place.wait_until(lambda: place.load("a").losses == 2)
    run = user.resume_run("a")  # although it would have gone on by itself
    assert (run.status, run.attempt, run.losses, run.message) == (Status.QUEUED, 3, 0, None)
    assert place.wait_over_retries("a").attempt == 3 + 3
    assert user.resume_run("a").losses == 0


def test_a_worker_that_lives_on_after_its_successor_was_started_ends_without_a_word(place):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    place.store.update("a", status=Status.QUEUED, attempt=2)  # as after a lost connection
    place.wait("a", Status.FINISHED)
    first = place.attempt("a", 1)
    wait_until(lambda: not first.is_alive())
    assert first.read_result() is None
    assert first.history() == whole_history(2)
    assert place.history("a") == whole_history(4)


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


def test_a_killed_supervisor_is_replaced_and_no_run_gets_a_second_worker(place, start_supervisor):
    names = [place.add(name, epochs=40, epoch_seconds=0.05) for name in "ab"]
    first = start_supervisor("--slots", 2)
    wait_until(lambda: all(place.attempt(name).history() for name in names))
    pids = [place.pid(name) for name in names]
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    start_supervisor("--slots", 2)
    wait_until(lambda: is_locked(place.home.supervisor_lock))
    seen = len(place.history("a"))
    wait_until(lambda: place.load("a").last.get("epoch", 0) > seen)  # it follows them
    assert [place.pid(name) for name in names] == pids
    assert [place.load(name).attempt for name in names] == [1, 1]
    for name in names:
        wait_until(lambda name=name: place.load(name).status is Status.FINISHED)
        assert place.history(name) == whole_history(40)


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
    assert (run.status, run.attempt, run.losses) == (Status.FAILED, 2, 2)
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


@pytest.mark.parametrize("cause", ["memory", "config", "not_finite", "error", "disk"])
def test_an_error_that_the_worker_reports_is_not_tried_again(place, cause):
    place.add("a", fails=cause)
    place.add("b")
    run = place.wait("a", *ENDED)
    assert (run.status, run.message, run.attempt) == (Status.FAILED, f"It failed: {cause}.", 1)
    place.wait("b", Status.FINISHED)


# 9: clocks jump


def test_no_jump_of_a_clock_harms_a_run(place, monkeypatch):
    place.add("a", waits_after=1)
    place.wait_to_wait("a")
    place.kill("a", signal.SIGSTOP)  # so that only the clocks go on
    for hours in (1, -1, 2, -2):
        place.now += 3600 * hours
        monkeypatch.setattr("cnnlab.runner.supervisor._now", lambda hours=hours: f"{2000 + hours}")
        place.supervisor.tick()
        assert place.attempt("a").is_alive()
    place.kill("a", signal.SIGCONT)
    place.attempt("a").ask_to_stop()
    assert place.wait("a", Status.STOPPED).attempt == 1


# 10: many at once


def wait_for_all(place):
    runs = place.store.list
    wait_until(lambda: {run.status for run in runs()} == {Status.FINISHED}, seconds=120)


def test_fifty_runs_launched_at_once_with_three_supervisors(place, start_supervisor):
    names = [f"run-{number:02d}" for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        started = [start_supervisor("--instant", "--slots", 5) for _ in range(3)]
        list(pool.map(place.add, names))
    wait_for_all(place)
    starts = (place.home.root / "starts").read_text().split()
    assert sorted(starts) == names
    wait_until(lambda: sum(process.poll() == 0 for process in started) == 2)  # one is enough


def test_waiting_runs_are_started_in_the_order_in_which_they_came(place, start_supervisor):
    names = [place.add(f"run-{number:02d}") for number in range(20)]
    start_supervisor("--instant", "--slots", 5)
    wait_for_all(place)
    assert (place.home.root / "starts").read_text().split() == names


# 12: the store is locked


@pytest.fixture
def locked(place):
    """Another process that writes and doesn't end; call it to end it. We wait 20 ms, not 30 s."""
    place.engine.dispose()
    event.listen(place.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=20"))
    other = sqlite3.connect(place.home.database, isolation_level=None)

    def tick():
        with pytest.raises(StorageError, match="locked"):
            place.supervisor.tick()

    yield other, tick
    other.close()


def test_a_locked_store_harms_no_run(place, locked):
    other, tick = locked
    place.add("a", epochs=8, epoch_seconds=0.3)
    place.add("b", epochs=8, waits_after=2)
    place.add("c", epochs=8, epoch_seconds=0.02)
    place.supervisor = place.new_supervisor(cpu_slots=3)
    place.supervisor.tick()
    wait_until(lambda: all(place.attempt(name).started() for name in "abc"))
    other.execute("BEGIN IMMEDIATE")
    place.kill("a")
    place.attempt("b").ask_to_stop()
    wait_until(lambda: not place.attempt("b").is_alive() and not place.attempt("c").is_alive())
    for _ in range(5):
        tick()
    assert {place.load(name).status for name in "abc"} == {Status.RUNNING}
    other.execute("COMMIT")
    place.wait("b", Status.STOPPED)
    for name in "ac":
        place.wait(name, Status.FINISHED)
        assert place.history(name) == whole_history(8)
    assert (place.load("a").attempt, place.load("b").attempt, place.load("c").attempt) == (2, 1, 1)


def test_a_restarted_run_that_gets_on_while_the_store_is_locked_is_not_ended(place, locked):
    other, tick = locked
    place.add("a", waits_after=0)
    place.wait_to_wait("a")
    place.kill("a")
    place.supervisor.tick()
    assert (place.load("a").losses, place.load("a").attempt) == (1, 2)
    other.execute("BEGIN IMMEDIATE")
    wait_until(lambda: not place.attempt("a").is_alive())
    tick()
    other.execute("COMMIT")
    run = place.wait("a", Status.FINISHED)
    assert (run.losses, run.attempt) == (0, 2)


def test_a_run_is_not_started_twice_because_the_store_was_locked(place, locked):
    other, tick = locked
    place.add("a", waits_after=0)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        tick()
    assert not place.attempt("a", 1).folder.exists()
    other.execute("COMMIT")
    place.wait_to_wait("a")
    place.attempt("a").ask_to_stop()
    assert place.wait("a", Status.STOPPED).attempt == 1


# 13: the power is cut, and the disk loses the ends of files


def cut(path, size):
    """Lose the last bytes of a file; another file that shares its content keeps them."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: max(0, len(content) - size)])


def test_a_folder_whose_files_lost_their_ends_is_gone_on_from_consistently(place, monkeypatch):
    """Two hundred cuts: the next attempt begins with a prefix, and with the state after it."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # it would take most of the time
    place.wait(place.add("a", epochs=8), Status.FINISHED)
    attempt, whole = place.attempt("a"), whole_history(8)
    states = [b""]
    for _ in whole:
        states.append(next_state(states[-1]))
    draw = random.Random(4)
    begun = set()
    for number in range(200):
        damaged = Attempt(shutil.copytree(attempt.folder, place.home.root / f"cut-{number}"))
        newest = damaged.checkpoints / list_checkpoints(damaged.checkpoints)[-1]["file"]
        for path in draw.choice([[damaged.events], [newest], [damaged.events, newest]]):
            cut(path, draw.randint(1, path.stat().st_size))
        following = Attempt(place.home.root / f"next-{number}")
        following.create({})
        following.continue_from(damaged)
        history = following.history()
        kept = load_states(following.checkpoints)["state"]
        assert history == whole[: len(history)]
        assert (kept["weights"].tobytes() if kept else b"") == states[len(history)]
        begun.add(len(history))
        shutil.rmtree(damaged.folder)
    assert len(begun) > 3  # the cuts differed


@pytest.mark.parametrize("lost", ["events", "checkpoint", "both"])
def test_a_run_goes_on_after_a_power_cut(place, lost):
    place.add("a", epochs=8, epoch_seconds=0.03)
    place.wait_for_epochs("a", 4)
    place.kill("a")
    attempt = place.attempt("a")
    newest = attempt.checkpoints / list_checkpoints(attempt.checkpoints)[-1]["file"]
    for path in {"events": [attempt.events], "checkpoint": [newest]}.get(
        lost, [attempt.events, newest]
    ):
        cut(path, 10)
    place.supervisor = place.new_supervisor()
    place.wait_until(lambda: place.load("a").attempt == 2)
    assert len(place.wait("a", Status.FINISHED).sparkline) == 8
    assert place.history("a") == whole_history(8)


def test_a_damaged_result_is_earned_again(place):
    place.add("a", epochs=4)
    place.supervisor.tick()
    attempt = place.attempt("a")
    wait_until(lambda: attempt.result.exists() and not attempt.is_alive())
    cut(attempt.result, 5)
    run = place.wait("a", Status.FINISHED)
    assert run.attempt == 2
    assert place.history("a") == whole_history(4)
    assert place.attempt("a").read_result()["weights"]
    assert read_note(attempt).loss is Loss.UNREADABLE


# 15: a worker hangs


def stands_still(pid):
    """Whether a process was sent SIGSTOP."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_worker_that_hangs_is_killed_and_its_run_goes_on(place):
    place.add("a", epochs=4, hangs_after=1, waits_after=2)
    place.wait_for_epochs("a", 2)
    wait_until(lambda: stands_still(place.pid("a")))
    place.supervisor.tick()
    place.pass_time(STALL_SECONDS - 10)
    assert (place.attempt("a", 1).is_alive(), place.load("a").attempt) == (True, 1)
    place.pass_time(20)
    place.wait_until(lambda: place.load("a").attempt == 2)
    place.wait_to_wait("a")
    assert place.load("a").message.startswith("Restarted (1): the worker hung")
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    assert place.history("a") == whole_history(3)


def test_a_worker_that_is_slow_may_be_silent_for_longer(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    for seconds, still_alive in ((200, True), (500, True), (1600, False)):
        with place.attempt("a", 1).steps.open("ab") as file:
            file.write(b"x")
        place.supervisor.tick()
        for _ in range(seconds // 5):
            place.pass_time(5)
            if place.load("a").attempt == 2 or not place.attempt("a", 1).is_alive():
                break
        assert place.attempt("a", 1).is_alive() is still_alive


def test_a_worker_that_ignores_the_stop_is_killed_after_the_grace(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    place.supervisor.tick()
    place.pass_time(STALL_SECONDS - 10)
    place.attempt("a").ask_to_stop()  # has a grace of its own
    place.supervisor.tick()
    place.pass_time(STOP_GRACE_SECONDS - 5)
    assert place.attempt("a").is_alive()
    place.pass_time(10)
    run = place.wait("a", Status.STOPPED)
    assert "Stopped before it could tidy up" in run.message
    assert (run.attempt, run.losses) == (1, 0)


def test_a_stopping_worker_that_still_reports_is_not_killed(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    place.attempt("a").ask_to_stop()
    for _ in range(3):
        place.pass_time(STOP_GRACE_SECONDS - 5)
        with place.attempt("a").steps.open("ab") as file:
            file.write(b"x")
    place.supervisor.tick()
    assert place.attempt("a").is_alive()


# 16: stop in every state


def wait_for_nothing(place):
    place.store.update("a", status=Status.QUEUED)  # the supervisor doesn't look


def wait_for_the_start(place):
    place.wait_to_wait("a")


def wait_for_an_epoch(place):
    place.wait_for_epochs("a", 1)


def wait_for_a_retry(place):
    place.wait("a", Status.INTERRUPTED)


def wait_for_a_loss(place):
    place.wait_to_wait("a")
    place.kill("a")


STATES = {
    "queued": ({}, wait_for_nothing),
    "starting": ({"waits": "start"}, wait_for_the_start),
    "in an epoch": ({"epoch_seconds": 0.5}, wait_for_an_epoch),
    "in a save": ({"waits": "save"}, wait_for_the_start),
    "lost": ({"waits": "start"}, wait_for_a_loss),
    "waiting for a retry": ({"dies": "save"}, wait_for_a_retry),
}


@pytest.mark.parametrize("state", STATES)
def test_a_stop_in_any_state_ends_the_run_once(place, user, state):
    plan, reach = STATES[state]
    place.add("a", epochs=100, **plan)
    reach(place)
    user.stop_run("a")
    user.stop_run("a")
    run = place.wait("a", *ENDED)
    assert run.status is Status.STOPPED
    assert run.ended_at
    place.pass_time(60)
    user.stop_run("a")
    place.supervisor.tick()
    assert place.load("a") == run
    assert not place.attempt("a").is_alive()
    user.resume_run("a")
    place.wait_until(lambda: place.load("a").status is Status.RUNNING)
    assert place.load("a").attempt == run.attempt + 1
    user.stop_run("a")
    place.wait("a", Status.STOPPED)
    history = place.history("a")
    assert history == whole_history(len(history))


def test_a_stop_after_the_end_changes_nothing(place, user):
    run = place.wait(place.add("a"), Status.FINISHED)
    assert user.stop_run("a") == run
    place.supervisor.tick()
    assert place.load("a") == run


def test_a_stop_that_meets_a_loss_reaches_the_next_attempt(place, user, monkeypatch):
    place.add("a", waits_after=0)
    place.wait_to_wait("a")

    def lose(_):  # after the stop was written for attempt 1: the supervisor had just looked
        place.store.update("a", status=Status.QUEUED, attempt=2)
        monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)

    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lose)
    assert user.stop_run("a").status is Status.STOPPED
    assert not place.supervisor.tick()


def test_a_stop_written_while_the_loss_was_noted_counts(place):
    place.add("a", dies="start")
    place.wait("a", Status.INTERRUPTED)
    place.attempt("a").ask_to_stop()
    run = place.wait("a", *ENDED)
    assert run.status is Status.STOPPED
    assert "Resume goes on" in run.message
