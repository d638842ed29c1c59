"""Of several tables that name images, one is believed."""

import pytest

from cnnlab.domain.errors import UploadError
from tests.datasets.made_uploads import csv_of, in_blocks, in_turn, labels_of, numbered, told
from tests.datasets.made_uploads import layout_of as made_layout

HEADINGS = ("image_id", "label")
CLASSES = ("blight", "healthy", "rust")
TRAIN, TEST = numbered("train_images", 24, 1000), numbered("test_images", 9, 5000)
TRUTH = in_turn(TRAIN, CLASSES)


@pytest.fixture
def layout_of(tmp_path):
    def read(tables, paths=(*TRAIN, *TEST), **labelling):
        return made_layout(tmp_path, paths, tables, **labelling)

    return read


FORMS = {
    "sample_submission.csv": in_turn(TEST, ["healthy"]),
    "sampleSubmission.csv": in_turn(TEST, CLASSES),
    "input/submission_format.csv": in_turn(TEST, ["rust", "blight"]),
    "SAMPLE-SUB.csv": in_turn(TEST, ["0"]),
    "my_predictions.csv": in_blocks(TEST, CLASSES),
    "test.csv": in_turn(TEST, ["healthy"]),  # a part by its name, but for its labels
    "answers.csv": in_turn(TEST, ["unknown"]),
    "a.csv": in_turn(TEST, ["0.5"]),
}
"""Tables that only answer for the test images, by their names or by what they say."""


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("truth", ["train.csv", "labels.csv"])
def test_answers_for_the_test_images_are_no_labels(layout_of, name, truth):
    layout = layout_of({truth: csv_of(HEADINGS, TRUTH), name: csv_of(HEADINGS, FORMS[name])})
    assert labels_of(layout) == dict(TRUTH)
    assert {file.file for file in layout.skipped} == {*TEST}
    base = name.rpartition("/")[2]
    assert {file.reason for file in layout.skipped} == {
        f"only {base} gives it a label, which is not believed"
    }
    tells_apart = len({label for _, label in FORMS[name]}) > 1
    assert layout.other_tables == ((name,) if tells_apart else ())
    message = told(layout, "tables")
    assert f"taken from {truth}, which labels 24 of the 33 images" in message
    assert f"Not believed: {base} (" in message
    assert "--table" in message


def test_shares_of_each_class_are_no_labels(layout_of):
    shares = [(file, "0.2", "0.3", "0.5") for file, _ in in_turn(TEST, "x")]
    tables = {
        "truth.csv": csv_of(HEADINGS, TRUTH),
        "z.csv": csv_of(("image_id", *CLASSES), shares),
    }
    layout = layout_of(tables)
    assert labels_of(layout) == dict(TRUTH)
    assert "z.csv (it holds numbers between 0 and 1)" in told(layout, "tables")
    with pytest.raises(UploadError, match=r"z\.csv gives no image a label, it holds numbers"):
        layout_of(tables, table_name="z.csv")


def test_labels_in_turn_are_doubted_where_others_are_not(layout_of):
    tables = {
        "train.csv": csv_of(HEADINGS, in_blocks(TRAIN, CLASSES)),
        "test.csv": csv_of(HEADINGS, in_turn(TEST, CLASSES)),
    }
    layout = layout_of(tables)
    assert labels_of(layout) == dict(in_blocks(TRAIN, CLASSES))
    assert "test.csv (its labels go round in turn)" in told(layout, "tables")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("train.csv", "test.csv"),
        ("train_labels.csv", "test_labels.csv"),
        ("train/_annotations.csv", "valid/_annotations.csv"),
        ("labels_1.csv", "labels_2.csv"),
        ("TrainSet.csv", "validation-data.csv"),
        ("labels.csv", "labels_test.csv"),
    ],
)
def test_parts_of_one_another_stay_together(layout_of, first, second):
    labels = in_blocks(TEST, CLASSES)
    layout = layout_of({first: csv_of(HEADINGS, TRUTH), second: csv_of(HEADINGS, labels)})
    assert labels_of(layout) == dict(TRUTH) | dict(labels)
    assert layout.other_tables == ()
    assert told(layout, "tables") == ""


@pytest.mark.parametrize("table", ["train.csv", "data/train_labels.csv", "train/labels.csv"])
def test_a_name_in_two_splits_means_the_image_of_the_tables_own(layout_of, table):
    paths = [*numbered("train", 9), *numbered("test", 9)]
    rows = in_blocks(paths[:9], CLASSES)
    layout = layout_of({table: csv_of(HEADINGS, rows)}, paths)
    assert labels_of(layout) == dict(rows)
    assert {image.member.path for image in layout.images} == {*paths[:9]}
    form = {"sample_submission.csv": csv_of(HEADINGS, in_turn(paths[9:], ["rust"]))}
    assert labels_of(layout_of({table: csv_of(HEADINGS, rows)} | form, paths)) == dict(rows)
    both = layout_of(
        {"train.csv": csv_of(HEADINGS, rows), "test.csv": csv_of(HEADINGS, rows[::-1])}, paths
    )
    assert {image.split for image in both.images} == {"train", "test"}
    assert len(both.images) == 18


