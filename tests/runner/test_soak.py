"""Random faults over light runs, twenty at a time; nothing may be lost, doubled or left behind.

By hand (-m exhaustive): each fault alone is played in the check (`tests/test_fault_matrix.py`).
`CNNLAB_SOAK_SECONDS` says for how long (10 minutes: 600), `CNNLAB_SOAK_SEED` repeats the
faults of an earlier soak; their moments are the machine's.
"""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.domain.history import best_epoch
from cnnlab.domain.run import Run, Status
from cnnlab.files import is_locked
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import list_checkpoints, sound_checkpoints
from cnnlab.storage.attempts.journal import read_journal
from tests.runner.light_worker import whole_history
from tests.waiting import wait_until

SECONDS = float(os.environ.get("CNNLAB_SOAK_SECONDS", "60"))
RUNS, EPOCHS, EPOCH_SECONDS, SLOTS = 20, 12, 0.25, 3

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(5 * SECONDS + 300)
@pytest.mark.exhaustive
def test_nothing_is_lost_whatever_happens(home, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)
    seed = os.environ.get("CNNLAB_SOAK_SEED") or str(random.randrange(10**6))
    draw = random.Random(seed)
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", draw.choice("01"))
    soak = Soak(home, draw)
    try:
        soak.run()
        soak.drain()
        soak.check()
    except BaseException as error:
        error.add_note(f"CNNLAB_SOAK_SEED={seed}, what happened: {dict(soak.happened)}")
        error.add_note(workplace().home.supervisor_log.read_text()[-5000:])
        raise
    finally:
        soak.end_supervisor()


