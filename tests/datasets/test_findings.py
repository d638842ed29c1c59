"""Planted copies, conflicts, leaks and poor images in real files, through a real import."""

import io
import weakref

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from cnnlab.datasets.findings import find_in_images, find_in_pictures
from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.index import ImageIndex, write_copies, write_index, write_looks
from cnnlab.datasets.pictures.appearance import LOOK, Copies
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.split import count_splits


def picture(seed, size=(64, 48)):
    """A smooth random picture, unlike any other."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    fine = np.random.default_rng(seed).normal(0, 12, (size[1], size[0], 3))
    smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray((smooth + fine).clip(0, 255).astype(np.uint8))


def encoded(image, form="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.fixture
def imported(tmp_path):
    def do(files):
        number = len(list(tmp_path.iterdir()))
        source, into = tmp_path / f"source{number}", tmp_path / f"dataset{number}"
        for name, content in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(content)
        into.mkdir()
        import_images(source, into)
        return ImageIndex(into)

    return do


def plain_set(each=12):
    return {
        f"{label}/{n}.png": encoded(picture(hash_of(label) + n))
        for label in ("cat", "dog")
        for n in range(each)
    }


def hash_of(label):
    return sum(map(ord, label)) * 1000


def found(index):
    """What there is but that so few images can't judge a run, which is true of most sets here."""
    return {one.kind: one for one in find_in_images(index) if one.kind != "few_judging"}


def judged_by(index):
    """That finding, or None."""
    return next((one for one in find_in_images(index) if one.kind == "few_judging"), None)


def names(index, finding):
    return [{index.files[row] for row in group} for group in finding.groups]


def test_a_sound_set_has_nothing_to_say(imported):
    assert found(imported(plain_set())) == {}


