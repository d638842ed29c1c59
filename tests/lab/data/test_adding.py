"""Pictures added to a dataset: a new version in which no old image moves."""

import io
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.datasets import limits
from cnnlab.datasets.importing.alike import find_copies
from cnnlab.datasets.importing.processes import ProcessPool
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.fixes import DropSplits, Exclude, MoveTo, Relabel, RenameClass
from cnnlab.domain.errors import CnnlabError, DatasetError, NotFoundError, StorageError, UploadError
from cnnlab.lab.data import adding
from tests.datasets.deep_pictures import colors_png, deep_files
from tests.datasets.uploads import encoded, images, jpeg, make_zip

WITH_TEST = SplitFractions(validation=0.2, test=0.25)


@pytest.fixture
def photos(home, tmp_path):
    """48 pictures in two classes, each unlike the others."""
    files = images(*(f"{label}/{number}.jpg" for label in "ab" for number in range(24)))
    return lab.import_dataset(make_zip(tmp_path / "photos.zip", files))


def index_of(home, dataset):
    return ImageIndex(home / "datasets" / dataset.id)


def parts_of(home, dataset, fractions=WITH_TEST):
    index = index_of(home, dataset)
    return dict(zip(index.files, index.split(fractions).tolist(), strict=True))


def class_of(index, file):
    return index.class_names[index.labels[index.files.index(file)]]


def picture(index, file):
    return index.read_bytes(index.files.index(file))


def as_png(content, **options):
    return encoded(Image.open(io.BytesIO(content)), "PNG", **options)


def test_added_images_are_in_a_new_version_and_all_others_stay_as_they_were(home, dataset):
    before = index_of(home, dataset)
    new = {f"{number}.jpg": jpeg(number) for number in range(3)}
    grown = lab.add_images(dataset.id, list(new.items()), " dark ")
    assert grown.changes == ("3 images added as class 'dark'",)
    assert (grown.version, grown.parent) == (2, dataset.id)
    assert grown.classes == {"bright": 24, "dark": 27}
    index = index_of(home, grown)
    assert lab.dataset_card(grown.id).count("3 images added as class &#x27;dark&#x27;") == 1
    for name, content in new.items():
        assert picture(index, f"added/{name}") == content
        assert class_of(index, f"added/{name}") == "dark"
    for file in before.files:
        assert picture(index, file) == picture(before, file)
        assert class_of(index, file) == class_of(before, file)
    assert parts_of(home, dataset).items() <= parts_of(home, grown).items()
    assert [one.id for one in lab.versions(grown.id)] == [grown.id, dataset.id]
    assert lab.keeps_parts(grown)


def test_it_holds_what_an_import_of_the_same_files_holds(home, tmp_path):
    files = images(*(f"{label}/{number}.jpg" for label in "ab" for number in range(6)))
    new = {f"added/{number}.jpg": jpeg(50 + number) for number in range(4)}
    copy = {"added/copy.png": as_png(files["a/3.jpg"])}
    whole = index_of(home, lab.import_dataset(make_zip(tmp_path / "all.zip", files | new | copy)))
    part = lab.import_dataset(make_zip(tmp_path / "part.zip", files))
    added = [(name.rpartition("/")[2], content) for name, content in (new | copy).items()]
    grown = index_of(home, lab.add_images(part.id, added, "added"))
    assert (grown.files, grown.hashes) == (whole.files, whole.hashes)
    assert grown.class_names == whole.class_names == ("a", "added", "b")
    for name in ("labels", "sizes_px", "looks", "is_deep"):
        assert (getattr(grown, name) == getattr(whole, name)).all(), name
    assert (grown.copies.group == whole.copies.group).all()
    assert grown.copies.is_exact.tolist() == whole.copies.is_exact.tolist() == [True]


CHANGES = ("add", "relabel", "new_class", "exclude", "move", "copy", "rename")


