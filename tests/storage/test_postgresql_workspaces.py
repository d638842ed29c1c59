"""Workspaces on PostgreSQL: a schema for each, served by one supervisor in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from cnnlab import lab
from cnnlab.domain.people.workspace import Quota
from cnnlab.domain.run import Run, Status
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.workplace import workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.index.rebuild import open_index, rebuild_index
from cnnlab.storage.runs.store import RunStore
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def others(home, postgresql, monkeypatch):
    """Ids of two workspaces beside the default."""
    monkeypatch.setenv("CNNLAB_DATABASE", postgresql[1])
    return [register().workspaces.add(title).id for title in ("Class", "Lab")]


def add(name, **plan):
    config = {"plan": {"epochs": 2, **plan}, "training": {"device": "auto", "epochs": 2}}
    workplace().runs.create(Run(name, name, "d", config, Status.QUEUED, created_at=name))


def test_each_workspace_has_a_schema_and_sees_its_own_runs(others, postgresql):
    add("1")
    for other in others:
        with acting_as(local_in(other)):
            add(f"of {other}")
            assert [run.id for run in lab.list_runs()] == [f"of {other}"]
    assert [run.id for run in lab.list_runs()] == ["1"]
    engine = create_engine(postgresql[1])
    schemas = set(inspect(engine).get_schema_names())
    engine.dispose()
    assert {"cnnlab_people", *(f"cnnlab_{other}" for other in others)} <= schemas


def test_the_index_of_one_is_made_again_and_the_others_stay(others):
    add("1")
    with acting_as(local_in(others[0])):
        add("a")
        home = workplace().home
        found, _ = rebuild_index(home)
        assert [run.id for run in found.runs] == ["a"]
        engine = open_index(home)
        assert [run.id for run in RunStore(engine).list()] == ["a"]
        engine.dispose()
    assert [run.id for run in lab.list_runs()] == ["1"]


def test_one_supervisor_serves_all_schemas_and_keeps_the_quotas(others, home):
    register().workspaces.set_quota(others[0], Quota(running_runs=1))
    for other in others:
        with acting_as(local_in(other)):
            for name in "12":
                add(name, waits_after=0)
    command = [sys.executable, "-m", "tests.runner.light_supervisor", "--slots", "4"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as supervisor:
        try:
            wait_until(lambda: [statuses(other) for other in others] == [
                {"1": "running", "2": "queued"}, {"1": "running", "2": "running"}])  # fmt: skip
            place = [one.words for one in _places(others[0]).values()]
            assert "Next in the queue" in place[0]  # behind the one run that may train at a time
            for other in others:
                with acting_as(local_in(other)):
                    for name in "12":
                        lab.stop_run(name)
                    ensure_supervisor(workplace().home)
            wait_until(lambda: all(
                status in ("stopped", "finished")
                for other in others for status in statuses(other).values()))  # fmt: skip
        finally:
            supervisor.kill()


def _places(other):
    with acting_as(local_in(other)):
        return lab.queue_places()


def statuses(other):
    with acting_as(local_in(other)):
        return {run.id: str(run.status) for run in workplace().runs.list()}
