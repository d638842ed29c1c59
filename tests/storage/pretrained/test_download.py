"""The download of ImageNet weights: the right file or a sentence that says how to bring it."""

import dataclasses
import functools
import hashlib
import http.server
import threading

import pytest

from cnnlab.domain.errors import CancelledError, WeightsError
from cnnlab.storage.pretrained import download as downloads
from cnnlab.storage.pretrained.download import download
from cnnlab.storage.pretrained.imagenet import IMAGENET_FILES

CONTENT = b"weights" * 1000


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture
def source(tmp_path):
    """A source whose file lies on a server of this machine."""
    folder = tmp_path / "served"
    folder.mkdir()
    known = IMAGENET_FILES["mobilenet_v3_small"]
    (folder / known.file).write_bytes(CONTENT)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield dataclasses.replace(
            known,
            address=f"http://127.0.0.1:{server.server_port}/",
            checksum=hashlib.md5(CONTENT).hexdigest(),
        )
        server.shutdown()
        thread.join()


def test_the_file_is_taken(source, tmp_path):
    target = tmp_path / "taken.h5"
    download(source, target)
    assert target.read_bytes() == CONTENT


def test_each_piece_that_comes_is_told_and_may_be_the_last(source, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "_PIECE_BYTES", 1000)
    told = []
    download(source, tmp_path / "taken.h5", lambda: told.append(len(told)))
    assert len(told) >= 7

    def unwanted():
        raise CancelledError("not wanted")

    with pytest.raises(CancelledError):
        download(source, tmp_path / "other.h5", unwanted)
    assert not (tmp_path / "other.h5").exists()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"checksum": "0" * 32}, "another checksum"),
        ({"file": "missing.h5"}, "404"),
        ({"address": "http://127.0.0.1:1/"}, "refused"),
        ({"address": "http://no.such.host.invalid/"}, r"\(.+\)"),
    ],
    ids=["another_file", "gone", "no_server", "no_network"],
)
def test_what_cannot_be_had_says_how_to_bring_it(source, tmp_path, changes, words):
    target = tmp_path / "taken.h5"
    wanted = dataclasses.replace(source, **changes)
    with pytest.raises(WeightsError, match=words) as refused:
        download(wanted, target)
    for told in (wanted.file, wanted.checksum, "pretrained add"):
        assert told in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["served"]


def test_no_more_is_taken_than_weights_need(source, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "_MOST_BYTES", 1000)
    with pytest.raises(WeightsError, match="another checksum"):
        download(source, tmp_path / "taken.h5")
