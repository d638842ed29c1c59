"""How the bucket stands, what doctor and Machines say of it, and what comes back from there."""

import shutil
import sys

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError, DamagedError, NotFoundError
from cnnlab.domain.run import Status
from cnnlab.files import read_json
from cnnlab.lab.upkeep.bucket import Fetched, bucket_state, fetch_from_bucket, try_bucket
from cnnlab.lab.upkeep.doctor import examine
from cnnlab.lab.workplace import workplace
from cnnlab.storage.bucket.kept import HomeInBucket, Thing
from cnnlab.worker import node_check
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id, "image": {"size": 16}})
    return made_run(config, status=Status.FINISHED)


@pytest.fixture
def put(bucket, dataset, run):
    """All is in the bucket."""
    kept = HomeInBucket(workplace().home, bucket.address)
    kept.put(Thing("datasets", dataset.id))
    kept.put(Thing("runs", run.id, 1))
    return kept


def test_what_waits_is_counted(bucket, dataset, run):
    state = bucket_state()
    assert (state.things, state.waiting, state.problem) == (2, 2, "")
    HomeInBucket(workplace().home, bucket.address).put(Thing("datasets", dataset.id))
    assert bucket_state().waiting == 1
    assert state.place == bucket.address.place


def test_without_a_bucket_there_is_no_state_and_nothing_to_fetch(home, monkeypatch):
    monkeypatch.delenv("CNNLAB_STORAGE", raising=False)
    assert bucket_state() is None
    with pytest.raises(ConfigError, match="No bucket is named: set CNNLAB_STORAGE"):
        fetch_from_bucket()


def test_in_an_empty_home_all_comes_back_and_is_listed(put, dataset, run, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "another"))
    assert lab.list_datasets() == []
    found = fetch_from_bucket()
    assert (found.datasets, found.runs) == ((dataset.id,), (run.id,))
    assert [one.id for one in lab.list_datasets()] == [dataset.id]
    assert lab.load_run(run.id).best_epoch == run.best_epoch
    assert fetch_from_bucket() == Fetched((), (), 0, 0)


def test_one_file_that_is_missing_comes_back_where_it_is_asked_for(put, dataset):
    index = workplace().home.dataset(dataset.id) / "index.parquet"
    before = index.read_bytes()
    index.unlink()
    assert fetch_from_bucket().files == 0  # its folder is there
    assert fetch_from_bucket([dataset.id]) == Fetched((dataset.id,), (), 1, len(before))
    assert index.read_bytes() == before


def test_what_the_bucket_doesnt_have_is_told(put):
    with pytest.raises(NotFoundError, match="no whole dataset and no ended run 'x-0000'"):
        fetch_from_bucket(["x-0000"])


def test_a_damaged_one_is_told_and_its_folder_doesnt_appear(put, dataset, bucket):
    folder = workplace().home.dataset(dataset.id)
    shutil.rmtree(folder)
    bucket.write(f"default/datasets/{dataset.id}/index.parquet", b"damaged")
    with pytest.raises(DamagedError, match=r"index\.parquet isn't what was put there"):
        fetch_from_bucket([dataset.id])
    assert not folder.exists()


def test_what_was_deleted_doesnt_come_back_before_the_bucket_has_heard(put, dataset, run):
    lab.delete_run(run.id)
    lab.delete_dataset(dataset.id)
    assert dataset.id not in fetch_from_bucket().datasets
    with pytest.raises(NotFoundError, match=dataset.id):
        fetch_from_bucket([dataset.id])


def test_the_doctor_says_whether_it_can_be_used(put, bucket_server, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.upkeep.doctor._device", lambda: None)
    check = examine()["bucket"]
    assert check.ok and "all datasets and ended runs are there" in check.found
    bucket_server.refuses = lambda method, path: method == "PUT"
    check = examine()["bucket"]
    assert not check.ok and "allow that" in check.advice
    monkeypatch.delenv("CNNLAB_STORAGE")
    assert "bucket" not in examine()


def test_an_address_that_cant_be_taken_is_told_by_doctor_and_pages(home, monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://lab?colour=red")
    monkeypatch.setattr("cnnlab.lab.upkeep.doctor._device", lambda: None)
    assert "isn't known, 'colour'" in examine()["bucket"].found
    assert "isn't known, 'colour'" in try_bucket()
    with pytest.raises(ConfigError, match="colour"):
        lab.list_datasets()


def test_a_node_says_whether_it_can_read_it(bucket, bucket_server, tmp_path, monkeypatch):
    answer = tmp_path / "answer.json"
    monkeypatch.setattr(sys, "argv", ["node_check", str(answer)])

    def told():
        node_check.main()
        return read_json(answer)["bucket_problem"]

    bucket_server.refuses = lambda method, path: method in ("PUT", "POST")
    assert told() == ""  # to read is enough
    bucket_server.refuses = lambda method, path: True
    assert "allow that" in told()
