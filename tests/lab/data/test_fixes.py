"""Fixes through the real store: new versions, shared packs, unchanged parents."""

import contextlib
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex, content_hash
from cnnlab.domain.config.run_config import Image, SplitFractions, load_config
from cnnlab.domain.data.fixes import DropSplits, Exclude, MoveTo, Relabel, RenameClass
from cnnlab.domain.data.split import count_splits
from cnnlab.domain.errors import DatasetError, NotFoundError, StorageError
from cnnlab.files import write_json
from tests.datasets.uploads import images, jpeg, make_zip
from tests.made_runs import no_supervisor

WITH_TEST = SplitFractions(validation=0.2, test=0.25)


def index_of(home, dataset):
    return ImageIndex(home / "datasets" / dataset.id)


def test_excluded_images_are_gone_in_the_new_version_only(home, dataset):
    fixed = lab.fix_dataset(dataset.id, [Exclude((0, 1, 2))])
    assert (fixed.images, fixed.version, fixed.parent) == (45, 2, dataset.id)
    assert fixed.changes == ("3 images excluded",)
    assert lab.load_dataset(dataset.id).images == 48
    old, new = index_of(home, dataset), index_of(home, fixed)
    assert new.files == old.files[3:]
    assert new.read_bytes(0) == old.read_bytes(3)
    assert [version.id for version in lab.versions(fixed.id)] == [fixed.id, dataset.id]


def test_images_can_be_relabelled_into_a_new_class(home, dataset):
    fixed = lab.fix_dataset(dataset.id, [Relabel((0, 5), " grey ")])
    assert fixed.classes == {"bright": 22, "dark": 24, "grey": 2}
    index = index_of(home, fixed)
    assert [index.class_names[index.labels[row]] for row in (0, 1, 5)] == ["grey", "bright", "grey"]


def test_renaming_to_another_class_merges_and_one_class_is_refused(dataset):
    three = lab.fix_dataset(dataset.id, [Relabel((0, 5), "grey")])
    merged = lab.fix_dataset(three.id, [RenameClass("grey", "dark")])
    assert merged.classes == {"bright": 22, "dark": 26}
    with pytest.raises(DatasetError, match="needs 2 to 1,000 classes, this change would leave 1"):
        lab.fix_dataset(merged.id, [RenameClass("bright", "dark")])


def test_the_way_back_leads_to_the_stored_version(dataset):
    renamed = lab.fix_dataset(dataset.id, [RenameClass("dark", "black")])
    back = lab.fix_dataset(renamed.id, [RenameClass("black", "dark")])
    assert back.id == dataset.id
    assert len(lab.list_datasets()) == 2


def test_moved_images_are_where_they_were_moved_and_no_other_moves(home, dataset):
    before = index_of(home, dataset).split(WITH_TEST)
    rows = tuple(np.flatnonzero(before == "train")[:2].tolist())
    fixed = lab.fix_dataset(dataset.id, [MoveTo(rows, "validation")])
    assert fixed.splits is None, "the parts of the others are drawn"
    expected = before.copy()
    expected[list(rows)] = "validation"
    assert (index_of(home, fixed).split(WITH_TEST) == expected).all()
    assert lab.count_splits(fixed.id, WITH_TEST) == count_splits(expected)
    assert lab.fix_dataset(fixed.id, [DropSplits(rows)]).id == dataset.id


def test_where_the_upload_brought_a_test_part_only_the_others_go_on_being_drawn(home, tmp_path):
    files = images(*(f"{split}/{n % 2}/{n}.png" for split in ("train", "test") for n in range(20)))
    dataset = lab.import_dataset(make_zip(tmp_path / "own.zip", files))
    before = index_of(home, dataset).split(WITH_TEST)
    row = int(np.flatnonzero(before == "train")[0])
    fixed = lab.fix_dataset(dataset.id, [MoveTo((row,), "validation")])
    now = index_of(home, fixed).split(WITH_TEST)
    assert now[row] == "validation"
    assert (np.delete(now, row) == np.delete(before, row)).all()
    assert "class_sets" not in {finding.kind for finding in lab.findings(fixed.id)}


def test_a_moved_picture_takes_its_copies_along_where_parts_are_drawn(home, upload):
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/copy.png", archive.read("dark/3.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    index = index_of(home, dataset)
    copies = [index.files.index(f"dark/{name}.png") for name in ("3", "copy")]
    fixed = lab.fix_dataset(dataset.id, [MoveTo((copies[1],), "test")])
    assert (index_of(home, fixed).split(WITH_TEST)[copies] == "test").all()


