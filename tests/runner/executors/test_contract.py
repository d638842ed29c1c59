"""The laws of `cnnlab.runner.executors.port`, kept by every executor that is listed.

Real processes with the light worker. The first half drives the executor itself, the second one a
supervisor that uses it; whatever happens, a run that ends well has the history of one that nothing
ever happened to.
"""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.domain.run import Status
from cnnlab.files import is_locked
from cnnlab.jobs.asking import cancel, queue_is_empty
from cnnlab.jobs.state import Stage, read_state
from cnnlab.jobs.table import KINDS
from cnnlab.runner.notes import Loss, read_note
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import read_journal
from cnnlab.worker.process.channel import Job
from tests.runner.light_jobs import ANSWERS
from tests.runner.light_worker import whole_history
from tests.runner.place import is_waiting, stands_still
from tests.waiting import wait_until


@pytest.fixture
def new_job(place):
    """Makes jobs that nobody has started yet."""

    def make(name="a", device=None, **plan):
        attempt = Attempt(place.home.attempt(name, 1))
        attempt.create({"plan": {"epochs": 3, **plan}})
        return attempt, Job(name, str(attempt.folder), device)

    return make


def processes(attempt):
    """What the workers of an attempt said they are."""
    rows = read_journal(attempt.steps)
    return [row["text"] for row in rows if row.get("text", "").startswith("process")]


def wait_for_end(place, job):
    wait_until(lambda: not place.executor.is_alive(job), tick=place.executor.keep_warm)


# One worker


def test_a_job_lives_from_its_start_until_its_result_is_there(place, new_job):
    attempt, job = new_job(waits_after=1)
    assert not place.executor.is_alive(job)
    place.executor.start(job)
    assert place.executor.is_alive(job)
    wait_until(lambda: is_waiting(attempt))
    assert place.executor.is_alive(job)
    attempt.ask_to_stop()
    wait_for_end(place, job)
    assert attempt.read_result()["status"] == "stopped"
    assert attempt.history() == whole_history(2)


def test_a_job_that_is_started_twice_has_one_worker(place, new_job):
    attempt, job = new_job(waits_after=0)
    place.executor.start(job)
    for executor in (place.executor, place.new_executor()):
        with pytest.raises(RunStateError, match="has a worker already"):
            executor.start(job)
        executor.close()
    attempt.ask_to_stop()
    wait_for_end(place, job)
    assert len(processes(attempt)) == 1


def test_of_many_starts_at_once_one_counts(place, new_job):
    attempt, job = new_job(waits_after=0)
    executors = [place.new_executor() for _ in range(4)]

    def start(executor):
        try:
            executor.start(job)
        except RunStateError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(start, executors)) == [False, False, False, True]
    for executor in executors:
        executor.close()
    attempt.ask_to_stop()
    wait_for_end(place, job)
    assert len(processes(attempt)) == 1


def test_jobs_run_side_by_side_and_each_worker_is_told_its_device(place, new_job):
    jobs = [new_job(name, device, waits_after=0) for name, device in (("a", "gpu:1"), ("b", None))]
    for _, job in jobs:
        place.executor.start(job)
    wait_until(lambda: all(attempt.history() for attempt, _ in jobs))
    assert [attempt.started()["device"] for attempt, _ in jobs] == ["gpu:1", "light"]
    assert all(place.executor.is_alive(job) for _, job in jobs)


def test_a_job_without_a_folder_is_not_started(place):
    job = Job("a", str(place.home.attempt("a", 1)))
    with pytest.raises(StorageError, match="attempt-1"):
        place.executor.start(job)
    assert not place.executor.is_alive(job)


# Its end


@pytest.mark.parametrize("stopped_dead", [False, True])
def test_a_killed_job_leaves_no_result_and_may_be_started_again(place, new_job, stopped_dead):
    attempt, job = new_job(waits_after=0)
    place.executor.kill(job)  # nothing to end yet
    place.executor.start(job)
    wait_until(lambda: is_waiting(attempt))
    if stopped_dead:
        os.kill(int(processes(attempt)[0].split()[1]), signal.SIGSTOP)
    place.executor.kill(job)
    wait_for_end(place, job)
    place.executor.kill(job)
    assert attempt.read_result() is None
    place.executor.start(job)
    wait_for_end(place, job)
    assert attempt.history() == whole_history(3)


def test_a_lost_worker_is_noticed_and_what_is_known_of_it_stays_the_same(place, new_job):
    attempt, job = new_job(dies="start")
    baseline = place.executor.baseline()
    place.executor.start(job)
    wait_for_end(place, job)
    assert attempt.read_result() is None
    assert [place.executor.why_lost(job, baseline) for _ in range(2)] == [Loss.KILLED] * 2


