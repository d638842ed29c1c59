"""What only the local executor does: workers that wait."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from cnnlab.jobs.table import KINDS
from cnnlab.runner.executors import warm_workers
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.notes import Loss
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.worker.process.channel import JOBS_PER_PROCESS, Job
from tests.waiting import wait_until


class Place:
    """A home with an executor that a test drives by hand."""

    def __init__(self, root):
        self.home = open_home(root)
        self.now = 1000.0
        self.executor = self.new_executor()

    def new_executor(self):
        return LocalExecutor(self.home.root, "tests.runner.light_spare", clock=lambda: self.now)

    @property
    def waiting(self):
        """The worker that waits for a job, loaded."""
        found = [worker for worker in self.executor._warm._workers if worker.is_loaded]
        return next((worker for worker in found if not worker.is_busy), None)

    def wait_for_spare(self):
        return wait_until(lambda: self.waiting, tick=self.executor.keep_warm).pid

    def start(self, name, device=None, **plan):
        attempt = Attempt(self.home.attempt(name, 1))
        attempt.create(plan)
        self.executor.start(Job(name, str(attempt.folder), device))
        return attempt

    def finish(self, attempt):
        """Wait until it is dead; return the result that must be there then."""
        wait_until(lambda: not attempt.is_alive())
        return attempt.read_result()

    def run(self, name, **plan):
        return self.finish(self.start(name, **plan))["report"]["pid"]

    def log(self):
        return self.home.supervisor_log.read_text()


@pytest.fixture
def place(home, monkeypatch):
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "1")
    place = Place(home)
    yield place
    place.executor.close()


@pytest.fixture
def many_cores(place, monkeypatch):
    """A machine with 8 cores, on which nothing has been started just now."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(warm_workers, "CALM_SECONDS", 0.0)


def is_there(pid):
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # gone before, or while it was read
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_waiting_worker_takes_one_job_after_another(place):
    pid = place.wait_for_spare()
    first = place.start("a", device="gpu:1", waits=True)
    assert first.lock.read_text() == str(pid)
    assert os.getpgid(pid) == pid  # so that its whole group can be killed
    first.ask_to_stop()
    assert place.finish(first) == {"report": {"pid": pid}, "device": "gpu:1"}
    assert place.run("b") == pid  # without a round in between: it was free when the lock was
    assert "working on a" in first.log_tail()
    assert "working on b" not in first.log_tail()
    assert "working on" not in place.log()


def test_a_worker_serves_so_many_jobs_and_no_more(place):
    pids = [place.run(str(number)) for number in range(JOBS_PER_PROCESS + 1)]
    assert len(set(pids[:-1])) == 1
    assert pids[-1] != pids[0]


def test_a_worker_whose_job_failed_is_used_no_more(place):
    pid = place.run("a", fails=True)
    wait_until(lambda: not is_there(pid))
    assert place.wait_for_spare() != pid


def test_a_job_may_come_before_the_worker_has_loaded(place, monkeypatch):
    monkeypatch.setenv("CNNLAB_TEST_SPARE", "never loads")
    assert place.executor.keep_warm()
    (worker,) = place.executor._warm._workers
    assert place.run("a") == worker.pid


def test_a_job_keeps_its_lock_before_the_worker_has_read_of_it(place, monkeypatch):
    monkeypatch.setenv("CNNLAB_TEST_SPARE", "never loads")
    place.executor.keep_warm()
    (worker,) = place.executor._warm._workers
    os.kill(worker.pid, signal.SIGSTOP)
    attempt = place.start("a")
    assert attempt.is_alive()
    place.executor.kill(Job("a", str(attempt.folder)))
    assert place.finish(attempt) is None


def test_a_worker_that_hangs_is_replaced_at_the_handover(place, monkeypatch):
    monkeypatch.setattr(warm_workers, "ANSWER_SECONDS", 0.3)
    pid = place.wait_for_spare()
    os.kill(pid, signal.SIGSTOP)
    attempt = place.start("a")
    assert place.finish(attempt)["report"]["pid"] == int(attempt.lock.read_text()) != pid
    wait_until(lambda: not is_there(pid))


def test_a_killed_spare_is_replaced_after_a_moment(place):
    pid = place.wait_for_spare()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not place.executor.keep_warm())
    place.now += 0.9
    assert not place.executor.keep_warm()
    place.now += 0.2
    assert place.wait_for_spare() != pid


def test_a_spare_that_cannot_start_is_tried_ever_more_rarely(place, monkeypatch, no_forks):
    monkeypatch.setenv("CNNLAB_TEST_SPARE", "dies")
    pauses = []
    for _ in range(4):
        assert place.executor.keep_warm()
        wait_until(lambda: not place.executor.keep_warm())
        began = place.now
        while not place.executor.keep_warm():
            place.now += 0.5
        pauses.append(place.now - began)
        place.executor._warm._workers[0].let_go()
        place.executor.keep_warm()
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8


def test_a_spare_leaves_when_its_supervisor_is_gone_and_a_job_goes_on(place, many_cores):
    attempt = place.start("a", waits=True)
    busy, idle = int(attempt.lock.read_text()), place.wait_for_spare()
    place.executor.close()  # the kernel does as much when it is killed
    wait_until(lambda: not is_there(idle))
    place.executor = place.new_executor()  # the next supervisor
    assert attempt.is_alive()
    attempt.ask_to_stop()
    assert place.finish(attempt)["report"]["pid"] == busy
    wait_until(lambda: not is_there(busy))