def parts_of(home, dataset, fractions):
    index = index_of(home, dataset)
    return dict(zip(index.files, index.split(fractions).tolist(), strict=True))


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_every_image_keeps_its_part_when_the_versions_before_are_gone(home, upload, seed):
    with zipfile.ZipFile(upload, "a") as archive:
        for number in range(4):
            archive.writestr(f"dark/copy{number}.png", archive.read("dark/3.png"))
    fractions = SplitFractions(validation=0.2, test=0.25, seed=seed)
    version = lab.import_dataset(upload, name="Copies")
    before = parts_of(home, version, fractions)
    for fixes in (
        [Relabel(tuple(range(0, 20, 2)), "dark")],
        [Exclude((1, 2, 7, 30))],
        [RenameClass("dark", "a first"), Relabel((3, 4), "new")],
        [RenameClass("new", "bright")],
    ):
        fixed = lab.fix_dataset(version.id, fixes)
        lab.delete_dataset(version.id)
        now = parts_of(home, fixed, fractions)
        assert len(now) >= 48
        assert now.items() <= before.items()
        version = fixed
    single = lab.apply_remedy(version.id, "duplicates", "keep_one")
    assert parts_of(home, single, fractions).items() <= before.items()


def content_of(home, dataset):
    """The hash of an import of an earlier release."""
    index = index_of(home, dataset)
    names = [index.class_names[label] for label in index.labels]
    return content_hash(zip(index.files, names, index.given_splits, index.hashes, strict=True))


def test_a_version_whose_parts_an_import_would_draw_otherwise_has_an_id_of_its_own(home, dataset):
    fixed = lab.fix_dataset(dataset.id, [Relabel(tuple(range(10)), "dark")])
    for one, is_as_imported in ((dataset, True), (fixed, False)):
        assert one.id.endswith(content_of(home, one)[:8]) == is_as_imported


def as_of_an_earlier_release(home, dataset):
    """Make a stored dataset one that an earlier release imported."""
    path = home / "datasets" / dataset.id / "index.parquet"
    table = pq.read_table(path)
    metadata = table.schema.metadata
    assert metadata.pop(b"cnnlab.split_rule") == b"2"
    pq.write_table(table.replace_schema_metadata(metadata), path)


