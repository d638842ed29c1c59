"""Exports of annotation tools, drawn as their files' texts."""

import json
from collections.abc import Iterable, Mapping, Sequence

Objects = Mapping[str, Sequence[str]]
"""Labels of the objects in each picture."""

NESTED = {"supercategory": "none"}


def coco(objects: Objects, classes: Sequence[str] = ("cat", "dog", "hen"), first: int = 1) -> bytes:
    """Boxes of each picture, ids as tools give them: from 0 or 1 on."""
    pictures = [
        {"id": number, "file_name": name, "width": 20, "height": 20}
        for number, name in enumerate(objects, first)
    ]
    boxes = [
        {"image_id": number, "category_id": first + classes.index(label), "bbox": [1, 2, 3, 4]}
        for number, labels in enumerate(objects.values(), first)
        for label in labels
    ]
    boxes = [{"id": number, "iscrowd": 0, "area": 12.0, **box} for number, box in enumerate(boxes)]
    categories = [
        {"id": number, "name": name} | NESTED for number, name in enumerate(classes, first)
    ]
    return json.dumps(
        {"info": {}, "images": pictures, "annotations": boxes, "categories": categories}
    ).encode()


def voc(labels: Iterable[str], file: str = "", heading: str = "") -> bytes:
    """One picture's XML."""
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"
    objects = "".join(f"<object><name>{label}</name>{box}</object>" for label in labels)
    text = (
        f"{heading}<annotation><folder>x</folder><filename>{file}</filename>{objects}</annotation>"
    )
    return text.encode()


def yolo(*classes: int, line: str = "{} 0.5 0.5 0.25 0.125") -> bytes:
    """One picture's text."""
    return "".join(line.format(number) + "\n" for number in classes).encode()


def labelme(
    file: str, labels: Sequence[str] = (), flags: Mapping[str, bool] | None = None
) -> bytes:
    """One picture's JSON."""
    shapes = [
        {"label": label, "points": [[1, 2], [3, 4]], "shape_type": "rectangle", "flags": {}}
        for label in labels
    ]
    return json.dumps(
        {
            "version": "5.4.1",
            "flags": flags or {},
            "shapes": shapes,
            "imagePath": file,
            "imageData": None,
        }
    ).encode()