def test_a_job_goes_on_without_its_executor_and_the_next_one_has_it(place, new_job):
    first, first_job = new_job("a", waits_after=0)
    second, second_job = new_job("b", waits_after=0)
    for job in (first_job, second_job):
        place.executor.start(job)
    place.executor.close()
    place.executor = place.new_executor()
    assert place.executor.is_alive(first_job)
    place.executor.kill(replace(second_job, device="cpu"))  # a job is known by its folder
    wait_for_end(place, second_job)
    first.ask_to_stop()
    wait_for_end(place, first_job)
    assert first.read_result()["status"] == "stopped"
    assert second.read_result() is None


def test_rounds_without_a_job_disturb_none(place, new_job):
    attempt, job = new_job(waits_after=0)
    place.executor.start(job)
    for _ in range(20):
        place.executor.keep_warm()
    wait_until(attempt.history, tick=place.executor.keep_warm)
    assert place.executor.is_alive(job)
    assert place.executor.capacity().most_runs >= 1


# Under a supervisor: queue and news


def test_a_run_goes_through_the_queue_to_its_end(place):
    run = place.wait(place.add("a", accuracies=[0.5, 0.7, 0.6]), Status.FINISHED)
    assert (run.device, run.best_epoch, run.best["val_accuracy"]) == ("light", 1, 0.7)
    assert run.last["epoch"] == 2
    assert run.sparkline == [0.5, 0.7, 0.6]
    assert run.started_at and run.ended_at
    assert (run.lost_workers, run.message, run.changed_by_hand) == (0, None, False)


def test_epochs_arrive_one_after_the_other_each_once(place):
    place.add("a", epochs=5000, epoch_seconds=0.05)  # however slowly we look, it isn't over
    seen = []

    def came_one_by_one():
        seen.append(place.load("a").last.get("epoch", -1))
        return len(set(seen)) > 3

    place.wait_until(came_one_by_one)
    assert seen == sorted(seen)
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    history = place.history("a")
    assert history == whole_history(len(history))


def test_a_stopped_run_keeps_what_it_had(place):
    place.add("a", epochs=100, epoch_seconds=0.05)
    place.wait_for_epochs("a", 2)
    place.attempt("a").ask_to_stop()
    run = place.wait("a", Status.STOPPED)
    history = place.history("a")
    assert history == whole_history(len(history))
    assert run.last["epoch"] == len(history) - 1
    assert not place.is_alive("a")


def test_each_gpu_has_one_run_and_the_worker_is_told_which(place):
    place.supervisor = place.new_supervisor(gpus=("gpu:0", "gpu:1"))
    for name in "abc":
        place.add(name, waits_after=0)
    place.add("d", waits_after=0, device="cpu")
    for name, device in {"a": "gpu:0", "b": "gpu:1", "d": "cpu"}.items():
        place.wait_for_epochs(name, 1)
        place.supervisor.tick()
        assert place.load(name).device == device
    assert place.load("c").status is Status.QUEUED
    place.supervisor = place.new_supervisor(gpus=("gpu:0", "gpu:1"))  # it must know who has what
    place.supervisor.tick()
    assert place.load("c").status is Status.QUEUED
    place.attempt("b").ask_to_stop()
    place.wait_for_epochs("c", 1)
    place.supervisor.tick()
    assert place.load("c").device == "gpu:1"


# Losses


def test_a_killed_worker_starts_again_at_once_and_goes_on(place):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    place.kill("a")
    place.supervisor.tick()
    run = place.load("a")
    assert (run.status, run.attempt, run.lost_workers) == (Status.RUNNING, 2, 1)
    assert run.message == "Restarted (1): the worker was ended from outside."
    assert place.attempt("a", 1).is_fenced()
    assert read_note(place.attempt("a", 1)).loss is Loss.KILLED
    run = place.wait("a", Status.FINISHED)
    assert (run.message, run.attempt, run.lost_workers) == (None, 2, 0)
    assert place.history("a") == whole_history(4)


def test_a_worker_that_dies_again_and_again_is_given_up_after_three_tries(place):
    place.add("a", dies="start")
    place.wait_until(lambda: place.load("a").attempt == 2)
    for losses, seconds in ((2, 5), (3, 30)):
        run = place.wait("a", Status.INTERRUPTED)
        assert (run.attempt, run.lost_workers) == (losses, losses)
        assert f"it starts again in {seconds} s" in run.message
        place.pass_time(seconds - 0.5)
        assert place.load("a").status is Status.INTERRUPTED
        place.pass_time(1)
        assert place.load("a").message.startswith(f"Restarted ({losses}): ")
    run = place.wait("a", Status.FAILED)
    assert (run.attempt, run.lost_workers) == (4, 4)
    assert "loss number 4 in a row. No epoch had been finished" in run.message
    assert "press Resume" in run.message
    assert run.ended_at


