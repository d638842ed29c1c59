import pytest

from cnnlab.datasets.labelling.split_folders import is_holder, read_split_folder
from cnnlab.domain.errors import UploadError
from tests.datasets.labelling.drawn import counted, folders, many, read_upload, table, told

PAIR = {"cat": 2, "dog": 2}
TRAIN = folders("train/cat", "train/dog")
NAMED = [*many("train/cat.{}.jpg"), *many("train/dog.{}.jpg")]
BY_NAME = {"": {"cat": 3, "dog": 3}}


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *((name, "train") for name in ("Train", "train1", "train_2", "training-part1", "trn v2")),
        *((name, "validation") for name in ("val2", "eval", "Evaluation", "valid_1", "dev")),
        *((name, "test") for name in ("test1", "test_2", "TEST_stg1", "test2019", "holdout")),
        *((name, None) for name in ("cat", "train_masks", "trains", "1", "images", "contest1")),
    ],
)
def test_folders_may_be_numbered_parts_of_a_split(name, split):
    assert read_split_folder(name) == split


def test_folders_that_only_hold_images_are_known_by_their_name():
    assert all(map(is_holder, ("images", "IMGS", "JPEGImages", "all_images", "val", "photos")))
    assert not any(map(is_holder, ("cat", "imagesque", "beach photos")))


UNKNOWN_BESIDE = {
    "test1 without class folders": (["test1/1.jpg", "test1/2.jpg"], None),
    "test_2 with class folders": (folders("test_2/cat", "test_2/dog"), "test"),
    "unlabeled": (many("unlabeled/{}.jpg"), None),
    "unlabelled_data": (many("unlabelled_data/{}.jpg"), None),
    "extra with class folders": (folders("extra/cat", "extra/dog"), "train"),
    "extra without": (many("extra/{}.jpg"), None),
    "one that nobody knows": (many("to_classify/{}.jpg"), None),
    "holdout with class folders": (folders("holdout/cat", "holdout/dog"), "test"),
}


@pytest.mark.parametrize("beside", UNKNOWN_BESIDE)
def test_what_lies_beside_train_makes_no_class_of_it(tmp_path, beside):
    more, split = UNKNOWN_BESIDE[beside]
    layout = read_upload(tmp_path, [*TRAIN, *more])
    assert layout.classes == {"cat", "dog"}
    counts = counted(layout)
    if split == "test":
        assert counts == {"train": PAIR, "test": PAIR}
    else:
        taken = 4 if split == "train" else 2
        assert counts == {"": {"cat": taken, "dog": taken}}
    reasons = {file.reason for file in layout.skipped}
    assert len(layout.skipped) == (0 if split else len(more))
    assert all("in no class folder" in reason for reason in reasons)


@pytest.mark.parametrize("other", ["test1", "test_2", "unlabeled", "to_predict"])
def test_labels_in_the_names_of_train_beside_another_folder(tmp_path, other):
    layout = read_upload(tmp_path, [*NAMED, *many(f"{other}/{{}}.jpg", 4)])
    assert counted(layout) == BY_NAME
    assert len(layout.skipped) == 4
    assert "'cat' (3 images, such as 'cat.0.jpg')" in told(layout, "file_names")


def test_what_belongs_to_no_split_is_told_and_the_folders_can_be_chosen(tmp_path):
    paths = [*TRAIN, *many("to_classify/{}.jpg")]
    layout = read_upload(tmp_path, paths)
    assert "left out: 'to_classify' (3 images)" in told(layout, "layout")
    chosen = read_upload(tmp_path, paths, reading="folders")
    assert counted(chosen) == {"": {"to_classify": 3, "train": 4}}


@pytest.mark.parametrize(
    "classes",
    [
        ["train", "bus", "car"],
        ["train", "plane"],
        ["test", "control"],
        ["dev", "ops", "sales"],
        ["train/steam", "train/diesel", "bus/city", "bus/coach"],
        ["train", "test", "bus", "car", "ship"],
    ],
)
def test_a_class_called_like_a_split_stays_one_and_is_told(tmp_path, classes):
    layout = read_upload(tmp_path, folders(*classes))
    assert layout.classes == {name.partition("/")[0] for name in classes}
    assert "is called like a split and was read as a class" in told(layout, "layout")
    chosen = read_upload(tmp_path, folders(*classes), reading="folders")
    assert chosen.classes == layout.classes
    assert "called like a split" not in told(chosen, "layout")


