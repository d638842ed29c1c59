"""The fault matrix with light workers: what happens to jobs other than training, of every kind.

Real processes, real kills, our own clock for waiting. The comments name the rows of the matrix.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.jobs.asking import cancel, queue_is_empty
from cnnlab.jobs.state import Stage, read_state
from cnnlab.jobs.table import KINDS
from cnnlab.runner.jobs import CANCEL_SECONDS, GIVE_UP_SECONDS
from cnnlab.runner.silence import STALL_SECONDS
from tests.runner.light_jobs import ANSWERS
from tests.runner.place import EVERY_KIND, REQUESTS, Place, stands_still
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


class Job:
    """A job that a test asks for, and what it sees of it."""

    def __init__(self, place, kind, **plan):
        self.place, self.kind = place, kind
        self.files = place.ask(kind, **plan)

    @property
    def state(self):
        return read_state(KINDS[self.kind], self.files)

    @property
    def tries(self):
        path = self.files.folder / "tries"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def pid(self):
        return self.tries[-1]

    def wait_to_work(self, tries=1):
        self.place.wait_until(lambda: len(self.tries) == tries and self.state.done)

    def kill(self):
        os.killpg(self.pid, signal.SIGKILL)
        wait_until(lambda: not self.files.is_alive())

    def kill_for_memory(self):
        self.place.oom_kills += 1
        self.kill()

    @contextlib.contextmanager
    def spoiled(self):
        """Have the executor unable to tell whether its worker lives."""
        self.files.lock.unlink(missing_ok=True)
        self.files.lock.mkdir()
        try:
            yield
        finally:
            self.files.lock.rmdir()

    def go(self):
        (self.files.folder / "GO").touch()

    def wait_for_end(self):
        def look():
            self.place.now += 1.0  # pauses between two tries pass quickly
            self.place.supervisor.tick()

        wait_until(lambda: self.state.is_ended and not self.files.is_alive(), tick=look)
        wait_until(lambda: queue_is_empty(self.place.home), tick=self.place.supervisor.tick)
        return self.state

    def is_done(self):
        return self.wait_for_end().answer == ANSWERS[self.kind]


# 1: kill -9 of a worker


@EVERY_KIND
def test_a_job_whose_worker_is_killed_starts_again_and_gets_done(place, kind):
    job = Job(place, kind, waits=True)
    job.wait_to_work()
    job.kill()
    unfinished = job.files.folder / ".model-7.savedmodel"  # some formats are a folder
    unfinished.mkdir()
    (unfinished / "saved_model.pb").touch()
    job.wait_to_work(tries=2)
    job.go()
    assert job.is_done() and not unfinished.exists()


@EVERY_KIND
def test_a_job_whose_worker_is_always_killed_is_given_up(place, kind):
    job = Job(place, kind, dies=99)
    ended = job.wait_for_end()
    assert len(job.tries) == KINDS[kind].retries + 1
    assert ended.stage is Stage.LOST
    assert f"was lost {len(job.tries)} times: the worker was ended from outside" in ended.problem
    place.ask(kind, again=True, dies=0)
    assert job.is_done()


# 3: kill -9 of the server

SERVER = """
import subprocess, sys, time
command = [sys.executable, "-m", "tests.runner.light_supervisor"]
subprocess.Popen(command, start_new_session=True)
time.sleep(600)
"""


def test_jobs_outlive_the_server_that_asked_for_them(place):
    jobs = [Job(place, kind, waits=True) for kind in ("import", "export")]
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, start_new_session=True)
    wait_until(lambda: all(job.state.done for job in jobs))
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    for job in jobs:
        job.go()
        wait_until(lambda job=job: job.state.is_ready)
        assert len(job.tries) == 1


# 4: kill -9 of the supervisor, and of it and the workers at once


@EVERY_KIND
def test_a_new_supervisor_adopts_the_worker_of_a_job(place, kind):
    job = Job(place, kind, waits=True)
    job.wait_to_work()
    place.supervisor = place.new_supervisor()
    for _ in range(3):
        assert place.supervisor.tick()
    job.go()
    assert job.is_done()
    assert len(job.tries) == 1


def test_supervisor_and_worker_killed_at_once_the_job_is_done_all_the_same(place, start_supervisor):
    job = Job(place, "export", waits=True)
    first = start_supervisor()
    wait_until(lambda: job.state.done)
    os.killpg(first.pid, signal.SIGKILL)
    job.kill()
    first.wait()
    start_supervisor()
    wait_until(lambda: len(job.tries) == 2)
    job.go()
    wait_until(lambda: job.state.is_ready)


# 5: the disk is full


@pytest.fixture
def small_place(small_disk, home, monkeypatch):
    """A place on a file system of 2 MB."""
    monkeypatch.setenv("CNNLAB_HOME", str(small_disk / "home"))
    place = Place(small_disk / "home")
    yield place
    place.executor.close()
    place.engine.dispose()


@EVERY_KIND
def test_a_job_that_fills_the_disk_says_so_and_is_done_when_there_is_room(small_place, kind):
    job = Job(small_place, kind, fills=True)
    ended = job.wait_for_end()
    assert (ended.stage, job.files.read_result()["cause"]) == (Stage.FAILED, "disk")
    assert f"The disk is full at {job.files.folder}" in ended.problem
    assert "try again" in ended.problem
    assert not (job.files.folder / "reserve").exists()
    (job.files.folder.parent / "ballast").unlink()
    small_place.ask(kind, again=True, fills=False)
    assert job.is_done()


def test_a_job_that_finds_no_room_to_start_says_so_or_waits(small_place):
    job = Job(small_place, "export")
    ballast = small_place.home.root.parent / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    for _ in range(3):
        try:
            small_place.supervisor.tick()
        except Exception as error:  # the round is done again: nothing is lost
            assert "disk" in str(error)
    assert job.state.problem is None or "disk is full" in job.state.problem
    ballast.unlink()
    small_place.ask("export", again=True)
    assert job.is_done()


# 5: or the folder can't be used, or the executor can't be reached


def look_around(place, seconds=0.0):
    """Rounds in which not everything can be done."""
    place.now += seconds
    for _ in range(3):
        with contextlib.suppress(StorageError):
            place.supervisor.tick()


def test_a_job_that_cannot_be_seen_to_is_given_up_and_keeps_nobody_waiting(place):
    broken, other = Job(place, "preflight"), Job(place, "export", waits=True)
    with broken.spoiled():
        look_around(place)
        assert not broken.state.is_ended
        assert other.state.stage is Stage.WAITING  # a worker may be at the first one
        look_around(place, GIVE_UP_SECONDS)
        assert broken.state.stage is Stage.FAILED
    assert f"The check can't go on: Can't use {broken.files.lock}" in broken.state.problem
    other.wait_to_work()
    other.go()
    assert other.is_done()


def test_no_run_fails_because_a_job_cannot_be_ended_for_it(place):
    place.supervisor = place.new_supervisor(gpus=("gpu:0",))
    job = Job(place, "preflight")
    place.add("a")
    with job.spoiled():
        wait_until(
            lambda: place.load("a").status in (Status.FINISHED, Status.FAILED),
            tick=lambda: look_around(place),
        )
    assert place.load("a").status is Status.FINISHED


def test_a_job_waits_for_an_executor_that_is_out_of_reach(place, monkeypatch):
    def start(job):
        raise StorageError("The node can't be reached.")

    job = Job(place, "export")
    with monkeypatch.context() as unreachable:
        unreachable.setattr(place.executor, "start", start)
        with pytest.raises(StorageError, match="reached"):
            place.supervisor.tick()
    assert job.state.stage is Stage.WAITING
    assert job.is_done()


def test_an_executor_that_stays_out_of_reach_is_no_reason_to_wait_for_ever(place, monkeypatch):
    def start(job):
        raise StorageError("The node can't be reached.")

    job = Job(place, "export")
    monkeypatch.setattr(place.executor, "start", start)
    for _ in range(round(GIVE_UP_SECONDS / 10)):
        look_around(place, 10.0)
        assert job.state.stage is Stage.WAITING
    look_around(place, 10.0)
    assert job.state.problem == (
        "The preparation of the model can't go on: The node can't be reached. Try again."
    )


# 6: the memory runs out


def test_a_job_that_is_too_large_for_the_memory_twice_is_too_large(place):
    job = Job(place, "export", waits=True)
    for tries in (1, 2):
        job.wait_to_work(tries)
        job.kill_for_memory()
    ended = job.wait_for_end()
    assert (ended.stage, len(job.tries)) == (Stage.LOST, 2)
    assert "was lost 2 times: the memory ran out" in ended.problem
    assert "Lower training.batch_size" in ended.problem


def test_each_try_of_a_job_is_lost_for_its_own_reason(place):
    job = Job(place, "export", waits=True)
    job.wait_to_work()
    job.kill_for_memory()
    for tries in (2, 3):
        job.wait_to_work(tries)
        job.kill()
        place.supervisor.tick()
        place.now += 60.0
    assert "was lost 3 times: the worker was ended from outside" in job.wait_for_end().problem


# 15: a worker hangs


@EVERY_KIND
def test_a_job_whose_worker_hangs_starts_again(place, kind):
    job = Job(place, kind, hangs=1)
    place.wait_until(lambda: job.tries and stands_still(job.pid))
    place.pass_time(STALL_SECONDS - 10)
    assert job.files.is_alive()
    place.pass_time(20)
    assert job.is_done()
    assert len(job.tries) == 2


@pytest.mark.parametrize("kind", [kind for kind in REQUESTS if KINDS[kind].time_limit_seconds])
def test_a_job_that_takes_too_long_is_ended(place, kind):
    job = Job(place, kind, waits=True)
    job.wait_to_work()
    place.now += KINDS[kind].time_limit_seconds - 10
    place.supervisor.tick()
    assert job.files.is_alive()
    place.now += 20
    place.supervisor.tick()
    ended = job.wait_for_end()
    assert ended.stage is Stage.LOST
    assert f"took longer than {KINDS[kind].time_limit_seconds:.0f} s" in ended.problem


def test_a_job_that_ends_itself_after_its_time_is_not_tried_again(place):
    job = Job(place, "export", waits=True)
    job.wait_to_work()
    place.now += KINDS["export"].time_limit_seconds + 10
    job.kill()
    ended = job.wait_for_end()
    assert (ended.stage, len(job.tries)) == (Stage.LOST, 1)
    assert "took longer than 1800 s" in ended.problem


def test_the_time_of_a_job_begins_with_its_try(place):
    job = Job(place, "preflight", waits=True)
    lock = take_lock(job.files.lock)  # as by who asks for it
    place.supervisor.tick()
    os.close(lock)
    place.now += KINDS["preflight"].time_limit_seconds + 10
    job.wait_to_work()
    place.supervisor.tick()
    assert job.files.is_alive()
    job.kill()
    place.now += KINDS["preflight"].time_limit_seconds - 10
    job.wait_to_work(tries=2)
    place.now += 20
    place.supervisor.tick()
    job.go()
    assert job.is_done()


# 16: cancelling


@EVERY_KIND
def test_a_job_that_runs_is_cancelled(place, kind):
    job = Job(place, kind, waits=True)
    job.wait_to_work()
    cancel(job.files)
    cancel(job.files)  # twice is the same
    ended = job.wait_for_end()
    assert (ended.stage, ended.problem) == (Stage.CANCELLED, "Cancelled: nothing was stored.")
    place.ask(kind, again=True, waits=False)
    assert job.is_done()


@EVERY_KIND
def test_a_job_that_is_deaf_to_its_cancelling_is_killed(place, kind):
    job = Job(place, kind, ignores=True)
    job.wait_to_work()
    cancel(job.files)
    place.supervisor.tick()
    place.pass_time(CANCEL_SECONDS - 5)
    assert job.files.is_alive()
    place.pass_time(10)
    assert job.wait_for_end().stage is Stage.CANCELLED
    assert len(job.tries) == 1


def test_a_job_that_was_lost_is_cancelled_before_it_starts_again(place):
    job = Job(place, "export", waits=True)
    job.wait_to_work()
    job.kill()
    cancel(job.files)
    assert job.wait_for_end().stage is Stage.CANCELLED
    assert len(job.tries) == 1
