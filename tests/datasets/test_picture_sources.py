"""Pictures of files, folders and archives: what they are called, and what is refused."""

import zipfile

import pytest
from PIL import Image

from cnnlab.datasets import limits
from cnnlab.datasets.picture_sources import PictureSource, open_pictures
from cnnlab.datasets.upload.sources import UnreadableMemberError
from tests.datasets.uploads import encoded

PNG = encoded(Image.new("RGB", (8, 6), "red"), "PNG")


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "pics.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("b/10.png", "b/9.png", "labels.csv", "b/readme.md", "__MACOSX/b/9.png"):
            file.writestr(name, PNG)
    return path


def opened(tmp_path, *sources):
    return open_pictures([PictureSource(str(path), shown) for path, shown in sources], tmp_path)


def test_what_lies_in_files_folders_and_archives_is_called_by_its_place(tmp_path, archive):
    folder = tmp_path / "shots"
    folder.mkdir()
    for name in ("1.png", "note.txt"):
        (folder / name).write_bytes(PNG)
    alone = tmp_path / "note.txt"  # its content counts
    alone.write_bytes(PNG)
    sources = [(archive, "given/pics.zip"), (folder, "shots"), (alone, ""), (archive, "")]
    with opened(tmp_path, *sources) as pictures:
        assert [one.file for one in pictures.listed] == [
            "given/pics.zip/b/9.png",
            "given/pics.zip/b/10.png",
            "shots/1.png",
            "note.txt",
            "b/9.png",
            "b/10.png",
        ]
        assert all(pictures.read(one) == PNG for one in pictures.listed)
        refused = {one.file: one.reason for one in pictures.refused}
    assert refused == dict.fromkeys(
        ("given/pics.zip/labels.csv", "given/pics.zip/b/readme.md", "shots/note.txt",
         "labels.csv", "b/readme.md"),
        "not an image",
    )  # fmt: skip
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("open-")]


def test_a_source_that_cannot_be_read_is_refused_and_the_others_are_not(tmp_path, archive):
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 nothing more")
    sources = [(tmp_path / "gone.png", "gone.png"), (tmp_path / "broken.zip", ""), (archive, "")]
    with opened(tmp_path, *sources) as pictures:
        assert len(pictures.listed) == 2
        reasons = {one.file: one.reason for one in pictures.refused}
    assert "does not exist" in reasons["gone.png"]
    assert "broken.zip" in reasons


def test_a_picture_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.write_bytes(PNG)
    monkeypatch.setattr(limits, "MAX_IMAGE_BYTES", len(PNG) - 1)
    with opened(tmp_path, (path, "")) as pictures, pytest.raises(UnreadableMemberError) as error:
        pictures.read(pictures.listed[0])
    assert "larger than" in str(error.value)


def test_a_link_of_the_user_is_followed_and_the_same_file_may_come_twice(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    (tmp_path / "link.png").symlink_to(path)
    with opened(tmp_path, (tmp_path / "link.png", ""), (path, "")) as pictures:
        assert [one.file for one in pictures.listed] == ["link.png", "a.png"]
        assert all(pictures.read(one) == PNG for one in pictures.listed)


def test_names_hide_nothing(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x\u202egnp.exe/\x1b[2K.png", PNG)
    with opened(tmp_path, (path, "")) as pictures:
        assert pictures.listed[0].file == "x\ufffdgnp.exe/\ufffd[2K.png"