LABELLED_VAL = {"val_0.jpg": "cat", "val_1.jpg": "dog", "val_2.jpg": "cat"}
FLAT_VALIDATION = {
    "as tiny-imagenet has it": (
        many("val/images/val_{}.jpg"),
        {
            "val/val_annotations.txt": "".join(
                f"{name}\t{label}\t0\t1\t20\t22\n" for name, label in LABELLED_VAL.items()
            ),
            "train/cat/cat_boxes.txt": "0.jpg\t1\t2\t20\t21\n1.jpg\t1\t3\t20\t21\n",
            "words.txt": "cat\ta cat\ndog\ta dog\n",
        },
    ),
    "without a folder between": (many("val/val_{}.jpg"), {"val.csv": table(LABELLED_VAL)}),
    "with the table in the split": (
        many("valid/val_{}.jpg"),
        {"valid/labels.csv": table(LABELLED_VAL)},
    ),
    "in a folder called like the split": (
        many("validation/val_images/val_{}.jpg"),
        {"val_labels.csv": table(LABELLED_VAL, "image,class")},
    ),
}


@pytest.mark.parametrize("kind", FLAT_VALIDATION)
def test_a_split_without_class_folders_is_read_by_its_table(tmp_path, kind):
    paths, tables = FLAT_VALIDATION[kind]
    test = many("test/images/test_{}.jpg")
    layout = read_upload(
        tmp_path,
        [
            *folders("w/train/cat/images", "w/train/dog/images"),
            *(f"w/{path}" for path in [*paths, *test]),
        ],
        {f"w/{name}": text for name, text in tables.items()},
    )
    assert counted(layout) == {"train": PAIR, "validation": {"cat": 2, "dog": 1}}
    assert "3 images (validation) that lie in no class folder" in told(layout, "tables")
    left_out = {file.file for file in layout.skipped if file.reason != "not an image"}
    assert left_out == {f"w/{path}" for path in test}


UNUSABLE_TABLES = {
    "none": {},
    "of a constant": {"val.csv": table(dict.fromkeys(LABELLED_VAL, "cat"))},
    "of numbers that no folder is called": {
        "val.csv": table({"val_0.jpg": "17", "val_1.jpg": "3", "val_2.jpg": "17"})
    },
    "of other images": {"val.csv": table({"a.jpg": "cat", "b.jpg": "dog"})},
}


@pytest.mark.parametrize("kind", UNUSABLE_TABLES)
def test_a_split_without_labels_is_left_out_and_never_a_class(tmp_path, kind):
    paths = [*TRAIN, *many("val/images/val_{}.jpg")]
    layout = read_upload(tmp_path, paths, UNUSABLE_TABLES[kind])
    assert counted(layout) == {"": PAIR}
    reasons = {file.reason for file in layout.skipped if file.reason != "not an image"}
    assert reasons == {"it is in no class folder of the validation images, and no table labels it"}


def test_a_class_called_images_stays_one_where_it_is_one(tmp_path):
    paths = folders("train/images", "train/text", "val/images")
    assert counted(read_upload(tmp_path, paths)) == {
        "train": {"images": 2, "text": 2},
        "validation": {"images": 2},
    }


def test_class_folders_in_the_only_folder_of_a_split_are_found(tmp_path):
    paths = [*TRAIN, *folders("val/images/cat", "val/images/dog")]
    assert counted(read_upload(tmp_path, paths)) == {"train": PAIR, "validation": PAIR}


def test_flat_images_in_train_and_its_neighbour_alone_are_still_refused_with_a_word(tmp_path):
    with pytest.raises(UploadError, match="No image of the upload has a label"):
        read_upload(tmp_path, ["train/1.jpg", "train/2.jpg", "test1/3.jpg"])
