"""Parcels in a bucket: whole or not there, and the same to the bit."""

import json
import os

import pytest

from cnnlab.domain.errors import DamagedError, NotFoundError, OutOfReachError, StorageError
from cnnlab.storage.bucket.address import BucketAddress
from cnnlab.storage.bucket.objects import Bucket
from cnnlab.storage.bucket.parcels import (
    MANIFEST,
    fetch_parcel,
    put_parcel,
    read_manifest,
)

KEY = "default/datasets/d1/"
LARGE = 3 * 2**20 + 5


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "source"
    (folder / "inner").mkdir(parents=True)
    (folder / "index.parquet").write_bytes(b"index")
    (folder / "inner" / "pack").write_bytes(os.urandom(LARGE))
    return {
        "index.parquet": folder / "index.parquet",
        "inner/pack": folder / "inner" / "pack",
        "lock": None,
    }


def fetch(bucket, folder):
    fetch_parcel(bucket, KEY, read_manifest(bucket, KEY), folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def contents(files):
    return {name: path.read_bytes() if path else b"" for name, path in files.items()}


def test_what_is_put_comes_out_the_same(bucket, files, tmp_path):
    seen = []
    put_parcel(bucket, KEY, files, seen.append)
    assert sum(seen) == LARGE + 5
    assert fetch(bucket, tmp_path / "there") == contents(files)


def test_it_isnt_there_before_its_manifest_which_is_written_last(
    bucket, bucket_server, files, tmp_path
):
    bucket_server.breaks = lambda method, path: method == "PUT" and MANIFEST in path
    with pytest.raises(StorageError):
        put_parcel(bucket, KEY, files)
    assert len(bucket.sizes(KEY)) == 3
    with pytest.raises(NotFoundError, match="isn't there"):
        read_manifest(bucket, KEY)
    bucket_server.forget()
    put_parcel(bucket, KEY, files)
    sent = [path for method, path in bucket_server.asked if method in ("PUT", "POST")]
    assert not any("pack" in path for path in sent)  # it lay there in full length
    assert fetch(bucket, tmp_path / "there") == contents(files)


def test_what_broke_off_within_a_file_is_sent_again(bucket, files, tmp_path):
    bucket.write(KEY + "inner/pack", b"half of it")
    bucket.write(KEY + "left", b"of another one")
    put_parcel(bucket, KEY, files)
    assert fetch(bucket, tmp_path / "there") == contents(files)
    assert KEY + "left" not in bucket.sizes(KEY)


def test_another_parcel_in_its_place_is_never_half_of_both(bucket, bucket_server, files, tmp_path):
    put_parcel(bucket, KEY, files)
    files["index.parquet"].write_bytes(b"other")
    bucket_server.breaks = lambda method, path: method == "PUT" and "index" in path
    with pytest.raises(StorageError):
        put_parcel(bucket, KEY, files)
    with pytest.raises(NotFoundError):
        read_manifest(bucket, KEY)


@pytest.mark.parametrize("content", [b"", b"x" * LARGE, b"x" * (LARGE + 1)])
def test_a_damaged_object_is_told_by_name(bucket, files, tmp_path, content):
    put_parcel(bucket, KEY, files)
    bucket.write(KEY + "inner/pack", content)
    with pytest.raises(DamagedError, match="inner/pack isn't what was put there"):
        fetch(bucket, tmp_path / "there")
    assert not (tmp_path / "there" / "inner" / "pack").exists()


def test_an_object_that_is_gone_is_told_by_name(bucket, files, tmp_path):
    put_parcel(bucket, KEY, files)
    bucket.delete_one(KEY + "index.parquet")
    with pytest.raises(DamagedError, match=r"index\.parquet isn't what"):
        fetch(bucket, tmp_path / "there")


def test_files_of_an_earlier_try_stay_only_if_they_are_right(
    bucket, bucket_server, files, tmp_path
):
    put_parcel(bucket, KEY, files)
    there = tmp_path / "there"
    (there / "inner").mkdir(parents=True)
    (there / "inner" / "pack").write_bytes(files["inner/pack"].read_bytes())
    (there / "index.parquet").write_bytes(b"wrong")
    bucket_server.forget()
    assert fetch(bucket, there) == contents(files)
    assert bucket_server.got("index") and not bucket_server.got("pack")


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{",
        json.dumps({"version": 2, "files": {}}).encode(),
        json.dumps({"version": 1, "files": {"a": {"bytes": -1, "sha256": "0" * 64}}}).encode(),
        json.dumps({"version": 1, "files": {"a": {"bytes": 1, "sha256": "x"}}}).encode(),
        *(
            json.dumps({"version": 1, "files": {name: {"bytes": 1, "sha256": "0" * 64}}}).encode()
            for name in ("../a", "/etc/passwd", "a/../../b", "a//b", "", "a\\b", "a\0b")
        ),
    ],
)
def test_a_manifest_that_isnt_ours_is_refused(bucket, content):
    bucket.write(KEY + MANIFEST, content)
    with pytest.raises(DamagedError, match="isn't a manifest of this version"):
        read_manifest(bucket, KEY)


def test_a_full_disk_is_told_and_leaves_no_half_file(bucket, files, small_disk):
    put_parcel(bucket, KEY, files)
    parts = read_manifest(bucket, KEY)
    there = small_disk / "there"
    with pytest.raises(StorageError, match="disk is full"):
        fetch_parcel(bucket, KEY, parts, there)
    assert not (there / "inner" / "pack").exists()


def test_deleting_leaves_nothing_and_may_be_repeated(bucket, files):
    put_parcel(bucket, KEY, files)
    put_parcel(bucket, "default/datasets/d11/", files)
    bucket.delete(KEY)
    bucket.delete(KEY)
    assert bucket.sizes(KEY) == {}
    assert bucket.sizes("default/datasets/d11/")


def test_a_bucket_that_isnt_there_is_told(bucket, bucket_server, files):
    away = Bucket(
        BucketAddress("no-such-one", "lab/", bucket.address.endpoint, bucket.address.scheme)
    )
    for ask in (away.see, lambda: put_parcel(away, KEY, files)):
        with pytest.raises(StorageError, match="There is no bucket no-such-one at http"):
            ask()


def test_an_endpoint_without_anybody_is_told(bucket, files):
    away = Bucket(BucketAddress("lab", "", "127.0.0.1:1", "http"))
    with pytest.raises(OutOfReachError, match=r"http://127.0.0.1:1 can't be reached"):
        away.see()


def test_the_wrong_scheme_is_told(bucket):
    away = Bucket(BucketAddress("lab", "", bucket.address.endpoint, "https"))
    with pytest.raises(OutOfReachError, match="SSL connect error"):
        away.see()


def test_a_bucket_that_can_only_be_read_is_told(bucket, bucket_server, files):
    put_parcel(bucket, KEY, files)
    bucket_server.refuses = lambda method, path: method in ("PUT", "POST", "DELETE")
    with pytest.raises(StorageError, match="can't be written: the keys in AWS_ACCESS_KEY_ID"):
        put_parcel(bucket, KEY, files)
    bucket.see()


def test_missing_keys_are_told(bucket, bucket_server, monkeypatch, tmp_path):
    bucket_server.refuses = lambda method, path: True
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StorageError, match="no keys were found"):
        Bucket(bucket.address).see()


def test_what_is_there_is_told_by_its_name(bucket):
    bucket.write("default/runs/r1/a", b"abc")
    assert bucket.sizes("default/runs/") == {"default/runs/r1/a": 3}
