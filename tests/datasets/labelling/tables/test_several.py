"""A column for each class, and images with several labels."""

import pytest

from cnnlab.domain.errors import ChoiceNeededError, UploadError
from tests.datasets.made_uploads import (
    csv_of,
    in_blocks,
    in_turn,
    labels_of,
    numbered,
    one_hot,
    told,
)
from tests.datasets.made_uploads import layout_of as made_layout

PATHS = numbered("images", 24)
SEVEN = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")


@pytest.fixture
def layout_of(tmp_path):
    def read(table, name="labels.csv", **labelling):
        return made_layout(tmp_path, PATHS, {name: table}, **labelling)

    return read


@pytest.mark.parametrize(
    ("classes", "one", "zero"),
    [
        (("benign", "malignant"), "1.0", "0.0"),
        (("has water", "dry"), "1", "0"),
        (SEVEN, "1.0", "0.0"),
        (("cat", "dog", "fox"), "True", "False"),
        (tuple(f"class {number}" for number in range(24)), "1", ""),
    ],
)
def test_the_heading_of_the_only_one_is_the_class(layout_of, classes, one, zero):
    rows = in_turn(PATHS, classes)
    layout = layout_of(csv_of(("image", *classes), one_hot(rows, classes, one, zero)))
    assert labels_of(layout) == dict(rows)
    assert layout.warnings == ()


def test_a_column_for_each_of_a_thousand_classes(layout_of):
    classes = [f"c{number}" for number in range(1000)]
    rows = in_turn(PATHS, classes[-24:])
    assert labels_of(layout_of(csv_of(("image", *classes), one_hot(rows, classes)))) == dict(rows)


@pytest.mark.parametrize("heading", ["has_cactus", "is malignant", "Smile"])
def test_one_column_of_0_and_1_is_its_heading_or_not(layout_of, heading):
    rows = in_turn(PATHS, "01")
    layout = layout_of(csv_of(("id", heading), rows))
    assert {*labels_of(layout).values()} == {heading, f"not {heading}"}
    assert labels_of(layout)["1.jpg"] == heading
    assert f"'not {heading}'" in told(layout, "tables")


def test_levels_go_before_a_note_of_0_and_1(layout_of):
    levels = in_turn(PATHS, "01234")
    rows = [(*row, str(n % 2), str(30 + n)) for n, row in enumerate(levels)]
    layout = layout_of(csv_of(("image", "level", "left_eye", "age"), rows))
    assert labels_of(layout) == dict(levels)
    assert "the column 'level' of labels.csv" in told(layout, "tables")
    layout = layout_of(csv_of(("image", "smile", "age"), [(row[0], *row[2:]) for row in rows]))
    assert layout.classes == {"smile", "not smile"}


@pytest.mark.parametrize("heading", ["label", "target", "class"])
def test_0_and_1_below_a_heading_of_labels_are_labels(layout_of, heading):
    rows = in_turn(PATHS, "01")
    assert labels_of(layout_of(csv_of(("id", heading), rows))) == dict(rows)


def test_columns_beside_the_classes_are_not_used_and_that_is_said(layout_of):
    rows = one_hot(in_turn(PATHS, SEVEN), SEVEN)
    table = [(*row, str(30 + number)) for number, row in enumerate(rows)]
    layout = layout_of(csv_of(("image", *SEVEN, "age"), table))
    assert labels_of(layout) == dict(in_turn(PATHS, SEVEN))
    assert "the 7 columns of 0 and 1" in told(layout, "tables")


def test_columns_of_0_and_1_need_a_heading(layout_of):
    rows = one_hot(in_turn(PATHS, "ab"), "ab")
    with pytest.raises(UploadError, match="columns of 0 and 1 without a heading"):
        layout_of(csv_of((), rows))


MANY = [
    ("clear", "primary"),
    ("haze", "primary", "water"),
    ("clear", "farm", "road"),
    ("cloudy",),
]


def tables_of(several):
    """The same labels, several each, in every form that tables have."""
    rows = [(path.rpartition("/")[2], *several[n % len(several)]) for n, path in enumerate(PATHS)]
    names = [label for at in range(3) for labels in several for label in labels[at : at + 1]]
    names = list(dict.fromkeys(names))
    for separator in " ;|,":
        cells = [(file, separator.join(labels)) for file, *labels in rows]
        yield f"tags between {separator!r}", csv_of(("image_name", "tags"), cells)
    cells = [(file, f"[{', '.join(map(repr, labels))}]") for file, *labels in rows]
    yield "lists", csv_of(("image_name", "attributes"), cells)
    yield "columns", csv_of(("image", *names), one_hot(rows, names))
    ragged = "file,labels\n" + "".join(",".join(row) + "\n" for row in rows)
    yield "cells", ragged.encode()
    each = [(file, "human", label, "1") for file, *labels in rows for label in labels]
    each += [(file, "human", "/m/none", "0") for file, *_ in rows]
    headings = ("ImageID", "Source", "LabelName", "Confidence")
    yield "rows", csv_of(headings, each)


FORMS = [form for form, _ in tables_of(MANY)]