CHANGES = {
    "recompressed": lambda image: encoded(image, "JPEG", quality=30),
    "half the size": lambda image: encoded(image.resize((32, 24), Image.Resampling.LANCZOS)),
    "twice the size": lambda image: encoded(image.resize((128, 96), Image.Resampling.BICUBIC)),
    "grey": lambda image: encoded(image.convert("L")),
    "darker": lambda image: encoded(ImageEnhance.Brightness(image).enhance(0.7)),
    "less contrast": lambda image: encoded(ImageEnhance.Contrast(image).enhance(0.7)),
    "a little blurred": lambda image: encoded(image.filter(ImageFilter.GaussianBlur(1))),
    "without its margin": lambda image: encoded(image.crop((2, 1, 62, 47))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_almost_equal_images_are_found(imported, change):
    files = plain_set()
    files["cat/copy.png"] = CHANGES[change](picture(hash_of("cat") + 3))
    index = imported(files)
    findings = found(index)
    assert list(findings) == ["near_duplicates"]
    assert names(index, findings["near_duplicates"]) == [{"cat/3.png", "cat/copy.png"}]


def test_equal_pixels_in_another_format_are_an_exact_copy(imported):
    files = plain_set()
    files["dog/copy.bmp"] = encoded(picture(hash_of("dog") + 5), "BMP")
    index = imported(files)
    findings = found(index)
    assert list(findings) == ["duplicates"]
    assert names(index, findings["duplicates"]) == [{"dog/5.png", "dog/copy.bmp"}]
    assert findings["duplicates"].remedies == ("keep_one",)


def test_one_picture_in_two_classes_is_a_conflict(imported):
    files = plain_set()
    files["dog/copy.jpg"] = encoded(picture(hash_of("cat") + 5), "JPEG", quality=60)
    index = imported(files)
    assert names(index, found(index)["label_conflict"]) == [{"cat/5.png", "dog/copy.jpg"}]


def test_one_picture_in_two_splits_is_a_leak(imported):
    files = {f"train/{name}": content for name, content in plain_set().items()}
    files |= {
        f"test/{label}/{n}.png": encoded(picture(90 + n))
        for label, n in (("cat", 1), ("cat", 2), ("dog", 3), ("dog", 4))
    }
    files["test/cat/leak.png"] = encoded(picture(hash_of("cat") + 2))
    index = imported(files)
    leak = found(index)["leak"]
    assert names(index, leak) == [{"train/cat/2.png", "test/cat/leak.png"}]
    assert "(train)" in leak.message and "(test)" in leak.message
    assert leak.remedies == ("one_split", "keep_one")


def test_poor_images_are_named_by_kind(imported):
    files = plain_set(each=20)
    black = np.random.default_rng(0).integers(0, 12, (48, 64, 3), dtype=np.uint8)
    files |= {
        "cat/blank.png": encoded(Image.new("RGB", (64, 48), "teal")),
        "cat/dark.png": encoded(Image.fromarray(black)),
        "cat/blurred.png": encoded(picture(7).filter(ImageFilter.GaussianBlur(3))),
        "cat/tiny.png": encoded(picture(8, (9, 7))),
        "cat/long.png": encoded(picture(9, (256, 32))),
    }
    index = imported(files)
    findings = found(index)
    kinds = {
        "blank": "blank",
        "dark": "dark",
        "blurred": "blurred",
        "tiny": "tiny",
        "odd_shape": "long",
    }
    assert {kind: names(index, findings[kind]) for kind in findings} == {
        kind: [{f"cat/{file}.png"}] for kind, file in kinds.items()
    }


def test_what_is_usual_in_a_set_is_no_flaw(imported):
    files = {
        f"{label}/{n}.png": encoded(picture(hash_of(label) + n).filter(ImageFilter.GaussianBlur(4)))
        for label in ("cat", "dog")
        for n in range(12)
    }
    assert found(imported(files)) == {}


def test_copies_stay_on_one_side_of_a_drawn_split(imported):
    files = plain_set(each=20)
    for n in range(20):
        files[f"cat/copy{n}.jpg"] = encoded(picture(hash_of("cat") + n), "JPEG", quality=70)
    index = imported(files)
    assert len(set(index.copies.group)) == 21
    for seed in range(5):
        splits = index.split(SplitFractions(seed=seed, validation=0.25))
        side = dict(zip(index.files, splits, strict=True))
        for n in range(20):
            assert side[f"cat/{n}.png"] == side[f"cat/copy{n}.jpg"]


def test_many_copies_of_one_picture_are_one_group(imported):
    files = plain_set()
    files |= {f"dog/same{n}.png": encoded(picture(hash_of("dog"))) for n in range(30)}
    index = imported(files)
    assert found(index)["duplicates"].count == 30
    assert len(found(index)["duplicates"].groups) == 1


def test_a_class_of_one_picture_is_told_as_such_and_can_be_excluded(imported):
    files = plain_set()
    files |= {f"sign/{n}.png": encoded(picture(77)) for n in range(40)}
    index = imported(files)
    findings = found(index)
    assert "duplicates" not in findings
    one = findings["one_picture"]
    assert one.message.startswith("The class 'sign' holds one picture 40 times.")
    assert (one.count, one.remedies, len(one.groups[0])) == (1, ("exclude",), 40)
    files |= {f"logo/{n}.png": encoded(picture(78)) for n in range(12)}
    one = found(imported(files))["one_picture"]
    assert one.message.startswith(
        "2 classes hold one picture each: 'logo' 12 times, 'sign' 40 times."
    )
    assert one.count == 2


def test_a_class_of_almost_equal_pictures_is_not_one_of_one_picture(imported):
    files = plain_set()
    files |= {f"frame/{n}.jpg": encoded(picture(77), "JPEG", quality=60 + n) for n in range(12)}
    findings = found(imported(files))
    assert "one_picture" not in findings
    assert findings["near_duplicates"].count == 11


def test_a_class_of_one_picture_is_not_excluded_where_only_one_would_remain(imported):
    files = {name: content for name, content in plain_set().items() if "cat" in name}
    files |= {f"sign/{n}.png": encoded(picture(77)) for n in range(4)}
    findings = found(imported(files))
    assert findings["one_picture"].remedies == findings["few_images"].remedies == ()


def test_copies_in_the_uploads_own_splits_are_told_as_they_are(imported):
    files = {f"train/{name}": content for name, content in plain_set().items()}
    files |= {
        f"test/{label}/{n}.png": encoded(picture(90 + n))
        for label, n in (("cat", 1), ("cat", 2), ("dog", 3), ("dog", 4))
    }
    files["train/cat/copy.png"] = encoded(picture(hash_of("cat") + 1))
    copies = found(imported(files))["duplicates"]
    assert "are in one split, where they count double" in copies.message
    assert copies.remedies == ("keep_one",)
    files["test/cat/leak.png"] = encoded(picture(hash_of("cat") + 2))
    copies = found(imported(files))["duplicates"]
    assert "1 of these pictures is in more than one of them" in copies.message
    assert "one side" not in copies.message
    assert copies.remedies == ("one_split", "keep_one")


@pytest.mark.slow
def test_what_is_planted_in_a_set_of_5000_is_found_and_nothing_else(imported):
    """One of each: exact and near, in one class, in two classes, in two splits."""

    def small(seed):
        return picture(seed, (40, 40))

    files = {}
    for n in range(5000):
        split = "test" if n // 10 % 5 == 4 else "train"
        files[f"{split}/c{n % 10}/{n}.png"] = encoded(small(n))
    planted = {
        "train/c0/copy.bmp": (encoded(small(0), "BMP"), "train/c0/0.png"),
        "train/c1/near.jpg": (encoded(small(1), "JPEG", quality=40), "train/c1/1.png"),
        "train/c3/conflict.png": (encoded(small(2)), "train/c2/2.png"),
        "train/c5/conflict.jpg": (encoded(small(3), "JPEG", quality=40), "train/c3/3.png"),
        "test/c5/leak.png": (encoded(small(5)), "train/c5/5.png"),
        "test/c6/leak.jpg": (encoded(small(6), "JPEG", quality=40), "train/c6/6.png"),
    }
    index = imported(files | {name: content for name, (content, _) in planted.items()})
    findings = found(index)
    pairs = {frozenset((name, of)) for name, (_, of) in planted.items()}

    def of(kind):
        return {frozenset(group) for group in names(index, findings[kind])}

    assert set(findings) == {"duplicates", "near_duplicates", "label_conflict", "leak"}
    assert of("duplicates") | of("near_duplicates") | of("label_conflict") == pairs
    assert of("label_conflict") == {pair for pair in pairs if "conflict" in "".join(pair)}
    assert of("leak") == {pair for pair in pairs if "leak" in "".join(pair)}
    assert of("duplicates") == {
        frozenset(("train/c0/copy.bmp", "train/c0/0.png")),
        frozenset(("test/c5/leak.png", "train/c5/5.png")),
    }


def lines(seed, width, side=256):
    """A white picture with thin black lines."""
    image = Image.new("L", (side, side), 220)
    draw = ImageDraw.Draw(image)
    for ends in np.random.default_rng(seed).integers(0, side, (5, 4)).tolist():
        draw.line(ends, fill=20, width=width)
    return image


def test_details_that_the_usual_size_leaves_out_are_told_with_a_size_that_keeps_them(imported):
    thin = imported({f"{n % 2}/{n}.png": encoded(lines(n, 4)) for n in range(40)})
    (finding,) = find_in_pictures(thin)
    assert (finding.kind, finding.count, finding.remedies) == ("lost_detail", 40, ())
    assert "256 px or more" in finding.message and "begin with 48 px" in finding.message
    assert "may be lost" in finding.message
    coarse = imported({f"{n % 2}/{n}.png": encoded(picture(n, (256, 192))) for n in range(40)})
    assert list(find_in_pictures(coarse)) == []
    assert list(find_in_pictures(imported(plain_set()))) == []  # no larger than what is trained on


def test_one_picture_at_a_time_is_held_at_its_full_size(imported, monkeypatch):
    index = imported({f"{n % 2}/{n}.png": encoded(lines(n, 4)) for n in range(40)})
    opened, held = [], []

    def watched(index, row, at_least_px=None, open_whole=ImageIndex.open):
        held.append(sum(image() is not None for image in opened))
        whole = open_whole(index, row, at_least_px)
        opened.append(weakref.ref(whole))
        return whole

    monkeypatch.setattr(ImageIndex, "open", watched)
    assert [finding.kind for finding in find_in_pictures(index)] == ["lost_detail"]
    assert held == [0] * 12


def test_few_images_judge_badly_though_no_class_is_small(imported):
    index = imported(plain_set(each=18))
    told = judged_by(index)
    assert (told.count, told.groups, told.remedies) == (8, (), ())
    assert count_splits(index.split(SplitFractions()))["validation"] == 8
    assert "Only 8 images validate" in told.message and "off by ±35 points" in told.message
    assert "With 164 more images it is ±15." in told.message
    assert "few_images" not in found(index)


def test_small_classes_and_few_validation_images_are_two_findings(imported):
    index = imported(plain_set(6))
    few = found(index)["few_images"]
    assert (few.count, len(few.groups)) == (2, 2)
    assert "'cat' has 6 images, 'dog' has 6 images." in few.message
    assert "up to 14 more images of each" in few.message and "validate" not in few.message
    told = judged_by(index)
    assert (told.count, told.groups) == (2, ())
    assert "Only 2 images validate" in told.message


def index_of(folder, splits, classes=2):
    """An index of so many images, of which no picture is looked at."""
    rows = [
        (f"{n}.png", n % classes, split, 0, n, 1, f"{n:064x}", 64, 64, "RGB")
        for n, split in enumerate(splits)
    ]
    write_index(folder, rows, [f"class {n}" for n in range(classes)])
    write_looks(folder, np.zeros(len(rows), LOOK))
    alone = np.full(len(rows), -1)
    write_copies(folder, Copies(alone, np.zeros(0, bool)))
    return ImageIndex(folder)


@pytest.mark.parametrize(("images", "is_told"), [(195, True), (196, False)])
def test_what_rounds_to_15_points_is_sure_enough(tmp_path, images, is_told):
    told = judged_by(index_of(tmp_path, [None] * images))
    assert (told is not None) == is_told
    assert told is None or "±16 points. With 5 more images it is ±15." in told.message


@pytest.mark.parametrize(("images", "is_told"), [(39, True), (40, False)])
def test_the_validation_images_that_the_upload_brought_count(tmp_path, images, is_told):
    splits = ["train"] * 9 + ["validation"] * images + ["test"] * 900
    told = judged_by(index_of(tmp_path, splits))
    assert (told is not None) == is_told
    assert told is None or "±16 points. With 1 more validation image it is ±15." in told.message


def test_each_small_class_judges_with_one_image_at_least(tmp_path):
    told = judged_by(index_of(tmp_path, [None] * 60, classes=30))
    assert told.count == 30
    assert "With 140 more images it is ±15." in told.message


def test_where_each_class_judges_with_fewer_than_its_share_more_images_are_asked_for(tmp_path):
    told = judged_by(index_of(tmp_path, [None] * 210, classes=30))
    assert told.count == 30
    assert "With 50 more images it is ±15." in told.message


def test_where_nothing_can_validate_nothing_is_said_of_it(tmp_path):
    assert judged_by(index_of(tmp_path, [None] * 2)) is None
