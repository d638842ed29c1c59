import io
import tarfile
import zipfile

import pytest

from cnnlab.datasets.labelling.layout import read_layout
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.domain.errors import UploadError
from tests.datasets.labelling.drawn import told


def as_folder(path, files, empty):
    for name in (*files, *(f"{folder}/" for folder in empty)):
        target = path / name
        (target if name.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            target.write_bytes(b"x")
    return path


def as_zip(path, files, empty):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        for name in (*(f"{folder}/" for folder in empty), *files):
            archive.writestr(name, b"" if name.endswith("/") else b"x")
    return path.with_suffix(".zip")


def as_tar(path, files, empty):
    with tarfile.open(path.with_suffix(".tar"), "w") as archive:
        for name in empty:
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE
            archive.addfile(entry)
        for name in files:
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
    return path.with_suffix(".tar")


def layout_of(path):
    with open_source(path) as reader:
        return read_layout(list_source(path), reader.read)


PAIR = ["pets/cat/1.jpg", "pets/dog/2.jpg"]


@pytest.mark.parametrize("pack", [as_folder, as_zip, as_tar])
def test_class_folders_without_an_image_are_named(tmp_path, pack):
    files = [*PAIR, "pets/emu/1.heic"]
    layout = layout_of(pack(tmp_path / "upload", files, ["pets/fox", "pets/owl/deep"]))
    assert layout.classes == {"cat", "dog"}
    message = told(layout, "empty_classes")
    assert message == (
        "3 folders beside the class folders hold no image that can be read and are no classes: "
        "'emu', 'fox', 'owl'."
    )


@pytest.mark.parametrize(
    "empty",
    [["pets/cat/raw"], ["elsewhere/fox"], ["pets/images"], ["pets/val", "__MACOSX/pets/fox"]],
)
def test_other_folders_that_hold_nothing_are_none_of_these(tmp_path, empty):
    files = [f"w/{name}" for name in PAIR]
    layout = layout_of(as_zip(tmp_path / "upload", files, [f"w/{name}" for name in empty]))
    assert told(layout, "empty_classes") == ""


def test_of_a_split_that_lacks_a_class_only_those_without_any_image_are_named(tmp_path):
    files = ["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.jpg"]
    layout = layout_of(as_zip(tmp_path / "upload", files, ["val/dog", "val/fox", "train/fox"]))
    assert told(layout, "empty_classes") == (
        "1 folder beside the class folders holds no image that can be read and is no class: 'fox'."
    )


def test_a_refusal_names_the_empty_folder_that_the_second_class_was_meant_to_be(tmp_path):
    with pytest.raises(UploadError, match="only one class, 'cat', .*holds no image .* 'dog'"):
        layout_of(as_zip(tmp_path / "upload", ["cat/1.jpg", "cat/2.jpg"], ["dog"]))