def test_a_spare_is_let_go_when_nobody_wants_it_and_comes_again_when_asked_for(place):
    pid = place.wait_for_spare()
    place.now += warm_workers.UNUSED_SECONDS - 1
    assert place.executor.keep_warm()
    place.home.warm_request.touch()
    assert place.executor.keep_warm()
    place.now += warm_workers.UNUSED_SECONDS - 1
    assert place.executor.keep_warm()
    place.now += 1
    assert not place.executor.keep_warm()
    wait_until(lambda: not is_there(pid))
    place.home.warm_request.write_text("again")
    assert place.wait_for_spare() != pid


class Form:
    """A form whose config a worker gets ready."""

    def __init__(self, place):
        self.place, self.count = place, place.home.root / "prepared"

    def show(self, text):
        self.place.home.form_request.write_text(text)
        self.place.executor.keep_warm()

    def rest(self, seconds=warm_workers.REST_SECONDS):
        self.place.now += seconds
        self.place.executor.keep_warm()

    def is_prepared(self, times):
        """Wait until so many runs were made ready; a job shows that no further one was."""
        wait_until(lambda: self.times() >= times)
        return self.times() == times

    def times(self):
        return len(self.count.read_text()) if self.count.exists() else 0


def test_the_run_of_a_form_is_made_ready_once_the_form_has_rested(place):
    form, pid = Form(place), place.wait_for_spare()
    form.show("a")
    form.rest(0.9)
    form.show("b")
    form.rest(0.9)
    form.show("c")
    form.rest()
    assert form.is_prepared(1)
    form.rest()  # the same form: nothing to do
    assert place.run("c") == pid
    form.rest()  # it has been launched
    assert place.run("d") == pid
    assert form.is_prepared(1)
    form.show("e")
    form.rest()
    assert form.is_prepared(2)


def test_a_form_of_long_ago_is_not_made_ready(place):
    form, pid = Form(place), place.wait_for_spare()
    form.show("a")
    os.utime(place.home.form_request, (1e9, 1e9))
    form.rest(0)
    form.rest()
    assert place.run("a") == pid
    assert form.times() == 0


def test_no_form_is_made_ready_beside_a_run_on_few_cores(place, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    form, attempt = Form(place), place.start("a", waits=True)
    form.show("a")
    form.rest()
    attempt.ask_to_stop()
    place.finish(attempt)
    assert form.times() == 0
    form.rest(0)
    assert form.is_prepared(1)


def test_a_worker_that_has_become_too_large_to_make_more_ready_is_replaced_at_once(
    place, monkeypatch
):
    monkeypatch.setenv("CNNLAB_TEST_SPARE", "is spent")
    form, pid = Form(place), place.wait_for_spare()
    form.show("a")
    form.rest()
    wait_until(lambda: not is_there(pid))
    place.executor.keep_warm()
    (worker,) = place.executor._warm._workers
    assert worker.pid != pid
    assert "ended while it waited" not in place.log()


def test_no_spare_is_loaded_beside_a_run_on_few_cores(place, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    attempt = place.start("a", waits=True)
    place.now += 100
    assert not place.executor.keep_warm()
    attempt.ask_to_stop()
    place.finish(attempt)
    assert place.executor.keep_warm()


def test_beside_a_resident_a_spare_is_loaded_once_that_has_begun(place, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setitem(KINDS, "train", replace(KINDS["train"], is_resident=True))
    attempt = place.start("a", waits=True)
    assert not place.executor.keep_warm()
    place.now += warm_workers.CALM_SECONDS
    assert place.executor.keep_warm()
    attempt.ask_to_stop()
    place.finish(attempt)


def test_on_many_cores_a_spare_is_loaded_once_a_run_has_begun(place, many_cores):
    attempt = place.start("a", waits=True)
    place.wait_for_spare()
    attempt.ask_to_stop()
    place.finish(attempt)
    place.executor.keep_warm()  # the one that is free now is one too many
    wait_until(lambda: len(place.executor._warm._workers) == 1, tick=place.executor.keep_warm)


def test_switched_off_nothing_waits(place, monkeypatch):
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "0")
    place.executor = place.new_executor()
    assert not place.executor.keep_warm()
    attempt = place.start("a", device="cpu")
    assert place.finish(attempt)["device"] == "cpu"
    assert attempt.lock.read_text() == str(attempt.read_result()["report"]["pid"])
    assert "working on a" in attempt.log_tail()


def test_each_kill_for_memory_explains_one_loss(home):
    kills = [3]
    executor = LocalExecutor(home, oom_kills=lambda: kills[0])
    first, second, later = (Job(name, name) for name in ("first", "second", "later"))
    before = executor.baseline()
    assert executor.why_lost(first, before) is Loss.KILLED
    kills[0] = 4
    assert [executor.why_lost(first, before) for _ in range(2)] == [Loss.MEMORY] * 2
    assert executor.why_lost(second, before) is Loss.KILLED
    before = executor.baseline()
    assert executor.why_lost(later, before) is Loss.KILLED
    assert executor.why_lost(first, before) is Loss.KILLED  # its next try
    kills[0] = 5
    assert executor.why_lost(later, before) is Loss.MEMORY