@pytest.mark.parametrize("form", FORMS)
def test_of_several_labels_the_wanted_one_is_taken(layout_of, form):
    table = dict(tables_of(MANY))[form]
    with pytest.raises(UploadError) as refused:
        layout_of(table)
    for word in ("18 of 24", "several labels", "'first' (3", "'most_specific' (", "'leave_out'"):
        assert word in str(refused.value)
    first = layout_of(table, several="first")
    assert [labels_of(first)[f"{n}.jpg"] for n in range(4)] == ["clear", "haze", "clear", "cloudy"]
    (warning,) = (one for one in first.warnings if one.kind == "multi_label")
    assert warning.count == 18
    rare = labels_of(layout_of(table, several="most_specific"))
    assert [rare[f"{n}.jpg"] for n in (1, 2, 3)] == ["haze", "farm", "cloudy"]
    with pytest.raises(UploadError, match="only one class, 'cloudy'"):
        layout_of(table, several="leave_out")


SOME = [("a",), ("b",), ("a", "b"), ("b",), ("c",)]


@pytest.mark.parametrize("form", FORMS)
def test_a_few_images_with_several_labels_are_left_out(layout_of, form):
    layout = layout_of(dict(tables_of(SOME))[form])
    assert labels_of(layout) == {
        f"{n}.jpg": SOME[n % 5][0] for n in range(24) if len(SOME[n % 5]) == 1
    }
    assert {file.reason for file in layout.skipped} == {"labels.csv gives it several labels"}
    assert "5 of 24 images have several labels" in told(layout, "multi_label")
    assert "these images were left out" in told(layout, "multi_label")


def test_rows_without_a_confidence_are_no_labels(layout_of):
    rows = [(file, label, "0" if label == "b" else "0.7") for file, label in in_turn(PATHS, "abc")]
    layout = layout_of(csv_of(("ImageID", "LabelName", "Confidence"), rows))
    assert {*labels_of(layout).values()} == {"a", "c"}
    assert len(layout.skipped) == 8


@pytest.mark.parametrize(
    "names",
    [
        ("golden retriever", "labrador retriever", "poodle"),
        ("tench, Tinca tinca", "goldfish, Carassius auratus", "great white shark"),
        ("1,5", "2,5", "3"),
        ("school bus", "bus", "car"),
    ],
)
@pytest.mark.parametrize("heading", ["label", "labels"])
def test_names_of_several_words_are_names(layout_of, names, heading):
    rows = in_blocks(PATHS, names)
    layout = layout_of(csv_of(("file", heading), rows))
    assert labels_of(layout) == dict(rows)


HEALTH = [f"{plant}, {state}" for plant in ("tomato", "potato") for state in ("healthy", "blight")]


@pytest.mark.parametrize(
    "names",
    [HEALTH, ["Jan, 2020", "Feb, 2020"], ["2020 01", "2020 02"], ["light", "blue", "light blue"]],
)
def test_parts_that_keep_their_place_are_words_of_a_name_and_that_is_told(layout_of, names):
    rows = in_turn(PATHS, names)
    layout = layout_of(csv_of(("file", "label"), rows))
    assert labels_of(layout) == dict(rows)
    assert "'as_one'" in told(layout, "multi_label")


@pytest.mark.parametrize("names", [HEALTH, ["a;b", "c;b", "b"], ["a b", "b a", "c a", "c b"]])
@pytest.mark.parametrize("heading", ["label", "labels"])
def test_a_whole_cell_is_one_class_where_the_user_says_so(layout_of, names, heading):
    rows = in_turn(PATHS, names)
    layout = layout_of(csv_of(("file", heading), rows), several="as_one")
    assert labels_of(layout) == dict(rows)
    assert told(layout, "multi_label") == ""


@pytest.mark.parametrize("form", FORMS)
def test_several_labels_together_are_one_class_where_the_user_says_so(layout_of, form):
    table = dict(tables_of(MANY))[form]
    with pytest.raises(UploadError, match=r"'as_one' is right where 'clear, primary' is the name"):
        layout_of(table)
    assert len(layout_of(table, several="as_one").classes) == len(MANY)


def test_a_column_of_words_beside_notes_of_0_and_1_is_named(layout_of):
    rows = [
        (*row, str(n % 2), str(n // 2 % 2), "1")
        for n, row in enumerate(in_turn(PATHS, ["cat", "dog", "fox"]))
    ]
    animals = csv_of(("image", "animal", "male", "young", "occluded"), rows)
    with pytest.raises(ChoiceNeededError) as refused:
        layout_of(animals)
    advice = "f the labels stand in the column 'animal' of labels.csv, head it 'label'"
    assert str(refused.value).endswith(f"; or, i{advice}")
    assert refused.value.question.endswith(f". I{advice}."), "what the page says beside choices"
    few = layout_of(csv_of(("image", "animal", "a", "b", "c"), [(*row[:4], "0") for row in rows]))
    assert "if 'animal' holds the labels, head it 'label'" in told(few, "tables")
    assert layout_of(animals.replace(b"animal", b"label")).classes == {"cat", "dog", "fox"}


def test_words_that_may_be_labels_are_told_and_split_on_request(layout_of):
    table = csv_of(
        ("file", "label"), in_turn(PATHS, ["black cat", "white cat", "black dog", "white dog"])
    )
    layout = layout_of(table)
    assert len(layout.classes) == 4
    assert "'black cat'" in told(layout, "multi_label")
    assert layout_of(table, several="first").classes == {"black", "white"}


def test_labels_that_contradict_are_several(layout_of):
    rows = [*in_turn(PATHS, "ab"), ("0.jpg", "b")]
    layout = layout_of(csv_of(("file", "label"), rows))
    assert "1 of 24 images have several labels" in told(layout, "multi_label")
    assert len(layout.images) == 23
