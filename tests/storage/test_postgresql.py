"""The whole lab on PostgreSQL, with a supervisor in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.lab.workplace import workplace
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(home, postgresql, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)
    monkeypatch.setenv("CNNLAB_DATABASE", postgresql[1])
    return workplace()


def test_all_of_a_users_work_is_in_the_named_database(place, home, upload):
    dataset = lab.import_dataset(upload, name="Shades")
    assert lab.import_dataset(upload, name="Shades") == dataset
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    lab.rename_run(run.id, "better")
    lab.stop_run(run.id)
    before = lab.list_runs()
    assert (before[0].name, before[0].status) == ("better", Status.STOPPED)
    assert not (home / "cnnlab.db").exists()
    found, kept = lab.rebuild_index()
    assert (len(found.datasets), found.statuses, kept) == (1, {"stopped": 1}, None)
    assert lab.list_datasets() == [dataset]
    assert [run.name for run in lab.list_runs()] == ["better"]
    lab.delete_run(run.id)
    lab.delete_dataset(dataset.id)
    assert lab.list_runs() == lab.list_datasets() == []


def test_a_supervisor_outlives_a_restart_of_the_server(place, home, postgresql_server):
    plan = {"epochs": 2, "accuracies": [0.5, 0.6], "waits_after": 1}
    place.runs.create(Run("a", "a", "d", {"plan": plan}, Status.QUEUED))
    command = [sys.executable, "-m", "tests.runner.light_supervisor", "--idle-seconds", "0.5"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as supervisor:
        wait_until(lambda: place.runs.load("a").last.get("epoch") == 1)
        postgresql_server.stop()
        try:
            with pytest.raises(StorageError, match="CNNLAB_DATABASE"):
                lab.load_run("a")
            (place.home.attempt("a", 1) / "STOP").touch()
        finally:
            postgresql_server.start()
        assert supervisor.wait(30) == 0
    run = place.runs.load("a")
    assert (run.status, run.attempt, run.sparkline) == (Status.STOPPED, 1, [0.5, 0.6])
