"""Uploads that lie about their length, and many at once, on a disk of 2 MB."""

import os
import shutil

import pytest

from cnnlab import lab
from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.lab.workplace import workplace
from cnnlab.storage.space import incoming

CHUNK = b"x" * 100_000
RESERVE_BYTES = 500_000


@pytest.fixture
def disk(small_disk, home, monkeypatch):
    monkeypatch.setenv("CNNLAB_HOME", str(small_disk / "home"))
    monkeypatch.setattr(incoming, "RESERVE_BYTES", RESERVE_BYTES)
    yield small_disk
    workplace().runs._engine.dispose()


def _send_all(token, chunk=CHUNK, chunks=30):
    """What a client does that sends on whatever it has said; how much of it was taken."""
    have = 0
    try:
        for _ in range(chunks):
            have = lab.append_chunk(token, have, chunk)
    except (StorageError, UploadError) as error:
        return have, str(error)
    return have, ""


@pytest.mark.parametrize("said", [1, 99_999, 250_000])
def test_an_upload_brings_no_more_than_it_said(disk, said):
    token = lab.begin_upload("a.zip", said)
    have, problem = _send_all(token)
    assert have == said // len(CHUNK) * len(CHUNK)
    assert f"more than the {said:,} bytes that it said" in problem
    assert shutil.disk_usage(disk).free > RESERVE_BYTES


def test_a_chunk_may_not_take_what_an_upload_must_leave(disk):
    token = lab.begin_upload("a.zip", 400_000)
    (disk / "something else").write_bytes(bytes(1_200_000))
    _, problem = _send_all(token)
    assert f"disk is full at {workplace().home.uploads / token}" in problem
    page = 4096  # what a file ends in the middle of is taken whole
    assert shutil.disk_usage(disk).free >= RESERVE_BYTES - page
    (disk / "something else").unlink()
    have = lab.append_chunk(token, 0, b"")
    while have < 400_000:
        have = lab.append_chunk(token, have, CHUNK[: 400_000 - have])


def test_uploads_under_way_are_counted_together(disk):
    first = lab.begin_upload("a.zip", 400_000)
    with pytest.raises(StorageError, match=r"781\u00a0KiB of it for other uploads under way"):
        lab.begin_upload("b.zip", 400_000)
    (file,) = workplace().home.uploads.glob(f"{first}/file/*")
    os.utime(file, (0, 0))  # its browser has gone long ago
    second = lab.begin_upload("b.zip", 400_000)
    with pytest.raises(StorageError):
        lab.begin_upload("c.zip", 400_000)
    shutil.rmtree(workplace().home.uploads / second)
    lab.begin_upload("c.zip", 400_000)


def test_an_upload_that_nobody_began_with_a_size_takes_nothing(disk):
    token = lab.begin_upload("a.zip", 10)
    shutil.rmtree(workplace().home.uploads / token / "sizes")
    with pytest.raises(UploadError):
        lab.append_chunk(token, 0, b"x")
