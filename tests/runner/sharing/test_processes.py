"""Workspaces with real processes: supervisors are killed, workers go from one to another."""

import os
import signal

import pytest

from cnnlab import lab
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.run import Run, Status
from cnnlab.files import is_locked
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.export import KIND, ExportRequest
from cnnlab.jobs.state import read_state
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.access.workspaces import delete_workspace
from cnnlab.runner.wake_up import call_of, wake_up
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import read_journal
from cnnlab.storage.home import open_home
from cnnlab.storage.index.rebuild import open_index
from cnnlab.storage.runs.store import RunStore
from tests.runner.light_worker import whole_history
from tests.runner.place import is_waiting
from tests.runner.sharing.held import A, B
from tests.waiting import wait_until


class Desk:
    """A workspace as its users see it."""

    def __init__(self, root, workspace):
        self.home = open_home(root, workspace)
        self.engine = open_index(self.home)
        self.store = RunStore(self.engine, self.home)

    def add(self, run, **plan):
        config = {"plan": {"epochs": 3, **plan}, "training": {"device": "auto"}}
        self.store.create(Run(run, run, "d", config, Status.QUEUED, created_at=run))
        self.call()

    def call(self):
        wake_up(self.home.supervisor_pipe, call_of(self.home))

    def attempt(self, run="1"):
        return Attempt(self.home.attempt(run, self.store.load(run).attempt))

    def wait(self, *statuses, run="1"):
        wait_until(lambda: self.store.load(run).status in statuses)

    def pid(self, run="1"):
        return int(read_journal(self.attempt(run).steps)[0]["text"].removeprefix("process "))


@pytest.fixture
def desks(home):
    made = [Desk(home, workspace) for workspace in ("default", A, B)]
    yield made
    for desk in made:
        desk.engine.dispose()


def test_a_killed_supervisor_is_replaced_and_all_workspaces_keep_their_workers(
    desks, start_supervisor
):
    for desk in desks:
        desk.add("1", waits_after=1)
    first = start_supervisor("--slots", 3)
    wait_until(lambda: all(is_waiting(desk.attempt()) for desk in desks))
    pids = [desk.pid() for desk in desks]
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    start_supervisor("--slots", 3)
    wait_until(lambda: is_locked(desks[0].home.supervisor_lock))
    desks[0].attempt().ask_to_stop()
    os.kill(desks[1].pid(), signal.SIGKILL)  # it begins again, and goes on from its checkpoint
    desks[0].wait(Status.STOPPED)
    desks[1].wait(Status.FINISHED)
    assert desks[1].store.load("1").attempt == 2
    assert desks[1].attempt().history() == whole_history(3)
    assert desks[2].pid() == pids[2] and desks[2].store.load("1").attempt == 1
    desks[2].attempt().ask_to_stop()
    desks[2].wait(Status.STOPPED)
    assert desks[2].attempt().history() == whole_history(2)


def test_one_supervisor_serves_whatever_workspace_somebody_launches_in(desks, start_supervisor):
    started = [start_supervisor("--slots", 2) for _ in range(2)]
    wait_until(lambda: sum(process.poll() == 0 for process in started) == 1)
    for desk in desks:
        for run in "12":
            desk.add(run)
    for desk in desks:
        for run in "12":
            desk.wait(Status.FINISHED, run=run)
            assert desk.attempt(run).history() == whole_history(3)
    assert not list(desks[0].home.workspaces.glob("*/supervisor.*"))


def test_a_worker_that_waits_works_in_the_home_of_each_job_that_it_is_given(
    desks, start_supervisor, monkeypatch
):
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "1")
    start_supervisor()
    folders = [job_folder(desk.home, KIND, "a") for desk in desks]
    for desk, files in zip(desks, folders, strict=True):
        ask(desk.home, KIND, files, ExportRequest("a", 1, "keras"))
        desk.call()
    wait_until(lambda: all(read_state(KIND, files).is_ready for files in folders))
    assert [(files.folder / "workspace").read_text() for files in folders] == ["default", A, B]
    pids = {(files.folder / "tries").read_text() for files in folders}
    assert len(pids) < 3  # one of them at least did two


def test_a_workspace_is_deleted_once_its_runs_were_stopped(home, start_supervisor):
    made = register().workspaces.add("Class")
    desk, default = Desk(home, made.id), Desk(home, "default")
    start_supervisor()
    wait_until(lambda: is_locked(desk.home.supervisor_lock))
    desk.add("1", waits_after=0)
    desk.add("2")
    wait_until(lambda: is_waiting(desk.attempt()))
    with pytest.raises(RunStateError, match="2 runs of the workspace 'Class' train or wait"):
        delete_workspace(made.id)
    with acting_as(local_in(made.id)):
        lab.cancel_waiting("2")
        lab.stop_run("1")
    desk.wait(Status.STOPPED)
    assert desk.store.load("2").status is Status.STOPPED
    delete_workspace(made.id)
    assert not desk.home.root.exists()
    default.add("1")
    default.wait(Status.FINISHED)
    assert not desk.home.root.exists()
    for each in (desk, default):
        each.engine.dispose()
