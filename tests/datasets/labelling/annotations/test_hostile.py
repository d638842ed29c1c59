import json

import pytest

from cnnlab.datasets.labelling.annotations import reading
from cnnlab.domain.errors import UploadError
from tests.datasets.labelling.annotations.drawn_annotations import coco, labelme, voc, yolo
from tests.datasets.labelling.drawn import counted, told
from tests.datasets.made_uploads import layout_of, numbered

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
HOSTILE = {
    "a billion laughs": voc(["&i;"], heading=LAUGHS),
    "an external entity": voc(
        ["&x;"], heading='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    ),
    "a document type from elsewhere": voc(
        ["cat"], heading='<!DOCTYPE annotation SYSTEM "http://127.0.0.1:9/x.dtd">'
    ),
    "XML cut off": voc(["cat"])[:-9],
    "an encoding that nobody has": voc(["cat"], heading='<?xml version="1.0" encoding="no"?>'),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_xml_is_skipped_with_the_reason(tmp_path, kind):
    good = {"x/0.xml": voc(["cat"]), "x/1.xml": voc(["dog"])}
    layout = layout_of(tmp_path, numbered("x", 3), good | {"x/2.xml": HOSTILE[kind]})
    assert counted(layout) == {"": {"cat": 1, "dog": 1}}
    reasons = {file.file: file.reason for file in layout.skipped}
    assert reasons["x/2.jpg"] == "no annotation names it"
    assert "its XML" in reasons["x/2.xml"]
    with pytest.raises(
        UploadError, match=r"annotations .* can't be read: x/2.xml: its XML .*; exp"
    ):
        layout_of(tmp_path, numbered("x", 3), {"x/2.xml": HOSTILE[kind]})


DAMAGED = {
    "nesting": b'{"images": ' + b"[" * 2_000_000,
    "nested objects": b'{"a":' * 500_000,
    "a number of 5,000 digits": b'{"images": [' + b"7" * 5000 + b"]}",
    "half of it": coco({"0.jpg": ["cat"]})[:-20],
    "nothing": b"",
    "Latin-1": '{"imagePath": "\u00e4.jpg"}'.encode("latin-1"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_json_is_refused_in_one_sentence(tmp_path, kind):
    with pytest.raises(UploadError, match="can't be read: x.json: its JSON is damaged or nested"):
        layout_of(tmp_path, numbered("x", 3), {"x.json": DAMAGED[kind]})
    good = {"x.json": coco({"0.jpg": ["cat"], "1.jpg": ["dog"]}), "y.json": DAMAGED[kind]}
    assert layout_of(tmp_path, numbered("x", 2), good).classes == {"cat", "dog"}


def changed(**parts):
    return json.dumps(json.loads(coco({"0.jpg": ["cat"], "1.jpg": ["dog"]})) | parts).encode()


ODD = [None, 7, "x", [], {}, [[]], float("nan"), {"id": [1]}, {"id": {}, "image_id": []}]


@pytest.mark.parametrize("part", ["images", "annotations", "categories"])
def test_odd_records_of_coco_are_passed_over(tmp_path, part):
    right = json.loads(coco({"0.jpg": ["cat"], "1.jpg": ["dog"]}))
    file = changed(**{part: [*ODD, *right[part], *ODD]})
    assert counted(layout_of(tmp_path, numbered("x", 2), {"x.json": file})) == {
        "": {"cat": 1, "dog": 1}
    }
    with pytest.raises(UploadError):
        layout_of(tmp_path, numbered("x", 2), {"x.json": changed(**{part: ODD})})


def test_odd_files_of_labelme_are_passed_over(tmp_path):
    good = {"x/0.json": labelme("0.jpg", ["cat"]), "x/1.json": labelme("1.jpg", ["dog"])}
    odd = {
        f"odd/{number}.json": json.dumps(
            {"imagePath": "2.jpg", "shapes": shapes, "flags": flags}
        ).encode()
        for number, (shapes, flags) in enumerate(
            [([7, [], {"label": []}], {}), ([], {"cat": "true", "dog": 1}), (None, [1]), ("ab", 3)]
        )
    }
    layout = layout_of(tmp_path, numbered("x", 3), good | odd)
    assert counted(layout) == {"": {"cat": 1, "dog": 1}}
    assert "its annotation names no object" in {file.reason for file in layout.skipped}


OUTSIDE = ["../../0.jpg", "/etc/0.jpg", "C:\\0.jpg", "..\\0.jpg", "\0/0.jpg", "a/" * 5000 + "0.jpg"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leads_outside_only_finds_images_of_the_upload(tmp_path, path):
    (tmp_path / "secret.jpg").write_bytes(b"x")
    own = {path: ["cat"], path.replace("0.jpg", "secret.jpg"): ["dog"], "1.jpg": ["dog"]}
    layout = layout_of(tmp_path, numbered("x", 2), {"x.json": coco(own)})
    assert {image.file: image.label for image in layout.images} == {"0.jpg": "cat", "1.jpg": "dog"}
    assert "1 annotated image is not in the upload" in told(layout, "annotations")
    flat = {"x/a.json": labelme(path, ["cat"]), "x/b.json": labelme("1.jpg", ["dog"])}
    assert counted(layout_of(tmp_path, numbered("x", 2), flat)) == {"": {"cat": 1, "dog": 1}}


TEXTS = {
    "a box that is no number": yolo(0) + b"1 nan 0.5 0.5 0.5\n",
    "pixels": yolo(0) + b"1 400 300 20 10\n",
    "a line cut off": yolo(0) + b"1 0.5 0.5\n",
    "words": yolo(0) + b"cat 0.5 0.5 0.5 0.5\n",
    "a long number": yolo(0) + b"0 0.5 0.5 0.5 0." + b"1" * 500_000,
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_that_go_on_otherwise_are_skipped(tmp_path, kind):
    files = {"x/0.txt": yolo(0), "x/1.txt": yolo(1), "x/2.txt": TEXTS[kind]}
    layout = layout_of(tmp_path, numbered("x", 3), files)
    assert counted(layout) == {"": {"0": 1, "1": 1}}
    reasons = {file.file: file.reason for file in layout.skipped}
    assert reasons["x/2.txt"] == "its line 2 isn't 'class x y width height' as YOLO has it"


def test_many_texts_that_are_no_annotations_are_not_all_read(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(reading.yolo, "read_yolo", lambda content, path: read.append(path))
    captions = {f"x/{number}.txt": b"a cat on a mat" for number in range(80)}
    with pytest.raises(UploadError, match="has a label|only one class"):
        layout_of(tmp_path, numbered("x", 80), captions)
    assert len(read) == 50


def test_a_coco_file_of_many_boxes_is_read(tmp_path):
    names = {f"{number}.jpg": [("cat", "dog")[number % 2]] * 40 for number in range(1_000)}
    layout = layout_of(tmp_path, numbered("x", 1_000), {"x.json": coco(names)})
    assert counted(layout) == {"": {"cat": 500, "dog": 500}}
