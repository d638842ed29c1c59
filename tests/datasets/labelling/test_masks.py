"""Segmentation masks beside pictures are left out; black-and-white drawings are not."""

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.labelling.layout import read_layout
from cnnlab.datasets.labelling.masks import leave_out_masks
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.datasets.upload.sources import Member
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import UploadError
from tests.datasets.uploads import encoded, jpeg, make_zip


def drawing(seed, format="PNG", mode="L", levels=(0, 255)):
    """A shape of two levels, or of an index for each kind of thing."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:40, :48]
    left, top = generator.integers(12, 30, 2)
    is_inside = (x - left) ** 2 + (y - top) ** 2 < 90
    shape = np.where(is_inside, levels[1], levels[0])
    kind = np.uint16 if mode == "I;16" else np.uint8
    image = Image.fromarray(shape.astype(kind))
    return encoded(image if mode == "I;16" else image.convert(mode), format)


def deep(seed):
    """12 bits in a 16-bit PNG."""
    coarse = np.random.default_rng(seed).integers(0, 4096, (8, 8)).astype(np.uint16)
    return encoded(Image.fromarray(np.kron(coarse, np.ones((4, 4), np.uint16))), "PNG")


def both(picture, mask, count=8, first=jpeg, second=drawing):
    """Pictures and masks of two classes; `{c}` is the class, `{n}` the number."""
    files = {}
    for c in ("cat", "dog"):
        for n in range(count):
            seed = n + (c == "dog") * 100
            files[picture.format(c=c, n=n)] = first(seed)
            files[mask.format(c=c, n=n)] = second(seed)
    return files


def read(tmp_path, files, labelling=None):
    upload = make_zip(tmp_path / "a.zip", files)
    with open_source(upload) as reader:
        return read_layout(list_source(upload), reader.read, labelling)


MASKS = {
    "beside, 1 bit": both(
        "{c}/x {n}.png", "{c}/x {n}_mask.png", second=lambda n: drawing(n, mode="1")
    ),
    "several of one": both("{c}/x ({n}).jpg", "{c}/x ({n})_mask_1.png"),
    "seg": both("{c}/{n}.jpg", "{c}/{n}_seg.png"),
    "label, few grey levels": both(
        "{c}/{n}.jpg", "{c}/{n}-label.png", second=lambda n: drawing(n, levels=(0, 3))
    ),
    "JPEG": both("{c}/{n}.jpg", "{c}/{n}_segmentation.jpg", second=lambda n: drawing(n, "JPEG")),
    "folder in the class": both("data/{c}/images/{n}.png", "data/{c}/masks/{n}.png"),
    "folder beside": both("set/images/{c}/{n}.jpg", "set/masks/{c}/{n}.png"),
    "folder of trimaps": both(
        "p/images/{c}/{c}_{n}.jpg",
        "p/annotations/trimaps/{c}_{n}.png",
        second=lambda n: drawing(n, levels=(1, 2)),
    ),
    "VOC": both(
        "VOC/JPEGImages/{c}/{c}{n}.jpg",
        "VOC/SegmentationClass/{c}{n}.png",
        second=lambda n: drawing(n, mode="P"),
    ),
    "Carvana": both(
        "train/{c}/{c}{n}.jpg", "train_masks/{c}{n}_mask.gif", second=lambda n: drawing(n, "GIF")
    ),
    "deep pictures": both("{c}/{n}.png", "{c}/{n}_mask.png", first=deep),
    "deep masks": both(
        "{c}/{n}.jpg",
        "{c}/{n}_mask.png",
        second=lambda n: drawing(n, mode="I;16", levels=(0, 7)),
    ),
}


@pytest.mark.parametrize("files", MASKS.values(), ids=MASKS)
def test_masks_are_left_out_with_a_word(files, tmp_path):
    layout = read(tmp_path, files)
    assert layout.classes == {"cat", "dog"}
    assert len(layout.images) == 16
    left = [file for file in layout.skipped if "a segmentation mask" in file.reason]
    assert len(left) == 16
    [note] = [warning for warning in layout.warnings if warning.kind == "masks"]
    assert note.count == 16
    assert note.message.isprintable()


def other_photo(seed):
    return jpeg(1000 + seed)


NO_MASKS = {
    "drawings without pairs": both("{c}/{n}.png", "{c}/more{n}.png", first=drawing),
    "drawings of pairs": both("{c}/{n}.png", "{c}/{n}_mask.png", first=drawing),
    "drawings in a class called masks": both("{c}/{n}.png", "masks/{c}{n}.png", first=drawing),
    "photos called masks": both("{c}/{n}.jpg", "{c}/{n}_mask.jpg", second=other_photo),
    "faces with and without masks": both(
        "with_mask/{c}{n}.jpg", "without_mask/{c}{n}.jpg", second=other_photo
    ),
    "drawings that only sound like it": both("{c}/{n}.jpg", "{c}/bitmask{n}.png"),
}


@pytest.mark.parametrize("files", NO_MASKS.values(), ids=NO_MASKS)
def test_what_is_no_mask_stays(files, tmp_path):
    layout = read(tmp_path, files)
    assert len(layout.images) == 32
    assert "masks" not in {warning.kind for warning in layout.warnings}


def test_nothing_is_opened_where_no_name_is_that_of_a_mask():
    found = Sorted(images=[Member(f"{n % 9}/{n}.jpg", 1, 0) for n in range(100)])
    assert leave_out_masks(found, lambda member: pytest.fail("opened")) == []
    assert len(found.images) == 100


def test_damaged_masks_leave_a_decision_to_the_others(tmp_path):
    files = both("{c}/{n}.jpg", "{c}/{n}_mask.png")
    files["cat/0_mask.png"] = b"no"
    assert len(read(tmp_path, files).images) == 16


def folders(picture, mask, count=8):
    """Photos in one folder, black-and-white drawings numbered alike in another."""
    photos = {f"{picture}/{n}.jpg": jpeg(n) for n in range(count)}
    return photos | {f"{mask}/{n}.png": drawing(n) for n in range(count)}


CLASSES = {
    "mask and face": folders("face", "mask"),
    "labels and objects": folders("data/objects", "data/labels"),
    "in splits": folders("train/face", "train/mask") | folders("test/face", "test/mask", 2),
}


@pytest.mark.parametrize("files", CLASSES.values(), ids=CLASSES)
def test_a_class_that_looks_like_masks_is_refused_with_the_way_out(tmp_path, files):
    names = {name.split("/")[-2] for name in files}
    with pytest.raises(UploadError, match="only one class") as refused:
        read(tmp_path, files)
    said = str(refused.value)
    assert f"{len(files) // 2} images were taken for segmentation masks (in the folder" in said
    assert "import again with the reading 'folders'" in said
    assert "no image" not in said
    layout = read(tmp_path, files, Labelling(reading="folders"))
    assert layout.classes == names
    assert len(layout.images) == len(files)
    assert not {"masks", "empty_classes"} & {warning.kind for warning in layout.warnings}


def test_beside_other_classes_masks_are_no_empty_folder_and_may_be_a_class(tmp_path):
    files = folders("face", "mask") | {f"cat/c{n}.jpg": jpeg(100 + n) for n in range(8)}
    layout = read(tmp_path, files)
    assert layout.classes == {"cat", "face"}
    [note] = [warning for warning in layout.warnings if warning.kind == "masks"]
    assert note.message.endswith(
        "If they are a class of their own, import again with the reading 'folders', which makes a "
        "class of each outermost folder."
    )
    assert "empty_classes" not in {warning.kind for warning in layout.warnings}
    assert read(tmp_path, files, Labelling(reading="folders")).classes == {"cat", "face", "mask"}


@pytest.mark.parametrize("name", ["seg", "folder in the class", "folder beside", "VOC"])
def test_masks_of_class_folders_are_masks_whatever_reading_is_wanted(tmp_path, name):
    layout = read(tmp_path, MASKS[name], Labelling(reading="folders"))
    assert layout.classes == {"cat", "dog"}
    [note] = [warning for warning in layout.warnings if warning.kind == "masks"]
    assert "import again" not in note.message
