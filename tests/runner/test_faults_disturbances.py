"""The fault matrix with light workers: clocks, crowds, locks and power cuts.

Real processes, real kills, our own clock for waiting. The comments name the rows of the matrix.
Whatever happens, a run that ends well must have the history of one that nothing ever happened to.
"""

import os
import random
import shutil
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.runner.notes import Loss, read_note
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import list_checkpoints, load_states
from tests.runner.light_worker import next_state, whole_history
from tests.waiting import wait_until

# 9: clocks jump


def test_no_jump_of_a_clock_harms_a_run(place, monkeypatch):
    place.add("a", waits_after=1)
    place.wait_to_wait("a")
    place.kill("a", signal.SIGSTOP)  # so that only the clocks go on
    for hours in (1, -1, 2, -2):
        place.now += 3600 * hours
        monkeypatch.setattr("cnnlab.runner.run_queue._now", lambda hours=hours: f"{2000 + hours}")
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
    assert (place.load("a").lost_workers, place.load("a").attempt) == (1, 2)
    other.execute("BEGIN IMMEDIATE")
    wait_until(lambda: not place.attempt("a").is_alive())
    tick()
    other.execute("COMMIT")
    run = place.wait("a", Status.FINISHED)
    assert (run.lost_workers, run.attempt) == (0, 2)


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
    place.add("a", epochs=16, epoch_seconds=0.25)
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
    assert len(place.wait("a", Status.FINISHED).sparkline) == 16
    assert place.history("a") == whole_history(16)


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
