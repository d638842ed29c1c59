"""A machine's own copies of datasets: fetched once, whole, and as many as the limit allows."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cnnlab.domain.errors import DiskFullError, NotFoundError, OutOfReachError
from cnnlab.storage.bucket import cache
from cnnlab.storage.bucket.cache import cache_folder, cached_dataset
from cnnlab.storage.bucket.parcels import MANIFEST, put_parcel
from tests.waiting import wait_until

PACK_BYTES = 3 * 2**20


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_CACHE", str(tmp_path / "cache"))
    yield cache_folder()
    end_of_process()


def end_of_process():
    """What the kernel does."""
    while cache._held:
        os.close(cache._held.popitem()[1])


@pytest.fixture
def put(bucket, tmp_path):
    def put_dataset(name, size=PACK_BYTES):
        pack = tmp_path / f"{name}.pack"
        pack.write_bytes(os.urandom(size))
        index = tmp_path / f"{name}.index"
        index.write_bytes(b"index")
        put_parcel(bucket, key(name), {"index.parquet": index, "pack": pack, "z": index})
        return pack.read_bytes()

    return put_dataset


def key(name):
    return f"default/datasets/{name}/"


def filling(name):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.bucket.filling", key(name)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def whole(folder):
    return sorted(path.name[:2] for path in folder.iterdir() if path.is_dir())


def test_a_dataset_is_fetched_once_and_then_nobody_is_asked(bucket, bucket_server, put):
    content = put("d1")
    there = cached_dataset(bucket, key("d1"))
    assert (there / "pack").read_bytes() == content
    end_of_process()
    bucket_server.breaks = lambda method, path: True
    assert cached_dataset(bucket, key("d1")) == there


def test_several_processes_that_ask_at_once_fetch_it_once(bucket_server, put):
    put("d1")
    bucket_server.forget()
    processes = [filling("d1") for _ in range(3)]
    places = {process.communicate(timeout=200)[0] for process in processes}
    assert len(places) == 1 and Path(places.pop(), "pack").stat().st_size == PACK_BYTES
    assert len(bucket_server.got(MANIFEST)) == 1


def test_where_one_is_killed_in_the_middle_another_goes_on(bucket, bucket_server, put, folder):
    content = put("d1")
    reached, go = threading.Event(), threading.Event()

    def hold(method, path):
        if path.endswith("/z") and method == "GET":
            reached.set()
            go.wait(100)
        return False

    bucket_server.breaks = hold
    process = filling("d1")
    assert reached.wait(100)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=100)
    go.set()
    assert whole(folder) == ["d1"] and next(folder.glob("*.part")).is_dir()
    bucket_server.forget()
    there = cached_dataset(bucket, key("d1"))
    assert (there / "pack").read_bytes() == content
    assert not bucket_server.got("pack")  # it was there in full
    assert not list(folder.glob("*.part"))


def test_one_that_waits_goes_on_where_the_first_is_killed(bucket_server, put):
    put("d1")
    reached, go = threading.Event(), threading.Event()

    def hold(method, path):
        if path.endswith("/z") and method == "GET" and not reached.is_set():
            reached.set()
            go.wait(100)
        return False

    bucket_server.breaks = hold
    first = filling("d1")
    assert reached.wait(100)
    second = filling("d1")
    os.kill(first.pid, signal.SIGKILL)
    first.communicate(timeout=100)
    go.set()
    place, _ = second.communicate(timeout=200)
    assert Path(place, "pack").stat().st_size == PACK_BYTES


def test_one_that_waits_for_another_says_so(bucket, put, folder):
    put("a")
    there = cached_dataset(bucket, key("a"))
    end_of_process()
    other = os.open(cache._lock_of(there), os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    told = []

    def end_of_other(count):
        told.append(count)
        fcntl.flock(other, fcntl.LOCK_UN)

    assert cached_dataset(bucket, key("a"), end_of_other) == there
    os.close(other)
    assert told == [0]


def test_what_was_used_longest_ago_makes_room(bucket, put, folder, monkeypatch):
    monkeypatch.setenv("CNNLAB_CACHE_GB", str(2.5 * PACK_BYTES / 1e9))
    for name in ("d1", "d2", "d3"):
        put(name)
    for moment, name in enumerate(("d1", "d2", "d1")):
        cached_dataset(bucket, key(name))
        lock = next(folder.glob(f"{name}-*.lock"))
        os.utime(lock, (moment, moment))
    end_of_process()
    cached_dataset(bucket, key("d3"))
    assert whole(folder) == ["d1", "d3"]


def test_what_is_being_used_stays_whatever_the_limit(bucket, put, folder, monkeypatch):
    monkeypatch.setenv("CNNLAB_CACHE_GB", "0")
    put("d1")
    put("d2")
    cached_dataset(bucket, key("d1"))
    cached_dataset(bucket, key("d2"))
    assert whole(folder) == ["d1", "d2"]


def test_without_room_on_the_disk_it_is_told_and_nothing_is_left(
    bucket, put, small_disk, monkeypatch
):
    monkeypatch.setenv("CNNLAB_CACHE", str(small_disk))
    put("d1")
    with pytest.raises(DiskFullError, match="CNNLAB_CACHE to a folder of a larger disk"):
        cached_dataset(bucket, key("d1"))
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda folder: Room)
    with pytest.raises(DiskFullError):  # somebody else filled it meanwhile
        cached_dataset(bucket, key("d1"))
    assert not [path for path in cache_folder().iterdir() if path.is_dir()]


class Room:
    free = 10**12


def test_what_the_bucket_doesnt_have_is_told(bucket, folder):
    with pytest.raises(NotFoundError, match="isn't there"):
        cached_dataset(bucket, key("d1"))
    assert whole(folder) == []


def test_a_network_that_breaks_off_is_told_and_the_next_try_goes_on(bucket, bucket_server, put):
    content = put("d1")
    bucket_server.breaks = lambda method, path: path.endswith("/z")
    with pytest.raises(OutOfReachError):
        cached_dataset(bucket, key("d1"))
    bucket_server.forget()
    assert (cached_dataset(bucket, key("d1")) / "pack").read_bytes() == content
    assert not bucket_server.got("pack")


def test_threads_of_a_process_fetch_it_once(bucket, bucket_server, put):
    put("d1")
    bucket_server.forget()
    threads = [threading.Thread(target=cached_dataset, args=(bucket, key("d1"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: len(bucket_server.got(MANIFEST)) == 1)
