"""Exports of annotation tools, good and hostile, through the whole import."""

from tests.datasets.corpus.case import Case, accepted, refused, zipped
from tests.datasets.labelling.annotations.drawn_annotations import coco, labelme, voc, yolo
from tests.datasets.uploads import images

_FLAT = images("x/0.jpg", "x/1.jpg")

CASES: tuple[Case, ...] = (
    accepted(
        "Roboflow's COCO with its splits",
        zipped(
            images("train/0.jpg", "train/1.jpg", "valid/0.jpg", "valid/1.jpg")
            | {
                "train/_annotations.coco.json": coco({"0.jpg": ["cat"], "1.jpg": ["dog", "dog"]}),
                "valid/_annotations.coco.json": coco({"0.jpg": ["dog"], "1.jpg": []}),
            }
        ),
        {"cat": 1, "dog": 2},
        splits={"train": 2, "validation": 1, "test": 0},
        skipped={"valid/1.jpg": "its annotation names no object"},
        warnings=["annotations"],
    ),
    accepted(
        "YOLO with several classes in an image",
        zipped(
            images("images/0.jpg", "images/1.jpg", "images/2.jpg")
            | {f"labels/{n}.txt": yolo(*own) for n, own in enumerate([(0, 0), (1,), (1, 0)])}
            | {"data.yaml": b"names: ['cat', 'dog']\n"}
        ),
        {"cat": 1, "dog": 2},
        options=["--several", "first"],
        warnings=["annotations", "multi_label"],
    ),
    accepted(
        "LabelMe beside class folders, by choice",
        zipped(
            images("a/0.jpg", "b/1.jpg")
            | {"a/0.json": labelme("0.jpg", ["dog"]), "b/1.json": labelme("1.jpg", ["cat"])}
        ),
        options=["--reading", "annotations"],
        warnings=["annotations", "layout"],
    ),
    refused(
        "Pascal VOC with an external entity",
        zipped(
            _FLAT
            | {
                f"x/{n}.xml": voc(["&a;"], heading='<!DOCTYPE a [<!ENTITY a SYSTEM "/etc/hosts">]>')
                for n in range(2)
            }
        ),
        "annotations of the upload can't be read: x/0.xml: its XML defines entities",
    ),
)
