"""What the images of a dataset are called in the zip in which they are downloaded."""

import re
from pathlib import PurePosixPath

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.split import TRAIN

_SAFE_FOLDER = re.compile(r"[^/\\:*?\"<>|\x00-\x1f.][^/\\:*?\"<>|\x00-\x1f]{0,99}(?<![ .])")
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


def are_in_folders(index: ImageIndex) -> bool:
    """Whether each class has a folder; else, as a name can't be one, all images lie in one."""
    return all(_SAFE_FOLDER.fullmatch(name) for name in index.class_names)


def has_splits(index: ImageIndex) -> bool:
    """Whether the dataset has splits of its own, which have folders too."""
    return bool(np.any(index.own_splits != TRAIN))


def zipped_names(index: ImageIndex) -> list[str]:
    """The path of every image within the zip, in the order of the index."""
    splits = index.own_splits if has_splits(index) else [""] * len(index)
    in_folders = are_in_folders(index)
    names = []
    for row, file in enumerate(index.files):
        label = index.class_names[index.labels[row]]
        folders = [str(splits[row]), label] if in_folders else ["images"]
        names.append("/".join([*filter(None, folders), f"{row:06}{_suffix(file)}"]))
    return names


def _suffix(file: str) -> str:
    suffix = PurePosixPath(file).suffix.lower()
    return suffix if suffix in _SUFFIXES else ""
