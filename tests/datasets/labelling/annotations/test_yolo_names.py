import pytest

from cnnlab.datasets.labelling.annotations.yolo_names import names_of_yaml
from cnnlab.domain.errors import UploadError
from tests.datasets.labelling.annotations.drawn_annotations import yolo
from tests.datasets.labelling.drawn import counted, told
from tests.datasets.made_uploads import layout_of, numbered

UNDERSTOOD = {
    "inline": "names: ['cat', 'guide dog']\nnc: 2\n",
    "without quotes": "train: ../x\nnames: [cat, guide dog]",
    "double quotes": 'names: [ "cat" , "guide dog" , ]  # two',
    "several lines": "names: [\n  cat,\n  'guide dog'\n]\nnc: 2\n",
    "a block": "names:\n- cat\n- guide dog\nnc: 2\n",
    "an indented block": "nc: 2\nnames:\n\n  - 'cat'\n  # the other\n  - \"guide dog\"\n",
    "numbers": "names:\n  0: cat\n  1: guide dog\n\npath: x\n",
    "inline numbers": "names: {0: cat, 1: 'guide dog'}\n",
}


@pytest.mark.parametrize("kind", UNDERSTOOD)
def test_lists_of_names_are_understood(kind):
    assert names_of_yaml(UNDERSTOOD[kind], "x") == {0: "cat", 1: "guide dog"}


def test_quotes_and_numbers_that_leave_some_out_are_understood():
    assert names_of_yaml("names: ['it''s', \"a, b\"]", "x") == {0: "it's", 1: "a, b"}
    assert names_of_yaml("names:\n  2: cat\n  7: dog", "x") == {2: "cat", 7: "dog"}
    assert names_of_yaml("nc: 2\npath: names\n", "x") == {}


UNCLEAR = (
    "names: []",
    "names:\nnc: 2",
    "names: [cat, [dog]]",
    "names: [cat, dog",
    "names: {cat: 0}",
    "names: {0: cat, 0: dog}",
    "names: *others",
    "names: !!python/object/apply:os.system ['ls']",
    "names: |\n  cat\n  dog",
    "names:\n  - cat\n  dog: 1",
    "names:\n  0: cat\n  - dog",
    "names: cat dog",
    "names: ['cat', 'dog]",
    'names: ["\\x63at"]',
)


@pytest.mark.parametrize("text", UNCLEAR)
def test_other_yaml_is_refused(text):
    with pytest.raises(UploadError, match=r"data.yaml isn't understood; write it as 'names: \["):
        names_of_yaml(text, "data.yaml")


@pytest.mark.parametrize("text", ["names: [" + " " * 500_000, "names: [" + "a " * 250_000 + "{"])
def test_a_long_line_is_refused_at_once(text):
    with pytest.raises(UploadError, match="isn't understood"):
        names_of_yaml(text + "\n" + ",\n" * 100_000, "x")


def texts(*classes):
    return {f"x/{number}.txt": yolo(label) for number, label in enumerate(classes)}


def test_classes_that_no_list_names_are_called_by_their_numbers(tmp_path):
    layout = layout_of(tmp_path, numbered("x", 4), texts(0, 0, 7, 7))
    assert counted(layout) == {"": {"0": 2, "7": 2}}
    assert "No names are listed for the YOLO classes 0, 7" in told(layout, "annotations")
    some = layout_of(tmp_path, numbered("x", 4), texts(0, 0, 7, 7) | {"classes.txt": b"cat\n"})
    assert counted(some) == {"": {"7": 2, "cat": 2}}
    assert "No names are listed for the YOLO classes 7, so" in told(some, "annotations")


def test_lists_that_contradict_each_other_are_refused(tmp_path):
    lists = {"a/classes.txt": b"cat\ndog", "b/classes.txt": b"dog\ncat"}
    with pytest.raises(UploadError, match=r"classes.txt and b/classes.txt name different classes"):
        layout_of(tmp_path, numbered("x", 2), texts(0, 1) | lists)
    # What YOLO itself reads goes before the lists of drawing tools.
    named = layout_of(tmp_path, numbered("x", 2), texts(0, 1) | lists | {"d.yml": b"names: [a, b]"})
    assert counted(named) == {"": {"a": 1, "b": 1}}