def changed(home, version, kind, number, draws):
    """A version by one change, and the files that it moves by hand."""
    index = index_of(home, version)
    rows = tuple(sorted(draws.choice(len(index), 3, replace=False).tolist()))
    match kind:
        case "add":
            new = [(f"{number}.jpg", jpeg(1000 * number + one)) for one in range(9)]
            return lab.add_images(version.id, new, index.class_names[0]), ()
        case "new_class":
            new = [("x.jpg", jpeg(2000 * number + one)) for one in range(6)]
            return lab.add_images(version.id, new, f"new {number}"), ()
        case "copy":
            content = as_png(index.read_bytes(rows[0]), compress_level=number % 10)
            label = index.class_names[index.labels[rows[0]]]
            return lab.add_images(version.id, [("copy.png", content)], label), ()
        case "move":
            part = ["train", "validation", "test"][number % 3]
            copies = index.copies.group[list(rows)]
            moved = np.isin(np.arange(len(index)), rows)
            moved |= (index.copies.group >= 0) & np.isin(index.copies.group, copies)
            fixes = [MoveTo(rows, part)]
            return lab.fix_dataset(version.id, fixes), np.array(index.files)[moved].tolist()
        case "rename":
            return lab.fix_dataset(
                version.id, [RenameClass(index.class_names[-1], f"c{number}")]
            ), ()
        case "relabel":
            return lab.fix_dataset(version.id, [Relabel(rows, index.class_names[-1])]), ()
    return lab.fix_dataset(version.id, [Exclude(rows)]), ()


@pytest.mark.parametrize("seed", range(4))
def test_through_any_chain_of_changes_each_old_image_keeps_its_part(home, photos, seed):
    draws, version = np.random.default_rng(seed), photos
    shares = [
        SplitFractions(validation=0.2, test=0.25, seed=seed),
        SplitFractions(validation=0.1, seed=seed + 50),
    ]
    kinds = draws.permutation([*CHANGES, "add", "copy"]).tolist()
    for number, kind in enumerate(kinds, 1):
        later, by_hand = changed(home, version, kind, number, draws)
        for fractions in shares:
            before, now = parts_of(home, version, fractions), parts_of(home, later, fractions)
            moved = {
                file: (part, now[file])
                for file, part in before.items()
                if file in now and file not in by_hand and now[file] != part
            }
            assert not moved, (kinds[:number], fractions)
        version = later
    index = index_of(home, version)
    with ProcessPool("cnnlab.datasets.importing.import_worker") as pool:
        copies = find_copies(index, pool)
    assert (copies.group == index.copies.group).all(), "as if all were compared at once"
    assert (copies.is_exact == index.copies.is_exact).all()


def test_a_copy_of_an_old_image_goes_to_its_part_and_new_ones_are_drawn(home, photos):
    index, before = index_of(home, photos), parts_of(home, photos)
    tested = next(file for file, part in before.items() if part == "test")
    copies = [
        (f"{at}.jpg", encoded(index.open(index.files.index(tested)), "JPEG", quality=at))
        for at in (85, 95)
    ]
    grown = lab.add_images(photos.id, copies, class_of(index, tested))
    now = parts_of(home, grown)
    assert [now[f"added/{at}.jpg"] for at in (85, 95)] == ["test", "test"]
    assert "near_duplicates" in {finding.kind for finding in lab.findings(grown.id)}
    more = lab.add_images(grown.id, [(f"{one}.jpg", jpeg(700 + one)) for one in range(20)], "third")
    third = [p for f, p in parts_of(home, more).items() if f not in now]
    assert (third.count("validation"), third.count("test")) == (4, 5)


