"""What CNNLAB_STORAGE may hold."""

from pathlib import Path

import pytest

from cnnlab.domain.errors import ConfigError
from cnnlab.storage.bucket.address import (
    BucketAddress,
    bucket_address,
    storage_folder,
    storage_words,
)
from cnnlab.storage.home import named_home


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "folder", "address"),
    [
        ("/mnt/lab", Path("/mnt/lab"), None),
        ("/mnt/a,b", Path("/mnt/a,b"), None),
        ("s3://lab", None, BucketAddress("lab")),
        ("/mnt/lab,s3://lab/a/b/", Path("/mnt/lab"), BucketAddress("lab", "a/b/")),
        (" /mnt/lab , S3://lab ", Path("/mnt/lab"), BucketAddress("lab")),
        (
            "s3://lab?region=eu-west-1",
            None,
            BucketAddress("lab", region="eu-west-1"),
        ),
        (
            "s3://lab/x?endpoint_override=http://10.0.0.7:9000/",
            None,
            BucketAddress("lab", "x/", "10.0.0.7:9000", "http"),
        ),
        (
            "s3://lab?endpoint_override=minio:9000&scheme=http",
            None,
            BucketAddress("lab", "", "minio:9000", "http"),
        ),
    ],
)
def test_a_folder_a_bucket_or_both_are_named(monkeypatch, text, folder, address):
    monkeypatch.setenv("CNNLAB_STORAGE", text)
    assert (storage_folder(), bucket_address()) == (folder, address)


def test_the_usual_variables_say_where_it_is(monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://lab")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://minio.example.org")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert bucket_address() == BucketAddress(
        "lab", "", "minio.example.org", "https", "eu-central-1"
    )


def test_what_another_process_is_told_means_the_same(monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "/mnt/lab,s3://lab/x?endpoint_override=http://[::1]:9000")
    folder, address = storage_folder(), bucket_address()
    monkeypatch.setenv("CNNLAB_STORAGE", storage_words(folder, address.url))
    assert (storage_folder(), bucket_address()) == (folder, address)
    assert storage_words(None, "") == ""


def test_a_bucket_alone_leaves_everything_else_in_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://lab")
    assert named_home().root == tmp_path / "home"
    assert not named_home().is_elsewhere


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://", "no name of a bucket"),
        ("s3://A_B", "no name of a bucket"),
        ("s3://lab/../x", "may have letters"),
        ("s3://lab/a//b", "may have letters"),
        ("s3://lab?colour=red", "isn't known, 'colour'"),
        ("s3://lab?scheme=ftp", "endpoint of the bucket can't be taken"),
        ("s3://lab?endpoint_override=a b", "endpoint of the bucket can't be taken"),
        ("s3://lab?region=EU!", "region can't be taken"),
        ("s3://[::1/x", "holds no address of a bucket"),
    ],
)
def test_what_is_no_address_is_told_in_a_sentence(monkeypatch, text, told):
    monkeypatch.setenv("CNNLAB_STORAGE", text)
    with pytest.raises(ConfigError, match=told):
        bucket_address()


def test_a_key_within_the_address_is_refused_and_not_repeated(monkeypatch):
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://AKIA:hunter2@lab/x")
    with pytest.raises(ConfigError, match="AWS_SECRET_ACCESS_KEY") as caught:
        bucket_address()
    assert "hunter2" not in str(caught.value)
