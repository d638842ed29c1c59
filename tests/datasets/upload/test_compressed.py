import bz2
import gzip
import lzma
import shutil
from collections import namedtuple

import pytest

from cnnlab.datasets import limits
from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.upload import compressed
from cnnlab.datasets.upload.compressed import decompressed
from cnnlab.domain.errors import StorageError, UploadError
from tests.datasets.corpus.tars import tar_bytes
from tests.datasets.uploads import images, make_folder

COMPRESS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", COMPRESS)
def test_the_plain_file_is_there_while_it_is_needed(tmp_path, into, kind):
    content = tar_bytes(images(*(f"a/{number}.jpg" for number in range(2000))))
    path = tmp_path / f"photos.tar.{kind}"
    path.write_bytes(COMPRESS[kind](content))
    with decompressed(path, into) as plain:
        assert plain.read_bytes() == content
        assert plain.name == path.name
    assert list(into.iterdir()) == []


def test_what_is_not_compressed_is_left_as_it_is(tmp_path, into):
    (tmp_path / "a.tar").write_bytes(tar_bytes())
    for path in (tmp_path / "a.tar", tmp_path, tmp_path / "none"):
        with decompressed(path, into) as plain:
            assert plain == path


def test_many_processes_read_a_compressed_tar(tmp_path, into):
    files = images(*(f"{name}/{number}.jpg" for name in ("cat", "dog") for number in range(160)))
    (tmp_path / "a.tgz").write_bytes(gzip.compress(tar_bytes(files)))
    imported = import_images(tmp_path / "a.tgz", into, processes=2)
    assert imported.classes == {"cat": 160, "dog": 160}
    (tmp_path / "again").mkdir()
    again = import_images(make_folder(tmp_path / "b", files), tmp_path / "again", processes=1)
    assert again.content_hash == imported.content_hash
    assert not (into / "decompressed").exists()


def test_a_tar_in_many_streams_is_read_up_to_a_limit(tmp_path, into, monkeypatch):
    content = tar_bytes(images("cat/1.jpg", "dog/2.jpg"))
    parts = [content[start : start + 512] for start in range(0, len(content), 512)]
    (tmp_path / "a.tgz").write_bytes(b"".join(map(gzip.compress, parts)))
    with decompressed(tmp_path / "a.tgz", into) as plain:
        assert plain.read_bytes() == content
    monkeypatch.setattr(compressed, "_MAX_STREAMS", len(parts) - 1)
    with (
        pytest.raises(UploadError, match="can't be decompressed"),
        decompressed(tmp_path / "a.tgz", into),
    ):
        pass


def test_limits_hold_while_a_tar_is_decompressed(tmp_path, into, monkeypatch):
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(tar_bytes()))
    monkeypatch.setattr(limits, "MAX_TOTAL_BYTES", 5000)
    with pytest.raises(UploadError, match="CNNLAB_MAX_TOTAL_BYTES"), decompressed(path, into):
        pass
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(limits.MIN_FREE_BYTES - 1))
    monkeypatch.setattr(limits, "MAX_TOTAL_BYTES", 10**9)
    with pytest.raises(StorageError, match="too little room"), decompressed(path, into):
        pass
    assert list(into.iterdir()) == []


def test_a_full_disk_is_told(tmp_path, small_disk):
    noise = {f"a/{number}.jpg": bytes(range(256)) * 20 for number in range(600)}
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(tar_bytes(noise), 1))
    with (
        pytest.raises(StorageError, match="can't be decompressed|too little room"),
        decompressed(path, small_disk),
    ):
        pass