def test_where_the_upload_brought_its_parts_new_ones_train_and_copies_stay_with_theirs(
    home, tmp_path
):
    files = images(
        *(
            f"{split}/{n % 2}/{n}.jpg"
            for split in ("train", "validation", "test")
            for n in range(12)
        )
    )
    dataset = lab.import_dataset(make_zip(tmp_path / "own.zip", files))
    copy = as_png(files["test/0/4.jpg"])
    new = [("copy.png", copy), *((f"{one}.jpg", jpeg(900 + one)) for one in range(3))]
    grown = lab.add_images(dataset.id, new, "0")
    assert grown.splits == {"train": 15, "validation": 12, "test": 13}
    now = parts_of(home, grown)
    assert now["added/copy.png"] == "test"
    assert {now[f"added/{one}.jpg"] for one in range(3)} == {"train"}
    assert "leak" not in {finding.kind for finding in lab.findings(grown.id)}
    anew = lab.fix_dataset(grown.id, [DropSplits(tuple(range(40)))])
    assert anew.splits is None


def test_a_picture_that_is_there_is_left_out_and_under_another_class_it_is_said(home, dataset):
    index = index_of(home, dataset)
    dark = picture(index, "dark/3.png")
    with pytest.raises(DatasetError, match=r"'mine.png' is in the class 'dark' already"):
        lab.add_images(dataset.id, [("mine.png", dark)], "dark")
    with pytest.raises(DatasetError, match="All these 2 pictures are in the class 'dark' already"):
        lab.add_images(dataset.id, [("a.png", dark), ("b.png", dark)], "dark")
    new = [("new.jpg", jpeg()), ("mine.png", dark), ("again.jpg", jpeg())]
    grown = lab.add_images(dataset.id, new, "dark")
    assert grown.images == 49
    assert grown.changes == (
        "1 image added as class 'dark'",
        "2 pictures left out, there already, such as 'mine.png'",
    )
    both = lab.add_images(dataset.id, [("mine.png", dark)], "bright")
    assert both.images == 49
    assert both.changes[1] == "1 of them in another class as well, such as 'mine.png' in 'dark'"
    assert "label_conflict" in {finding.kind for finding in lab.findings(both.id)}
    same = parts_of(home, both)
    assert same["added/mine.png"] == same["dark/3.png"]


def test_file_names_are_made_unlike_and_harmless(home, dataset):
    names = [
        "../../etc/passwd", "a.jpg", "C:\\b\\a.jpg", "x/a.JPG", "", "right\u202eleft.png\n",
        "=1+1.txt", "<b>.gif", "n" * 300 + ".png",
    ]  # fmt: skip
    new = [(name, jpeg(number)) for number, name in enumerate(names)]
    grown = lab.add_images(dataset.id, new, "odd")
    index = index_of(home, grown)
    added = [file for file in index.files if file.startswith("added/")]
    assert len(added) == len(set(added)) == len(names)
    assert {"added/passwd.jpg", "added/a.jpg", "added/a-2.jpg", "added/a.JPG"} <= set(added)
    assert {"added/picture.jpg", "added/=1+1.txt.jpg", "added/right\ufffdleft.png"} <= set(added)
    assert max(map(len, added)) < 100
    later = lab.add_images(grown.id, [("a.jpg", jpeg(99))], "odd")
    assert "added/a-3.jpg" in index_of(home, later).files


BAD = {
    "text.png": b"not a picture at all",
    "early.jpg": jpeg()[:300],
    "empty.jpg": b"",
}