def test_a_table_for_each_class_is_no_doubt(layout_of):
    tables = {
        f"{label}.csv": csv_of(HEADINGS, [row for row in TRUTH if row[1] == label])
        for label in CLASSES
    }
    assert labels_of(layout_of(tables, TRAIN)) == dict(TRUTH)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("metadata.csv", csv_of(("id", "sex"), in_turn([*TRAIN, *TEST], "mf")), "headed as labels"),
        ("extra.csv", csv_of(HEADINGS, in_blocks(TRAIN[:9], CLASSES)), "9 images, not 24"),
        ("old/labels.csv", csv_of(HEADINGS, in_blocks(TRAIN[:9], CLASSES)), "9 images, not 24"),
        ("boxes.txt", csv_of((), in_turn(TRAIN, "123"), "\t"), "a text of numbers"),
    ],
)
def test_the_likeliest_of_several_is_taken_and_contradictions_are_counted(
    layout_of, name, content, why
):
    layout = layout_of({"labels.csv": csv_of(HEADINGS, TRUTH), name: content})
    assert labels_of(layout) == dict(TRUTH)
    message = told(layout, "tables")
    assert f"Not believed: {name.rpartition('/')[2]} (" in message
    assert why in message
    differ = {"metadata.csv": "24 of the 24", "boxes.txt": "24 of the 24"}.get(name, "6 of the 9")
    assert f"gives {differ} images that both name another label than labels.csv" in message


@pytest.mark.parametrize("name", ["old/labels.csv", "OLD/labels.CSV", "sample_submission.csv"])
def test_a_user_takes_another_one(layout_of, name):
    tables = {
        "labels.csv": csv_of(HEADINGS, TRUTH),
        "old/labels.csv": csv_of(HEADINGS, in_blocks(TEST, CLASSES)),
        "sample_submission.csv": csv_of(HEADINGS, in_blocks(TEST, CLASSES)),
    }
    layout = layout_of(tables, table_name=name)
    assert labels_of(layout) == dict(in_blocks(TEST, CLASSES))
    assert len(layout.other_tables) == 2


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("none.csv", "no table called 'none.csv'; give the path of one of these: a/l.csv, b/l.csv"),
        ("l.csv", "several tables called 'l.csv'"),
        (" ", "no table called"),
    ],
)
def test_a_table_that_isnt_there_is_said(layout_of, wanted, message):
    tables = dict.fromkeys(("a/l.csv", "b/l.csv"), csv_of(HEADINGS, TRUTH))
    with pytest.raises(UploadError, match=message):
        layout_of(tables, table_name=wanted)


@pytest.mark.parametrize("name", ["baseline.csv", "benchmark_labels.csv", "template.csv"])
def test_a_name_that_is_perhaps_a_forms_counts_only_beside_another_table(layout_of, name):
    form = {name: csv_of(("file", "label"), in_blocks(TEST, CLASSES))}
    assert labels_of(layout_of(form)) == dict(in_blocks(TEST, CLASSES))
    beside = form | {"sizes.csv": csv_of(("file", "width"), in_turn(TEST, ["640", "480", "320"]))}
    assert labels_of(layout_of(beside)) == dict(in_blocks(TEST, CLASSES))
    layout = layout_of(form | {"truth.csv": csv_of(HEADINGS, TRUTH)})
    assert labels_of(layout) == dict(TRUTH)
    assert f"{name} (its name says that it is a form" in told(layout, "tables")


def test_forms_for_answers_alone_are_refused(layout_of):
    form = {"sample_submission.csv": csv_of(HEADINGS, in_turn(TEST, CLASSES))}
    with pytest.raises(UploadError, match="No table of the upload is believed: sample_submission"):
        layout_of(form)
    assert len(layout_of(form, table_name="sample_submission.csv").images) == 9


@pytest.mark.parametrize("reading", ["folders", "subfolders", "file_names", "annotations"])
def test_a_table_and_another_reading_are_not_both_given(layout_of, reading):
    paths = [*numbered("cat", 5), *numbered("dog", 5, 5)]
    tables = {"labels.csv": csv_of(HEADINGS, in_turn(paths, ["a", "b"]))}
    with pytest.raises(UploadError, match=rf"'labels\.csv' gives no label.*'{reading}'.*not both"):
        layout_of(tables, paths, table_name="labels.csv", reading=reading)
    wanted = layout_of(tables, paths, table_name="labels.csv", reading="table")
    assert wanted.classes == {"a", "b"}


def test_folders_go_first_and_what_tables_say_against_them_is_counted(layout_of):
    paths = [*numbered("set/cat", 5), *numbered("set/dog", 5, 5), *numbered("set/test", 3, 10)]
    tables = {
        "labels.csv": csv_of(HEADINGS, in_turn(paths[:10], ["cat", "dog"])),
        "sample_submission.csv": csv_of(HEADINGS, in_turn(paths[10:], ["cat"])),
    }
    layout = layout_of(tables, paths[:10])
    assert {image.label for image in layout.images} == {"cat", "dog"}
    assert "labels.csv gives 4 of the 10 images" in told(layout, "tables")
    assert "than the class folders" in told(layout, "tables")
    assert layout.other_tables == ("labels.csv",)
    by_table = layout_of(tables, paths[:10], reading="table")
    assert labels_of(by_table) == dict(in_turn(paths[:10], ["cat", "dog"]))
    assert "labels.csv gives 4 of the 10 images" in told(by_table, "tables")
