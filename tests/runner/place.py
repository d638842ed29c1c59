"""A home with a store and a supervisor that a test drives by hand, round by round."""

import functools
import os
import signal
from pathlib import Path

import pytest

from cnnlab.domain.run import Run, Status
from cnnlab.files import write_json
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.answer_pictures import AnswerRequest
from cnnlab.jobs.kinds.bundle import BundleRequest
from cnnlab.jobs.kinds.crossfit import CrossfitRequest
from cnnlab.jobs.kinds.evaluate import EvaluateRequest
from cnnlab.jobs.kinds.explain import ExplainRequest
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.jobs.kinds.feature_maps import FeatureMapsRequest
from cnnlab.jobs.kinds.guard import GuardRequest
from cnnlab.jobs.kinds.importance import ImportanceRequest
from cnnlab.jobs.kinds.inside import InsideRequest
from cnnlab.jobs.kinds.keep import KeepRequest
from cnnlab.jobs.kinds.landscape import LandscapeRequest
from cnnlab.jobs.kinds.lr_test import LrTestRequest
from cnnlab.jobs.kinds.predict import PredictRequest
from cnnlab.jobs.kinds.preflight import PreflightRequest
from cnnlab.jobs.kinds.track import TrackRequest
from cnnlab.jobs.kinds.units import UnitsRequest
from cnnlab.jobs.kinds.uploads import ImportRequest
from cnnlab.jobs.table import KINDS
from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.sharing.turns import Turns
from cnnlab.runner.sharing.workspace import Workspace
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import read_journal
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.runs.store import RunStore
from cnnlab.worker.process.channel import Job
from tests.waiting import wait_until

REQUESTS = {
    "preflight": PreflightRequest({}),
    "lr_test": LrTestRequest({}),
    "crossfit": CrossfitRequest("a", 1, 5),
    "bundle": BundleRequest("a", [], "d", False),
    "export": ExportRequest("a", 1, "keras"),
    "explain": ExplainRequest("a", 1, "hirescam", "predicted", "", [0], []),
    "evaluate": EvaluateRequest("a", 1, "validation"),
    "import": ImportRequest("a.zip"),
    "answer_pictures": AnswerRequest(),
    "guard": GuardRequest({}),
    "predict": PredictRequest([], []),
    "track": TrackRequest(),
    "keep": KeepRequest(),
    "importance": ImportanceRequest([], [], []),
    "units": UnitsRequest([]),
    "landscape": LandscapeRequest([], "baseline"),
    "inside": InsideRequest("a", 1, False, False),
    "feature_maps": FeatureMapsRequest("a", 1, 0),
}
"""One for every kind with a queue of its own beside that of the runs."""

_OF_EACH_SORT = {"export", "import", "answer_pictures"}
"""A kind with Keras and retries, one without Keras, one that stays: the others are like the first,
for the queue, and are played by hand."""

EVERY_KIND = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[] if kind in _OF_EACH_SORT else [pytest.mark.exhaustive])
        for kind in sorted(REQUESTS)
    ],
)

ENDED = (Status.FINISHED, Status.STOPPED, Status.FAILED)


class Place:
    """Light workers are real processes; the supervisor's clock and the kernel's count are ours.

    Args:
        root: the home folder.
        make_executor: called as `LocalExecutor` is, which is the default.
        clock: the supervisor's, in place of the one that the test turns.
    """

    def __init__(self, root, make_executor=None, clock=None):
        self.home = open_home(root)
        self.engine = open_database(self.home.database)
        self.store = RunStore(self.engine)
        self.now = 0.0
        self._clock = clock or (lambda: self.now)
        self.oom_kills = 0
        self._make_executor = make_executor or functools.partial(
            LocalExecutor, oom_kills=lambda: self.oom_kills
        )
        self.executor = None
        self.supervisor = self.new_supervisor()

    def new_supervisor(self, **capacity):
        """What the next supervisor's process would have; the one before is gone without a word."""
        if self.executor is not None:
            self.executor.close()  # the kernel does as much
        self.executor = self.new_executor(**capacity)
        workspace = Workspace(self.home, self.store, self.executor, clock=self._clock)
        return Supervisor([workspace], self.executor, Turns(self.home))

    def new_executor(self, **capacity):
        return self._make_executor(
            self.home.root, "tests.runner.light_worker", capacity=Capacity(**capacity)
        )

    def close(self):
        """Leave no worker behind."""
        for folder in self.home.runs.glob("*/attempt-*"):
            self.executor.kill(Job("", str(folder)))
        for kind in REQUESTS:
            for folder in self.home.jobs.glob(f"{kind}/*"):
                self.executor.kill(Job("", str(folder), kind_name=kind))
        self.executor.close()
        self.engine.dispose()

    def add(self, name, epochs=3, **plan):
        """Queue a run; runs are served in the order of their names."""
        plan = {"epochs": epochs, **plan}
        device = plan.pop("device", "auto")
        config = {"plan": plan, "training": {"device": device}}
        self.store.create(Run(name, name, "d", config, Status.QUEUED, created_at=name))
        return name

    def ask(self, kind, key="a", *, again=False, **plan):
        """Ask for a job that does as the plan says (see `light_jobs`); return its folder."""
        files = job_folder(self.home, KINDS[kind], key)
        files.folder.mkdir(parents=True, exist_ok=True)
        if plan:
            write_json(files.folder / "plan.json", plan)
        ask(self.home, KINDS[kind], files, REQUESTS[kind], again=again)
        return files

    def load(self, run):
        return self.store.load(run)

    def attempt(self, run, number=None):
        return Attempt(self.home.attempt(run, number or self.load(run).attempt))

    def is_alive(self, run, number=None):
        """Whether the executor says so of an attempt."""
        return self.executor.is_alive(Job(run, str(self.attempt(run, number).folder)))

    def history(self, run):
        return self.attempt(run).history()

    def wait_until(self, condition):
        return wait_until(condition, tick=self.supervisor.tick)

    def wait(self, run, *statuses):
        self.wait_until(lambda: self.load(run).status in statuses)
        return self.load(run)

    def wait_over_retries(self, run):
        """Wait for the end; between two attempts the time passes quickly."""

        def is_ended():
            if self.load(run).status is Status.INTERRUPTED:
                self.pass_time(5)
            return self.load(run).status in ENDED

        self.wait_until(is_ended)
        return self.load(run)

    def wait_for_epochs(self, run, count, number=None):
        self.wait_until(lambda: len(self.attempt(run, number).history()) >= count)

    def is_waiting(self, run):
        return is_waiting(self.attempt(run))

    def wait_to_wait(self, run):
        self.wait_until(lambda: self.is_waiting(run))

    def pid(self, run):
        """What the worker said itself, once it had begun."""
        return int(read_journal(self.attempt(run).steps)[0]["text"].removeprefix("process "))

    def kill(self, run, number=signal.SIGKILL):
        """Send the worker a signal; a killed one is seen dead before this returns."""
        attempt = self.load(run).attempt
        os.kill(self.pid(run), number)
        if number == signal.SIGKILL:
            wait_until(lambda: not self.is_alive(run, attempt))

    def pass_time(self, seconds):
        """Let the supervisor look around while so much time passes on its clock."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 5)
            self.supervisor.tick()


def is_waiting(attempt):
    """Whether its worker waits where its plan says so."""
    return attempt.steps.exists() and b"waiting" in attempt.steps.read_bytes()


def stands_still(pid):
    """Whether a process was sent SIGSTOP."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
