"""Where a worker reads a dataset: its node's own copy, the home, or what the bucket still has."""

import shutil
import sys

import pytest

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import OutOfReachError, StorageError
from cnnlab.lab.workplace import workplace
from cnnlab.storage.bucket import cache
from cnnlab.storage.bucket.kept import HomeInBucket, Thing
from cnnlab.worker.data import load_data
from cnnlab.worker.process.homes import dataset_folder
from cnnlab.worker.process.on_node import ON_NODE
from tests.worker.test_data import Silence


@pytest.fixture
def place(bucket, dataset, tmp_path, monkeypatch):
    """The home, whose dataset is in the bucket too."""
    monkeypatch.setenv("CNNLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_held", {})
    home = workplace().home
    HomeInBucket(home, bucket.address).put(Thing("datasets", dataset.id))
    return home


@pytest.fixture
def on_node(monkeypatch):
    monkeypatch.setattr(sys, "argv", [*sys.argv, ON_NODE])


def then_stop():
    """TensorFlow is loaded after the images are prepared, and here not at all."""
    raise LookupError


def test_a_node_reads_its_own_copy_and_prepares_the_images_there(
    place, dataset, on_node, bucket_server
):
    bucket_server.forget()
    config = load_config({"dataset": dataset.id, "image": {"size": 16}})
    with pytest.raises(LookupError):
        load_data(config, Silence(), then_stop)
    copy = dataset_folder(place, dataset.id)
    assert copy.is_relative_to(cache.cache_folder())
    assert (copy / "prepared").is_dir()
    assert not (place.dataset(dataset.id) / "prepared").exists()
    assert len(bucket_server.got("manifest")) == 1


def test_the_apps_machine_reads_its_home_and_asks_nobody(place, dataset, bucket_server):
    bucket_server.forget()
    assert dataset_folder(place, dataset.id) == place.dataset(dataset.id)
    assert bucket_server.asked == []


def test_what_is_gone_in_the_home_is_fetched(place, dataset):
    shutil.rmtree(place.dataset(dataset.id))
    assert len(ImageIndex(dataset_folder(place, dataset.id))) == 48


def test_while_the_bucket_is_away_a_node_reads_the_storage_that_all_see(
    place, dataset, on_node, bucket_server, caplog
):
    bucket_server.breaks = lambda method, path: True
    assert dataset_folder(place, dataset.id) == place.dataset(dataset.id)
    assert "can't be reached" in caplog.text


def test_where_neither_has_it_that_is_told(place, dataset, on_node, bucket_server):
    shutil.rmtree(place.dataset(dataset.id))
    bucket_server.breaks = lambda method, path: True
    with pytest.raises(OutOfReachError, match="can't be reached"):
        dataset_folder(place, dataset.id)
    bucket_server.forget()
    shutil.rmtree(cache.cache_folder(), ignore_errors=True)
    with pytest.raises(StorageError):
        ImageIndex(dataset_folder(place, "nothing-0000"))


def test_one_that_isnt_there_yet_is_read_at_the_storage(place, dataset, on_node, bucket):
    bucket.delete(f"default/datasets/{dataset.id}/")
    assert dataset_folder(place, dataset.id) == place.dataset(dataset.id)


def test_without_room_for_the_images_on_a_nodes_disk_the_storage_takes_them(
    place, dataset, on_node, small_disk, monkeypatch, caplog
):
    monkeypatch.setenv("CNNLAB_CACHE", str(small_disk))
    config = load_config({"dataset": dataset.id, "image": {"size": 256}})  # 9 MB
    with pytest.raises(LookupError):
        load_data(config, Silence(), then_stop)
    assert "the images are prepared at" in caplog.text
    assert (place.dataset(dataset.id) / "prepared").is_dir()
    assert list(small_disk.rglob("images.npy*")) == []