def test_what_can_not_be_added_is_refused_by_name_and_nothing_is_left_behind(
    home, dataset, monkeypatch
):
    for name, content in BAD.items():
        with pytest.raises(UploadError, match=rf"^'{name}' can't be added \(.*\): leave it out"):
            lab.add_images(dataset.id, [("fine.jpg", jpeg(1)), (name, content)], "dark")
    for label in ("", " \n", "x" * 1001):
        with pytest.raises(DatasetError, match="A class name needs"):
            lab.add_images(dataset.id, [("a.jpg", jpeg())], label)
    with pytest.raises(DatasetError, match="There is no picture to add"):
        lab.add_images(dataset.id, [], "dark")
    with pytest.raises(NotFoundError):
        lab.add_images("nothing", [("a.jpg", jpeg())], "dark")
    monkeypatch.setattr(limits, "MAX_IMAGE_BYTES", 200)
    with pytest.raises(UploadError, match="'a.jpg' can't be added .larger than 200\u00a0bytes"):
        lab.add_images(dataset.id, [("a.jpg", jpeg())], "dark")
    monkeypatch.undo()
    monkeypatch.setenv("CNNLAB_HOME", str(home))
    monkeypatch.setattr(limits, "MIN_FREE_BYTES", 2**60)
    with pytest.raises(StorageError, match="too little room for these pictures; free at least"):
        lab.add_images(dataset.id, [("a.jpg", jpeg())], "dark")
    assert [folder.name for folder in (home / "datasets").iterdir()] == [dataset.id]
    assert lab.list_datasets() == [dataset]


def test_killed_in_the_middle_it_leaves_a_folder_that_the_next_one_removes(home, dataset):
    class Killed(BaseException):
        """Nobody catches it."""

    def pictures():
        yield "a.jpg", jpeg()
        (left,) = (home / "datasets").glob(".import-*")
        shutil.copytree(left, left.with_name(".import-killed"))  # what a kill leaves: no lock
        raise Killed

    with pytest.raises(Killed):
        lab.add_images(dataset.id, pictures(), "dark")
    assert {folder.name for folder in (home / "datasets").iterdir()} == {
        dataset.id,
        ".import-killed",
    }
    grown = lab.add_images(dataset.id, [("a.jpg", jpeg())], "dark")
    assert {folder.name for folder in (home / "datasets").iterdir()} == {dataset.id, grown.id}
    assert lab.add_images(dataset.id, [("a.jpg", jpeg())], "dark") == grown


def uploaded(name, content):
    token = lab.begin_upload(name, len(content))
    lab.append_chunk(token, 0, content)
    return token


def test_an_uploaded_zip_or_picture_is_added_and_is_gone_then(home, dataset, tmp_path):
    files = {"a/1.jpg": jpeg(1), "__MACOSX/a/._1.jpg": b"junk", "a/.DS_Store": b"junk"}
    token = uploaded("some.zip", make_zip(tmp_path / "some.zip", files).read_bytes())
    grown = lab.add_uploaded(dataset.id, token, "third")
    assert "added/1.jpg" in index_of(home, grown).files
    later = lab.add_uploaded(grown.id, uploaded("my photo.jpg", jpeg(2)), "third")
    assert later.classes["third"] == 2
    assert not any((home / "uploads").iterdir())
    with pytest.raises(NotFoundError, match="no longer there"):
        lab.add_uploaded(dataset.id, token, "third")


def test_what_an_upload_holds_besides_pictures_is_refused_and_stays(home, dataset, tmp_path):
    files = {"a/1.jpg": jpeg(1), "a/notes.txt": b"not a picture"}
    zipped = make_zip(tmp_path / "some.zip", files)
    torn = bytearray(make_zip(tmp_path / "torn.zip", {"a/1.jpg": jpeg(1)}).read_bytes())
    torn[60:64] = b"torn"
    for name, content, refused in (
        ("some.zip", zipped.read_bytes(), "notes.txt"),
        ("torn.zip", bytes(torn), "1.jpg"),
        ("text.jpg", b"not a picture", "text.jpg"),
    ):
        token = uploaded(name, content)
        with pytest.raises(UploadError, match=rf"^'{refused}' can't be added \("):
            lab.add_uploaded(dataset.id, token, "third")
        assert (home / "uploads" / token).is_dir()
    assert lab.list_datasets() == [dataset]


