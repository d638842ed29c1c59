"""What a worker puts into the bucket and deletes there; what fails is told, and tried again."""

import shutil

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import OutOfReachError, StorageError
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.keep import KIND, KeepRequest, KeptInBucket
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.bucket.kept import HomeInBucket, Thing
from cnnlab.storage.runs import store
from cnnlab.worker.keeping import keep_in_bucket
from tests.made_runs import made_run, no_supervisor
from tests.worker.conftest import do


@pytest.fixture
def run(dataset, monkeypatch):
    """The id of a finished run."""
    no_supervisor(monkeypatch)
    config = {"dataset": dataset.id, "image": {"size": 16}, "training": {"epochs": 3}}
    return made_run(load_config(config), status=Status.FINISHED)


def keep():
    files = job_folder(workplace().home, KIND, "bucket")
    files.folder.mkdir(parents=True, exist_ok=True)
    return do(keep_in_bucket, KeepRequest(), files)


def kept(bucket):
    return HomeInBucket(workplace().home, bucket.address)


def test_datasets_and_ended_runs_are_put_there_once(bucket, dataset, run, bucket_server):
    assert keep() == KeptInBucket(put=2, deleted=0)
    assert {thing.id for thing in kept(bucket).there()} == {dataset.id, run.id}
    bucket_server.forget()
    assert keep() == KeptInBucket(put=0, deleted=0)
    assert bucket_server.asked == []


def test_a_run_that_trains_isnt_put_there(bucket, dataset, monkeypatch):
    no_supervisor(monkeypatch)
    made_run(load_config({"dataset": dataset.id}), status=Status.RUNNING)
    keep()
    assert [thing.part for thing in kept(bucket).there()] == ["datasets"]


def test_a_finished_run_comes_back_whole_where_its_folder_is_gone(bucket, run):
    keep()
    home = workplace().home
    before = Attempt(home.attempt(run.id, 1)).history()
    names = sorted(path.name for path in home.attempt(run.id, 1).iterdir())
    shutil.rmtree(home.runs / run.id)
    kept(bucket).fetch_missing(Thing("runs", run.id, 1))
    there = {path.name for path in home.attempt(run.id, 1).iterdir()}
    assert there >= {name for name in names if name != "heartbeat"}
    assert Attempt(home.attempt(run.id, 1)).history() == before


def test_what_was_deleted_here_is_deleted_there(bucket, dataset, run):
    keep()
    lab.delete_run(run.id)
    assert keep() == KeptInBucket(put=0, deleted=1)
    assert [thing.id for thing in kept(bucket).there()] == [dataset.id]


def test_a_deletion_is_noted_before_it_is_done(bucket, run, monkeypatch):
    def end(*_):
        raise OSError("the power is gone")

    keep()
    monkeypatch.setattr(store, "delete_row", end)
    with pytest.raises(OSError, match="power"):
        lab.delete_run(run.id)
    assert [thing.id for thing in kept(bucket).deleted()] == [run.id]


def test_what_fails_is_told_and_the_rest_is_put_there(bucket, bucket_server, dataset, run):
    bucket_server.refuses = lambda method, path: dataset.id in path and method != "GET"
    with pytest.raises(StorageError, match="don't allow that"):
        keep()
    assert "allow that" in kept(bucket).problem
    assert [thing.id for thing in kept(bucket).there()] == [run.id]
    bucket_server.forget()
    assert keep() == KeptInBucket(put=1, deleted=0)
    assert kept(bucket).problem == ""


def test_a_bucket_that_is_away_is_told_at_once(bucket, bucket_server, dataset, run):
    bucket_server.forget()
    bucket_server.breaks = lambda method, path: True
    with pytest.raises(OutOfReachError, match="can't be reached"):
        keep()
    assert not [path for method, path in bucket_server.asked if method in ("PUT", "POST")]


def test_folders_that_are_missing_here_are_in_nobodys_way(bucket, run, dataset):
    config = load_config({"dataset": dataset.id})
    lost = [made_run(config, status=Status.FINISHED) for _ in range(4)]
    for one in lost:
        shutil.rmtree(workplace().home.runs / one.id)
    with pytest.raises(StorageError, match="isn't there"):
        keep()
    assert {thing.id for thing in kept(bucket).there()} == {dataset.id, run.id}


def test_without_a_bucket_nothing_is_done(dataset, monkeypatch):
    monkeypatch.delenv("CNNLAB_STORAGE", raising=False)
    assert keep() == KeptInBucket(0, 0)