def test_a_dataset_of_an_earlier_release_and_its_versions_are_split_as_they_were(home, upload):
    with zipfile.ZipFile(upload, "a") as archive:
        for number in range(20):
            archive.writestr(f"dark/copy{number}.png", archive.read("dark/3.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    label = list(dataset.classes).index("dark")

    def count_validation():
        index = index_of(home, dataset)
        splits = index.split(SplitFractions())[index.labels == label]
        return np.count_nonzero(splits == "validation")

    assert count_validation() == 9
    as_of_an_earlier_release(home, dataset)
    assert count_validation() == 29, "8 pictures, and 21 copies of one"
    for seed in range(5):
        fractions = SplitFractions(test=0.2, seed=seed)
        before = parts_of(home, dataset, fractions)
        fixed = lab.fix_dataset(dataset.id, [Exclude((0, 30))])
        assert parts_of(home, fixed, fractions).items() <= before.items()


def test_an_import_with_copies_is_another_dataset_than_that_of_an_earlier_release(home, upload):
    plain = lab.import_dataset(upload, name="No copies")
    assert plain.id.endswith(content_of(home, plain)[:8]), "as in every release"
    as_of_an_earlier_release(home, plain)
    assert lab.import_dataset(upload, name="No copies") == plain
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/copy.png", archive.read("dark/3.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    assert not dataset.id.endswith(content_of(home, dataset)[:8])
    renamed = lab.fix_dataset(dataset.id, [RenameClass("dark", "black")])
    assert lab.fix_dataset(renamed.id, [RenameClass("black", "dark")]).id == dataset.id


def test_parts_by_the_rule_of_an_earlier_release_are_told_where_there_are_copies(home, upload):
    plain = lab.import_dataset(upload, name="No copies")
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/copy.png", archive.read("dark/3.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    for one in (plain, dataset):
        as_of_an_earlier_release(home, one)
    assert lab.split_notes(lab.import_dataset(upload, name="Anew").id) == []
    assert lab.split_notes(plain.id) == []
    for one in (dataset, lab.fix_dataset(dataset.id, [Exclude((0,))])):
        [note] = lab.split_notes(one.id)
        assert "Import the file again for the right shares" in note
        assert note in lab.dataset_card(one.id)


def test_whether_a_version_keeps_its_parts(home, tmp_path):
    files = images(*(f"{split}/{n % 2}/{n}.png" for split in ("train", "test") for n in range(20)))
    dataset = lab.import_dataset(make_zip(tmp_path / "own.zip", files))
    fixed = lab.fix_dataset(dataset.id, [Exclude((0,))])
    anew = lab.fix_dataset(fixed.id, [DropSplits(tuple(range(20)))])
    later = lab.fix_dataset(anew.id, [Exclude((0,))])
    kept = [lab.keeps_parts(one) for one in (dataset, fixed, anew, later)]
    assert kept == [False, True, False, True]


def test_own_splits_stay_own_when_all_their_test_images_are_gone(home, tmp_path):
    files = images(*(f"{split}/{n % 2}/{n}.png" for split in ("train", "test") for n in range(20)))
    dataset = lab.import_dataset(make_zip(tmp_path / "own.zip", files))
    tests = tuple(np.flatnonzero(index_of(home, dataset).own_splits == "test").tolist())
    assert lab.split_notes(dataset.id) == []
    for fix, train in ((Exclude(tests), 20), (MoveTo(tests, "train"), 40)):
        fixed = lab.fix_dataset(dataset.id, [fix])
        assert fixed.splits == {"train": train, "validation": 0, "test": 0}
        assert lab.count_splits(fixed.id, WITH_TEST)["test"] == 0
        assert lab.split_notes(fixed.id) == ["No test images are left, and none are drawn."]
        assert "No test images are left" in lab.dataset_card(fixed.id)
        back = lab.fix_dataset(fixed.id, [MoveTo((0,), "test")])
        assert back.splits["test"] == 1 and lab.split_notes(back.id) == []


def test_a_version_without_what_its_parts_rest_on_is_told_as_damaged(home, dataset):
    fixed = lab.fix_dataset(dataset.id, [Exclude((0,))])
    (home / "datasets" / fixed.id / "lineage.npz").unlink()
    with pytest.raises(StorageError, match="which images train is unknown"):
        lab.count_splits(fixed.id, SplitFractions())


def test_what_is_impossible_is_refused_and_leaves_nothing_behind(home, dataset):
    for fixes, message in (
        ([Exclude((48,))], "numbered 0 to 47"),
        ([MoveTo((0,), "holdout")], "A split is one of"),
        ([MoveTo(tuple(range(48)), "test")], "no image to train on"),
        ([RenameClass("green", "red")], "no class 'green'"),
        ([Relabel((0,), "\n")], "A class name needs"),
        ([Exclude(tuple(range(48)))], "this change would leave 0"),
    ):
        with pytest.raises(DatasetError, match=message):
            lab.fix_dataset(dataset.id, fixes)
    with pytest.raises(NotFoundError):
        lab.fix_dataset("nothing", [])
    assert [folder.name for folder in (home / "datasets").iterdir()] == [dataset.id]


def test_a_remedy_makes_a_version_without_the_finding(tmp_path, home, upload):
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/copy.png", archive.read("dark/3.png"))
        archive.writestr("bright/wrong.png", archive.read("dark/7.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    kinds = {finding.kind for finding in lab.findings(dataset.id)}
    assert {"duplicates", "label_conflict"} <= kinds
    assert {warning.kind for warning in dataset.warnings} == kinds
    fixed = lab.apply_remedy(dataset.id, "label_conflict", "exclude")
    assert {finding.kind for finding in lab.findings(fixed.id)} == kinds - {"label_conflict"}
    clean = lab.apply_remedy(fixed.id, "duplicates", "keep_one")
    assert clean.images == 47
    assert not {"duplicates", "label_conflict"} & {f.kind for f in lab.findings(clean.id)}
    with pytest.raises(DatasetError, match="has no duplicates to keep_one"):
        lab.apply_remedy(clean.id, "duplicates", "keep_one")


def test_a_parent_can_be_deleted_and_its_child_lives_on(home, dataset):
    fixed = lab.fix_dataset(dataset.id, [Exclude((0,))])
    lab.delete_dataset(dataset.id)
    assert len(lab.square_examples(fixed.id, Image(size=16), count=4)) == 4
    assert [version.id for version in lab.versions(fixed.id)] == [fixed.id]


def test_what_is_kept_as_it_is_stays_kept_in_later_versions(dataset):
    lab.keep_finding(dataset.id, "imbalance")
    lab.keep_finding(dataset.id, "blank")
    later = lab.fix_dataset(dataset.id, [Exclude((0,))])
    lab.keep_finding(later.id, "dark")
    assert lab.kept_findings(dataset.id) == {"imbalance", "blank"}
    assert lab.kept_findings(later.id) == {"imbalance", "blank", "dark"}


def test_keeping_can_be_undone_in_a_later_version_and_the_earlier_one_stays(dataset):
    lab.keep_finding(dataset.id, "imbalance")
    later = lab.fix_dataset(dataset.id, [Exclude((0,))])
    lab.reopen_finding(later.id, "imbalance")
    assert lab.kept_findings(later.id) == set()
    assert lab.kept_findings(dataset.id) == {"imbalance"}
    lab.reopen_finding(later.id, "blank")  # wasn't kept: nothing to undo
    assert lab.kept_findings(later.id) == set()


def test_a_version_is_taken_back_unless_something_uses_it(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    unused = lab.fix_dataset(dataset.id, [Exclude((0,))])
    lab.take_back(unused.id)
    assert lab.list_datasets() == [dataset]
    built_on = lab.fix_dataset(dataset.id, [Exclude((1,))])
    later = lab.fix_dataset(built_on.id, [Exclude((0,))])
    lab.launch_run(load_config({"dataset": later.id}))
    for version in (later, built_on):
        lab.take_back(version.id)
        assert lab.load_dataset(version.id) == version


def test_findings_kept_in_the_same_moment_are_all_kept(dataset, monkeypatch):
    both_have_read = threading.Barrier(2)

    def meet_and_write(path, kinds):
        with contextlib.suppress(threading.BrokenBarrierError):  # one is in line for the lock
            both_have_read.wait(timeout=0.5)
        write_json(path, kinds)

    monkeypatch.setattr("cnnlab.lab.data.fixes.write_json", meet_and_write)
    with ThreadPoolExecutor() as tabs:
        for _ in tabs.map(lab.keep_finding, [dataset.id] * 2, ["blank", "dark"]):
            pass
    assert lab.kept_findings(dataset.id) == {"blank", "dark"}
    with pytest.raises(NotFoundError):
        lab.keep_finding("nothing", "blank")


def test_a_decision_goes_along_with_a_new_version_and_is_its_own_from_then_on(dataset):
    lab.keep_finding(dataset.id, "imbalance")
    later = lab.fix_dataset(dataset.id, [Exclude((0,))])
    lab.keep_finding(dataset.id, "blank")
    assert lab.kept_findings(later.id) == {"imbalance"}
    lab.delete_dataset(dataset.id)
    assert lab.kept_findings(later.id) == {"imbalance"}


def test_what_is_kept_is_open_no_more_and_the_card_names_it_as_kept(upload, home, enough_to_judge):
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/copy.png", archive.read("dark/3.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    assert [finding.kind for finding in lab.open_findings(dataset.id)] == ["duplicates"]
    assert "Kept as it is by the user" not in lab.dataset_card(dataset.id)
    lab.keep_finding(dataset.id, "duplicates")
    assert lab.open_findings(dataset.id) == []
    page = lab.dataset_card(dataset.id)
    assert page.index("Exact copies (1)") < page.index("Kept as it is by the user")


def test_how_many_images_a_remedy_changes_is_known_before(upload, home, enough_to_judge):
    with zipfile.ZipFile(upload, "a") as archive:
        for number in range(3):
            archive.writestr(f"dark/copy{number}.png", archive.read("dark/3.png"))
    dataset = lab.import_dataset(upload, name="Copies")
    [finding] = lab.findings(dataset.id)
    count = lab.images_changed(dataset.id, finding, "keep_one")
    assert count == 3
    fixed = lab.apply_remedy(dataset.id, "duplicates", "keep_one")
    assert fixed.images == dataset.images - count


@pytest.mark.parametrize("damage", [Path.unlink, lambda pack: pack.write_bytes(bytes(10**6))])
def test_damaged_pictures_take_no_other_finding_away(home, tmp_path, damage):
    files = {f"{n % 2}/{n}.jpg": jpeg(n, (128, 128)) for n in range(6)}
    dataset = lab.import_dataset(make_zip(tmp_path / "large.zip", files))
    for pack in (home / "datasets" / dataset.id).glob("*.pack"):
        damage(pack)
    assert "few_images" in {finding.kind for finding in lab.findings(dataset.id)}