def test_the_next_pack_is_behind_all_that_are_there_used_or_not(home, dataset):
    grown = lab.add_images(dataset.id, [("a.jpg", jpeg())], "dark")
    row = index_of(home, grown).files.index("added/a.jpg")
    without = lab.fix_dataset(grown.id, [Exclude((row,))])
    again = lab.add_images(without.id, [("b.jpg", jpeg(7))], "dark")
    index = index_of(home, again)
    assert picture(index, "added/b.jpg") == jpeg(7)
    assert picture(index, "dark/3.png") == picture(index_of(home, dataset), "dark/3.png")
    lab.delete_dataset(dataset.id), lab.delete_dataset(grown.id)
    assert lab.thumbnail(again.id, index.files.index("added/b.jpg"), 16)


def test_zip_backup_and_rebuilt_index_have_the_added_ones_too(home, dataset, tmp_path, monkeypatch):
    grown = lab.add_images(dataset.id, [(f"{one}.jpg", jpeg(one)) for one in range(5)], "third")
    packed = tmp_path / "images.zip"
    packed.write_bytes(b"".join(lab.dataset_zip(grown.id)))
    with zipfile.ZipFile(packed) as archive:
        contents = [archive.read(name) for name in archive.namelist() if "third/" in name]
    assert sorted(contents) == sorted(jpeg(one) for one in range(5))
    assert lab.import_dataset(packed).classes == grown.classes
    parts = parts_of(home, grown)
    lab.rebuild_index()
    assert lab.load_dataset(grown.id) == grown
    lab.back_up(tmp_path / "backup.tar")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "restored"))
    lab.restore(tmp_path / "backup.tar")
    assert lab.load_dataset(grown.id) == grown
    assert parts_of(tmp_path / "restored", grown) == parts


def test_deep_images_are_read_with_the_range_of_the_dataset(home, tmp_path):
    files = deep_files(np.uint16, 0, 4095, suffix="png")
    last = files.pop("bar/7.png")
    dataset = lab.import_dataset(make_zip(tmp_path / "deep.zip", files))
    grown = lab.add_images(dataset.id, [("bright.png", last), ("plain.jpg", jpeg())], "bar")
    assert grown.value_range == dataset.value_range == (0, 4095)
    whole = lab.import_dataset(
        make_zip(tmp_path / "all.zip", files | {"bar/7.png": last, "bar/plain.jpg": jpeg()})
    )
    here, there = index_of(home, grown), index_of(home, whole)
    for mine, other in (("added/bright.png", "bar/7.png"), ("added/plain.jpg", "bar/plain.jpg")):
        row, twin = here.files.index(mine), there.files.index(other)
        assert here.looks[row] == there.looks[twin]
        assert here.open(row).tobytes() == there.open(twin).tobytes()


def test_the_first_deep_images_bring_a_range_and_it_is_told(home, dataset):
    deep = deep_files(np.uint16, 0, 4095, suffix="png")
    grown = lab.add_images(dataset.id, list(deep.items()), "deep")
    assert grown.value_range == (0, 4095)
    (told,) = (one for one in grown.warnings if one.kind == "value_range")
    assert "16 images have more than 8 bits" in told.message
    index = index_of(home, grown)
    assert index.looks["glance"][index.is_deep].std() > 20, "seen with that range"
    photo = lab.add_images(
        dataset.id, [("photo.png", colors_png(np.full((9, 9, 3), 3000)))], "deep"
    )
    assert photo.value_range == (0, 65535)
    old = lab.load_dataset(dataset.id)
    assert replace(old, value_range=None) == dataset


def test_without_a_range_of_an_earlier_version_deep_ones_are_refused(home, tmp_path, monkeypatch):
    files = deep_files(np.uint16, 0, 4095, suffix="png")
    dataset = lab.import_dataset(make_zip(tmp_path / "deep.zip", files))
    monkeypatch.setattr(adding, "open_index", lambda name: _without_range(home, name))
    with pytest.raises(CnnlabError, match="set one on its page first"):
        lab.add_images(dataset.id, [("a.png", next(iter(files.values())))], "new")


def _without_range(home, name):
    index = ImageIndex(home / "datasets" / name)
    index.value_range = None
    return index
