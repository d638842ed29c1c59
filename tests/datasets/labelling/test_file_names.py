import pytest

from cnnlab.datasets.labelling.file_names import read_file_names
from cnnlab.domain.errors import UploadError
from tests.datasets.labelling.drawn import counted, many, read_upload, table, told

REGULAR = {
    "dots": ("cat.{}.jpg", "dog.{}.jpg", ["cat", "dog"]),
    "underlines": ("Abyssinian_{}.jpg", "great_pyrenees_{}.jpg", ["Abyssinian", "great_pyrenees"]),
    "WordNet ids": ("n01443537_{}.JPEG", "n01629819_{}.JPEG", ["n01443537", "n01629819"]),
    "dashes": ("oak-00{}.png", "fir-00{}.png", ["fir", "oak"]),
    "brackets": ("rose ({}).jpg", "lily ({}).jpg", ["lily", "rose"]),
    "nothing between": ("cat{}.png", "dog{}.png", ["cat", "dog"]),
    "several numbers": ("cat_20230101_{}.jpg", "dog_20230102_{}.jpg", ["cat", "dog"]),
    "numbered classes": ("class_1_{}.jpg", "class_2_{}.jpg", ["class_1", "class_2"]),
    "letters": ("A_{}.jpg", "B_{}.jpg", ["A", "B"]),
    "accents": ("käfer_{}.jpg", "motýl_{}.jpg", ["käfer", "motýl"]),
}


@pytest.mark.parametrize("kind", REGULAR)
def test_a_label_before_a_number_is_found(tmp_path, kind):
    first, second, labels = REGULAR[kind]
    paths = [f"images/{name}" for name in [*many(first), *many(second, 4)]]
    layout = read_upload(tmp_path, paths)
    assert sorted(layout.classes) == sorted(labels)
    assert sorted(counted(layout)[""].values()) == [3, 4]
    message = told(layout, "file_names")
    assert all(f"{label!r}" in message for label in labels)
    assert first.format(0) in message


IRREGULAR = {
    "a camera": many("IMG_000{}.jpg"),
    "two cameras": [*many("IMG_000{}.jpg"), *many("DSC_000{}.jpg")],
    "a phone with dates": [*many("IMG_20230101_{}.jpg"), *many("PXL_20230102_{}.jpg")],
    "screenshots": [*many("Screenshot 2023-01-01 at 10.1.{}.png"), *many("Scan {}.png")],
    "one label": many("Abyssinian_{}.jpg"),
    "hashes": ["a3f921.jpg", "dead12.jpg", "b9c0_7.jpg", "beef44.jpg", "ffab1.jpg"],
    "numbers": many("{}.jpg"),
    "patients": [*many("patient1_{}.jpg"), *many("patient2_{}.jpg")],
    "videos": [*many("video_1_frame_{}.jpg"), *many("video_2_frame_{}.jpg")],
    "each label once": ["cat_1.jpg", "dog_1.jpg", "cow_1.jpg", "fox_1.jpg"],
    "digits": [*many("5_{}.png"), *many("6_{}.png")],
    "splits": [*many("train_{}.png"), *many("val_{}.png")],
    "every other name": [*many("cat_{}.png"), *many("dog_{}.png"), "readme.png", "x.png"],
}


@pytest.mark.parametrize("kind", IRREGULAR)
def test_names_that_may_mean_something_else_are_refused(tmp_path, kind):
    with pytest.raises(UploadError, match="No image of the upload has a label|only one class"):
        read_upload(tmp_path, [f"images/{name}" for name in IRREGULAR[kind]])


def test_a_refusal_shows_what_the_names_would_give(tmp_path):
    preview = r"'5' \(3 images, such as '5_0.png'\), '6' .*take the reading 'file_names'"
    with pytest.raises(UploadError, match=preview):
        read_upload(tmp_path, IRREGULAR["digits"])
    with pytest.raises(UploadError, match="begin alike, with 'IMG', so no labels stand in them"):
        read_upload(tmp_path, IRREGULAR["a camera"])


def test_the_reading_can_be_chosen_where_it_isnt_the_likeliest(tmp_path):
    layout = read_upload(tmp_path, IRREGULAR["digits"], reading="file_names")
    assert counted(layout) == {"": {"5": 3, "6": 3}}
    paths = [*many("x/cat_{}.jpg"), *many("y/dog_{}.jpg"), "y/other.jpg"]
    assert read_upload(tmp_path, paths).classes == {"x", "y"}
    chosen = read_upload(tmp_path, paths, reading="file_names")
    assert counted(chosen) == {"": {"cat": 3, "dog": 3}}
    assert [file.reason for file in chosen.skipped] == [
        "its file name says no class before a number"
    ]
    with pytest.raises(UploadError, match="only one class, 'IMG'"):
        read_upload(tmp_path, IRREGULAR["a camera"], reading="file_names")


def test_a_table_goes_before_the_names_unless_it_only_knows_a_test_set(tmp_path):
    paths = [*many("train/cat.{}.jpg"), *many("train/dog.{}.jpg"), *many("test1/{}.jpg")]
    answers = {"0.jpg": "0", "1.jpg": "0", "2.jpg": "1"}
    submission = read_upload(tmp_path, paths, {"sample_submission.csv": table(answers)})
    assert submission.classes == {"cat", "dog"}
    truth = {f"{name}.{n}.jpg": name[::-1] for name in ("cat", "dog") for n in range(3)}
    assert read_upload(tmp_path, paths, {"labels.csv": table(truth)}).classes == {"tac", "god"}


def test_a_split_that_names_no_label_asks_no_regularity_of_its_names():
    files = [*many("cat_{}.jpg"), *many("dog_{}.jpg"), *many("{}.jpg", 9)]
    groups = ["train"] * 6 + ["test"] * 9
    assert read_file_names(files, groups).are_regular
    assert not read_file_names(files).are_regular
