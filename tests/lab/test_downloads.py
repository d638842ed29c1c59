"""What can be taken along of a dataset: its card, and its images as a zip."""

import bz2
import io
import tarfile
import zipfile

import numpy as np
from PIL import Image

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.fixes import MoveTo, RenameClass
from cnnlab.lab.workplace import workplace
from cnnlab.storage.uploaded import import_folder
from tests.datasets.uploads import images, make_zip
from tests.waiting import wait_until


def taken_along(dataset, path):
    path.write_bytes(b"".join(lab.dataset_zip(dataset)))
    return path


def test_the_zip_holds_the_images_in_class_folders_and_can_come_back(tmp_path, home):
    files = images(*(f"{split}/{n % 2}/{n}.png" for split in ("train", "test") for n in range(8)))
    dataset = lab.import_dataset(make_zip(tmp_path / "in.zip", files))
    fixed = lab.fix_dataset(dataset.id, [RenameClass("0", "bright"), MoveTo((8, 13), "validation")])
    assert fixed.splits == {"train": 6, "validation": 2, "test": 8}
    path = taken_along(fixed.id, tmp_path / "out.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert "validation/bright/000008.png" in archive.namelist()
    back = lab.import_dataset(path, name="Back")
    assert (back.classes, back.splits) == (fixed.classes, fixed.splits)
    assert ImageIndex(home / "datasets" / back.id).read_bytes(0)


def test_class_names_that_are_no_folder_names_come_back_through_a_csv(tmp_path, dataset):
    fixed = lab.fix_dataset(dataset.id, [RenameClass("dark", "no/folder: 'x', \"y\"")])
    path = taken_along(fixed.id, tmp_path / "out.zip")
    with zipfile.ZipFile(path) as archive:
        assert "labels.csv" in archive.namelist()
    assert lab.import_dataset(path, name="Back").classes == fixed.classes


def test_the_card_is_one_file_that_asks_nobody_else(tmp_path, dataset):
    fixed = lab.fix_dataset(dataset.id, [RenameClass("dark", "<script>alert(1)</script>")])
    page = lab.dataset_card(fixed.id)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "data:image/jpeg;base64," in page
    assert "http" not in page.replace("http-equiv", "")
    assert "48 images in 2 classes, version 2" in page


def test_a_cancelled_import_leaves_nothing(home, tmp_path):
    path = tmp_path / "many.zip"
    large = io.BytesIO()
    Image.linear_gradient("L").resize((3000, 2000)).save(large, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(600):  # a minute's work for two processes
            archive.writestr(f"class {number % 2}/{number}.png", large.getvalue())
    token = lab.begin_upload("many.zip", path.stat().st_size)
    lab.append_chunk(token, 0, path.read_bytes())
    lab.start_import(token, name="Many")
    wait_until(lambda: lab.import_state(token).done)
    lab.cancel_import(token)
    state = wait_until(lambda: (found := lab.import_state(token)).is_ended and found)
    assert state.problem == "Cancelled: nothing was stored."
    assert list((home / "datasets").iterdir()) == []
    lab.cancel_import(token)  # once more does no harm


def test_an_import_is_cancelled_while_its_upload_is_decompressed(home):
    block = np.random.default_rng(0).bytes(9_000) * 100
    member = tarfile.TarInfo("class/0.png")
    member.size = 2_000 * len(block)  # minutes of decompressing
    content = bz2.compress(member.tobuf()) + 2_000 * bz2.compress(block)
    token = lab.begin_upload("large.tar.bz2", len(content))
    lab.append_chunk(token, 0, content)
    lab.start_import(token, name="Large")
    wait_until(lambda: list((home / "datasets").glob(".import-*/**/large.tar.bz2")))
    lab.cancel_import(token)
    state = wait_until(lambda: (found := lab.import_state(token)).is_ended and found)
    assert state.problem == "Cancelled: nothing was stored."
    assert list((home / "datasets").iterdir()) == []


def test_an_import_removes_what_a_killed_one_left_and_nothing_else(home, upload):
    lab.import_dataset(upload, name="First")
    left = home / "datasets" / ".import-of-the-dead"
    left.mkdir()
    (left / "pack-0.bin").write_bytes(b"gigabytes")
    with import_folder(workplace().home) as living:
        lab.import_dataset(upload, name="Second")
        assert living.is_dir()
        assert not left.exists()
    assert list((home / "datasets").glob(".*")) == []
