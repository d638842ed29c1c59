"""COCO: one JSON of images, annotations and categories, often one for each split."""

import re
from typing import Any

from cnnlab.datasets.labelling.annotations.entry import Entry, Said, from_folder, labels_of

FORMAT = "COCO"

_TASK = re.compile(r"(?:instances|image_info|person_keypoints|annotations?|coco)[_\-.]")


def read_coco(document: object, path: str) -> Said | None:
    """The pictures of a file and the categories of their annotations.

    Args:
        document: the JSON.
        path: of the file in the upload.

    Returns:
        None where it isn't COCO.
    """
    if not isinstance(document, dict):
        return None
    images, annotations, categories = (
        document.get(name) for name in ("images", "annotations", "categories")
    )
    if not (
        isinstance(images, list) and isinstance(annotations, list) and isinstance(categories, list)
    ):
        return None
    classes = {_id(one, "id"): one.get("name") for one in categories if isinstance(one, dict)}
    objects: dict[int | str | None, list[object]] = {}
    for one in annotations:
        if isinstance(one, dict):
            name = classes.get(_id(one, "category_id"))
            objects.setdefault(_id(one, "image_id"), []).append(name)
    folder = _TASK.sub("", path.rpartition("/")[2].rpartition(".")[0])
    entries = []
    for image in images:
        if isinstance(image, dict) and isinstance(name := image.get("file_name"), str):
            names = (from_folder(path, name), f"{folder}/{name}")
            entries.append(Entry(names, labels_of(objects.get(_id(image, "id"), ()))))
    return Said(FORMAT, entries)


def _id(record: dict[str, Any], key: str) -> int | str | None:
    """The number or text of a record; lists and the like are none."""
    value = record.get(key)
    return value if isinstance(value, int | str) else None
