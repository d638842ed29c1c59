import os

import pytest

from cnnlab.datasets import limits
from cnnlab.datasets.upload.folders import FolderReader, list_folder
from cnnlab.datasets.upload.opening import list_source
from cnnlab.datasets.upload.sources import UnreadableMemberError
from cnnlab.domain.errors import UploadError
from tests.datasets.uploads import images, make_folder


def test_links_are_named_and_never_followed(tmp_path):
    folder = make_folder(tmp_path / "a", images("cat/1.jpg"))
    (folder / "cat" / "2.jpg").symlink_to("/etc/passwd")
    (folder / "dog").symlink_to("/etc")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "cat" / "3.jpg")
    listing = list_folder(folder)
    assert [member.path for member in listing.members] == ["cat/1.jpg"]
    assert {file.file: file.reason for file in listing.skipped} == {
        "cat/2.jpg": "a link, which is not followed",
        "dog": "a link, which is not followed",
        "loop": "a link, which is not followed",
        "cat/3.jpg": "not a regular file",
    }


def test_a_file_that_turned_into_a_link_is_not_read(tmp_path):
    folder = make_folder(tmp_path / "a", images("cat/1.jpg"))
    (member,) = list_folder(folder).members
    (folder / "cat/1.jpg").unlink()
    (folder / "cat/1.jpg").symlink_to("/etc/passwd")
    with pytest.raises(UnreadableMemberError, match="can't be read"):
        FolderReader(folder).read(member)


def test_a_file_that_grew_is_refused(tmp_path):
    folder = make_folder(tmp_path / "a", images("cat/1.jpg"))
    (member,) = list_folder(folder).members
    (folder / "cat/1.jpg").write_bytes(bytes(10_000))
    with pytest.raises(UnreadableMemberError, match="changed"):
        FolderReader(folder).read(member)


def test_names_that_are_not_utf8_can_be_read(tmp_path):
    folder = make_folder(tmp_path / "a", {})
    (folder / "cat").mkdir(parents=True)
    with (folder / os.fsdecode(b"cat/\xff.jpg")).open("wb") as file:
        file.write(b"12")
    (member,) = list_folder(folder).members
    assert member.path == "cat/\ufffd.jpg"
    assert FolderReader(folder).read(member) == b"12"


def test_limits_hold_for_folders(tmp_path, monkeypatch):
    folder = make_folder(tmp_path / "a", images("cat/1.jpg", "cat/2.jpg"))
    monkeypatch.setattr(limits, "MAX_TOTAL_BYTES", 100)
    with pytest.raises(UploadError, match="MAX_TOTAL_BYTES"):
        list_folder(folder)
    monkeypatch.setattr(limits, "MAX_ENTRIES", 0)
    with pytest.raises(UploadError, match="MAX_ENTRIES"):
        list_folder(folder)


def test_a_missing_path_and_a_device_are_refused(tmp_path):
    with pytest.raises(UploadError, match="does not exist"):
        list_source(tmp_path / "nothing.zip")
    with pytest.raises(UploadError, match="neither a zip"):
        list_source(type(tmp_path)("/dev/null"))