class Soak:
    """Runs, a supervisor's process, and what happens to them."""

    def __init__(self, root, draw):
        self.draw = draw
        self.happened = Counter()
        self.place = workplace()
        assert self.place.home.root == root
        self.supervisor = None

    def run(self):
        faults = [
            self.kill_worker, self.kill_worker, self.stop_worker_dead, self.kill_supervisor,
            self.kill_all, self.stop, self.resume, self.resume, self.cut_power,
            self.damage_checkpoint, self.lock_store,
        ]  # fmt: skip
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if self.all_are_finished():
                self.add_runs()
            self.look_after()
            time.sleep(self.draw.uniform(0.1, 1.2))  # the moments between faults
            fault = self.draw.choice(faults)
            if fault():
                self.happened[fault.__name__] += 1

    def drain(self):
        """No more faults: every running run has a worker, and all come to their end."""
        self.look_after()
        for attempt in self.living():
            self.send(attempt, signal.SIGCONT)
        wait_until(self.has_a_worker_for_each_running_run)
        assert self.happened.total() > SECONDS / 4, "too little happened"
        wait_until(self.all_are_finished, seconds=150, tick=self.go_on)

    def has_a_worker_for_each_running_run(self):
        """And none for any other; looked at twice, since a run may start or end in between."""
        running = [attempt.folder for attempt in self.attempts(Status.RUNNING)]
        locked = [lock.parent for lock in self.locks() if is_locked(lock)]
        again = [attempt.folder for attempt in self.attempts(Status.RUNNING)]
        return sorted(running) == sorted(locked) == sorted(again)

    def locks(self):
        return list(self.place.home.runs.glob("*/attempt-*/attempt.lock"))

    def add_runs(self):
        first = len(self.place.runs.list())
        plan = {"epochs": EPOCHS, "epoch_seconds": EPOCH_SECONDS}
        for number in range(first, first + RUNS):
            name = f"run-{number:03d}"
            run = Run(name, name, "d", {"plan": plan}, Status.QUEUED, created_at=name)
            self.place.runs.create(run)

    def all_are_finished(self):
        return all(run.status is Status.FINISHED for run in self.place.runs.list())

    def go_on(self):
        self.look_after()
        for run in self.place.runs.list(Status.STOPPED, Status.FAILED, Status.INTERRUPTED):
            lab.resume_run(run.id)

    def check(self):
        whole = whole_history(EPOCHS)
        for run in self.place.runs.list():
            self.check_run(run, whole)
        self.end_supervisor()
        assert not is_locked(self.place.home.supervisor_lock)
        wait_until(lambda: processes_of(self.place.home.root) == [])  # who waits leaves by itself
        assert not [lock for lock in self.locks() if is_locked(lock)]
        assert list(self.place.home.root.rglob(".*")) == []  # what is unfinished begins with a dot
        with contextlib.closing(sqlite3.connect(self.place.home.database)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def check_run(self, run, whole):
        last = {name: value for name, value in whole[-1].items() if name != "weights"}
        assert (run.message, run.last, run.best_epoch) == (None, last, best_epoch(whole))
        assert len(run.sparkline) == EPOCHS
        attempts = [
            Attempt(self.place.home.attempt(run.id, number + 1)) for number in range(run.attempt)
        ]
        assert attempts[-1].history() == whole
        states = {entry["file"] for entry in sound_checkpoints(attempts[-1].checkpoints)}
        assert {file.name for file in attempts[-1].checkpoints.glob("*.state")} == states
        for attempt in attempts:
            history = attempt.history()
            assert history == whole[: len(history)]
            kinds = [row["kind"] for row in read_journal(attempt.events)]
            assert kinds.count("started") <= 1  # no attempt had two workers
            if attempt.folder.exists() and attempt is not attempts[-1]:
                assert attempt.is_fenced()

    # What happens; each says whether there was anything that it could happen to.

    def kill_worker(self):
        return self.send(self.one_living(), signal.SIGKILL)

    def stop_worker_dead(self):
        attempt = self.one_living()
        if not self.send(attempt, signal.SIGSTOP):
            return False
        if not attempt.is_alive():  # it was done in this moment: nobody would miss it
            self.send(attempt, signal.SIGCONT)
        return True

    def kill_supervisor(self):
        if self.supervisor is None or not is_locked(self.place.home.supervisor_lock):
            return False  # it isn't there yet
        self.end_supervisor()
        return True

    def kill_all(self):
        self.kill_supervisor()
        killed = [self.send(attempt, signal.SIGKILL) for attempt in self.living()]
        return any(killed)

    def stop(self):
        runs = [run for run in self.place.runs.list() if not run.status.is_ended]
        return bool(runs) and bool(lab.stop_run(self.draw.choice(runs).id))

    def resume(self):
        again = (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
        runs = self.place.runs.list(*again)
        return bool(runs) and bool(lab.resume_run(self.draw.choice(runs).id))

    def cut_power(self):
        """A worker dies and its history loses its end, before anybody looks."""
        with self.nobody_looks():
            attempt = self.one_living()
            if not self.kill_for_good(attempt) or not attempt.events.exists():
                return False
            os.truncate(attempt.events, max(0, attempt.events.stat().st_size - self.up_to(300)))
        return True

    def damage_checkpoint(self):
        """A worker dies and the newest state can't be read back."""
        with self.nobody_looks():
            attempt = self.one_living()
            if not self.kill_for_good(attempt) or not list_checkpoints(attempt.checkpoints):
                return False
            path = attempt.checkpoints / list_checkpoints(attempt.checkpoints)[-1]["file"]
            with path.open("r+b") as file:
                file.seek(self.draw.randrange(path.stat().st_size))
                file.write(b"damaged")
        return True

    def lock_store(self):
        with contextlib.closing(sqlite3.connect(self.place.home.database, timeout=30)) as other:
            other.isolation_level = None
            other.execute("BEGIN IMMEDIATE")
            time.sleep(self.draw.uniform(0.2, 1.5))  # others wait for it so long
            other.execute("COMMIT")
        return True

    # Helpers

    def end_supervisor(self):
        if self.supervisor is not None:
            self.supervisor.kill()
            self.supervisor.wait()
            self.supervisor = None

    def look_after(self):
        """Start a supervisor unless one lives, as the app does."""
        if self.supervisor is None or self.supervisor.poll() is not None:
            options = ["--slots", SLOTS, "--stall-seconds", 3, "--stop-grace-seconds", 4]
            with self.place.home.supervisor_log.open("ab") as log:
                self.supervisor = subprocess.Popen(
                    [sys.executable, "-m", "tests.runner.light_supervisor", *map(str, options)],
                    cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

    @contextlib.contextmanager
    def nobody_looks(self):
        """The supervisor stands still."""
        process = self.supervisor
        if process is not None:
            os.killpg(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            if process is not None:
                os.killpg(process.pid, signal.SIGCONT)

    def attempts(self, *statuses):
        runs = self.place.runs.list(*statuses)
        return [Attempt(self.place.home.attempt(run.id, run.attempt)) for run in runs]

    def living(self):
        return [attempt for attempt in self.attempts() if attempt.is_alive()]

    def one_living(self):
        living = self.living()
        return self.draw.choice(living) if living else None

    def kill_for_good(self, attempt):
        if not self.send(attempt, signal.SIGKILL):
            return False
        wait_until(lambda: not attempt.is_alive())
        return attempt.read_result() is None

    @staticmethod
    def send(attempt, number):
        pid = attempt and attempt.lock.read_text()
        if not pid:
            return False  # it is being started in this moment
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int(pid), number)
            return True
        return False

    def up_to(self, most):
        return self.draw.randint(1, most)


def processes_of(home):
    """Ids of the processes that work on a home; this one doesn't count."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.name != str(os.getpid()) and bytes(home) in (folder / "environ").read_bytes():
                found.append(folder.name)
    return found
