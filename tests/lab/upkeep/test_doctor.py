"""What the doctor says of the database, and what it does about it."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register
from cnnlab.storage.home import open_home
from cnnlab.tracking.destination import Destination
from cnnlab.tracking.outbox import Outbox


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No supervisor, and nobody asks TensorFlow."""
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)
    monkeypatch.setattr("cnnlab.lab.upkeep.doctor._DEVICE_PROGRAM", "print('CPU')")


def test_a_sound_database_is_described(dataset, home):
    finding = lab.examine()["database"]
    assert finding.ok
    assert finding.found == f"SQLite, {home}/cnnlab.db: 1 datasets, 0 runs, 0 studies"


def test_a_damaged_database_is_named_with_the_way_out_and_nothing_else_is_wrong(home, dataset):
    run = lab.launch_run(RunConfig(dataset=dataset.id), name="mine")
    for file in home.glob("cnnlab.db*"):
        file.unlink()
    (home / "cnnlab.db").write_bytes(b"damaged" * 1000)
    with pytest.raises(StorageError, match="--rebuild-index"):
        lab.list_runs()
    findings = lab.examine()
    assert "`python -m cnnlab doctor --rebuild-index`" in findings["database"].found
    assert findings["home"].ok and findings["disk"].ok and findings["device"].ok
    found, kept = lab.rebuild_index()
    assert kept.read_bytes() == b"damaged" * 1000
    assert found.statuses == {"queued": 1}
    assert lab.list_runs() == [run]
    assert lab.load_dataset(dataset.id) == dataset
    assert lab.examine()["database"].ok


def test_folders_that_the_database_does_not_list_are_named(home, dataset):
    (home / "runs" / "20260101-000000-aaaa").mkdir()
    finding = lab.examine()["database"]
    assert not finding.ok
    assert "1 folders that it doesn't list (20260101-000000-aaaa)" in finding.found
    assert "--rebuild-index" in finding.advice


def test_all_that_a_user_did_is_known_after_a_rebuild(dataset):
    config = RunConfig(dataset=dataset.id)
    names = ("waits", "stopped", "resumed", "renamed", "deleted")
    runs = {name: lab.launch_run(config, name=name).id for name in names}
    lab.stop_run(runs["stopped"])
    lab.stop_run(runs["resumed"])
    lab.resume_run(runs["resumed"])
    lab.rename_run(runs["renamed"], "better")
    lab.stop_run(runs["deleted"])
    lab.delete_run(runs["deleted"])
    before = {run.id: run for run in lab.list_runs()}
    assert len(before) == 4
    lab.rebuild_index()
    after = {run.id: run for run in lab.list_runs()}
    assert after.keys() == before.keys()
    for run in after:
        for field in ("name", "status", "attempt", "message", "config", "created_at"):
            assert getattr(after[run], field) == getattr(before[run], field)
    assert after[runs["stopped"]].status is Status.STOPPED


def test_who_gets_in_is_told(home, monkeypatch):
    finding = lab.examine()["access"]
    assert finding.ok and finding.found == f"the token in {home}/token is asked for"
    (home / "token").chmod(0o644)
    finding = lab.examine()["access"]
    assert (finding.ok, "Others may have read it" in finding.advice) == (False, True)
    monkeypatch.setenv("CNNLAB_AUTH", "none")
    (home / "token").chmod(0o600)
    assert lab.examine()["access"].found.startswith("CNNLAB_AUTH=none: every account")
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    finding = lab.examine()["access"]
    assert (finding.ok, "won't start on 0.0.0.0" in finding.advice) == (False, True)
    with acting_as(LOCAL):  # as every command does
        monkeypatch.setenv("CNNLAB_AUTH", "password")
        finding = lab.examine()["access"]
        assert (finding.ok, "user add NAME" in finding.advice) == (False, True)
        register().accounts.add("Ada")
        finding = lab.examine()["access"]
        assert finding.ok and finding.found == "CNNLAB_AUTH=password: 1 account gets in"
        monkeypatch.setenv("CNNLAB_AUTH", "off")
        assert "must be token, none" in lab.examine()["access"].found


def test_the_doctor_says_what_waits_for_mlflow_and_why(home, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert "tracking" not in lab.examine()
    monkeypatch.setattr("cnnlab.lab.tracking.missing_client", lambda: "")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@mlflow.example.org/")
    place = Destination("https://mlflow.example.org")
    finding = lab.examine()["tracking"]
    assert finding.ok and finding.found == "runs are sent to https://mlflow.example.org, none waits"
    box = Outbox(open_home())
    for run in ("a", "b"):
        box.add(run, place.address, place.key)
    box.note_away(place.key, "the server refuses the connection")
    finding = lab.examine()["tracking"]
    assert not finding.ok
    assert finding.found == (
        "2 runs wait for https://mlflow.example.org: the server refuses the connection; they are "
        "sent when it is back."
    )
    monkeypatch.setattr("cnnlab.lab.tracking.missing_client", lambda: "pip install it")
    assert "`pip install it`" in lab.examine()["tracking"].advice
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "databricks")
    assert not lab.examine()["tracking"].ok