def test_a_worker_that_hangs_is_killed_and_its_run_goes_on(place):
    place.add("a", epochs=4, hangs_after=1, waits_after=2)
    place.wait_for_epochs("a", 2)
    wait_until(lambda: stands_still(place.pid("a")))
    place.supervisor.tick()
    place.pass_time(STALL_SECONDS - 10)
    assert (place.is_alive("a", 1), place.load("a").attempt) == (True, 1)
    place.pass_time(20)
    place.wait_until(lambda: place.load("a").attempt == 2)
    place.wait_to_wait("a")
    assert place.load("a").message.startswith("Restarted (1): the worker hung")
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
    assert place.history("a") == whole_history(3)


# Jobs of other kinds


@pytest.mark.parametrize("kind", ["preflight", "import"])  # with Keras, and without
def test_a_job_of_another_kind_is_started_again_after_a_loss_and_done(place, kind):
    files = place.ask(kind, dies=1, waits=True)

    def look():
        place.now += 1.0  # the pause between two tries passes quickly
        place.supervisor.tick()

    wait_until(lambda: read_state(KINDS[kind], files).done, tick=look)
    assert read_state(KINDS[kind], files).stage is Stage.RUNNING
    (files.folder / "GO").touch()
    wait_until(lambda: read_state(KINDS[kind], files).is_ended, tick=place.supervisor.tick)
    assert read_state(KINDS[kind], files).answer == ANSWERS[kind]
    wait_until(lambda: queue_is_empty(place.home), tick=place.supervisor.tick)
    assert len((files.folder / "tries").read_text().split()) == 2


def test_a_job_of_another_kind_that_nobody_wants_any_more_is_ended(place):
    files = place.ask("preflight", waits=True)
    place.wait_until(lambda: read_state(KINDS["preflight"], files).done)
    cancel(files)
    place.wait_until(lambda: queue_is_empty(place.home))
    assert read_state(KINDS["preflight"], files).stage is Stage.CANCELLED


# Fences and adoption


def test_a_worker_that_lives_on_after_its_successor_was_started_ends_without_a_word(place):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    place.store.update("a", status=Status.QUEUED, attempt=2)  # as after a lost connection
    place.wait("a", Status.FINISHED)
    first = place.attempt("a", 1)
    wait_until(lambda: not place.is_alive("a", 1))
    assert first.read_result() is None
    assert first.history() == whole_history(2)
    assert place.history("a") == whole_history(4)


def test_a_new_supervisor_adopts_a_living_run(place):
    place.add("a", waits_after=1)
    place.wait_for_epochs("a", 2)
    place.supervisor = place.new_supervisor()  # the old one is gone, without a word
    place.attempt("a").ask_to_stop()
    run = place.wait("a", Status.STOPPED)
    assert (run.last["epoch"], run.attempt) == (1, 1)


def test_a_worker_that_died_while_nobody_watched_is_noticed(place):
    place.add("a", waits_after=0)
    place.wait_for_epochs("a", 1)
    place.wait_to_wait("a")
    place.kill("a")
    place.supervisor = place.new_supervisor()
    run = place.wait("a", Status.FINISHED)
    assert run.attempt == 2
    assert place.history("a") == whole_history(3)


def test_a_killed_supervisor_is_replaced_and_no_run_gets_a_second_worker(place, start_supervisor):
    names = [place.add(name, epochs=5000, epoch_seconds=0.05) for name in "ab"]
    first = start_supervisor("--slots", 2, "--executor", place.kind)
    wait_until(lambda: all(place.attempt(name).history() for name in names))
    pids = [place.pid(name) for name in names]
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    start_supervisor("--slots", 2, "--executor", place.kind)
    wait_until(lambda: is_locked(place.home.supervisor_lock))
    seen = len(place.history("a"))
    wait_until(lambda: place.load("a").last.get("epoch", 0) > seen)  # it follows them
    assert [place.pid(name) for name in names] == pids
    assert [place.load(name).attempt for name in names] == [1, 1]
    for name in names:
        place.attempt(name).ask_to_stop()
        wait_until(lambda name=name: place.load(name).status is Status.STOPPED)
        history = place.history(name)
        assert history == whole_history(len(history))
