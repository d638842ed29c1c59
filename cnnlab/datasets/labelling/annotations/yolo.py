"""YOLO: a text for each picture, with a line `class x y width height` for each object."""

import re
from collections.abc import Sequence

from cnnlab.datasets.labelling.annotations.entry import Entry, Said, beside, labels_of
from cnnlab.domain.errors import UploadError

FORMAT = "YOLO"

_CLASS = re.compile(r"[0-9]{1,6}")
_NUMBER = re.compile(r"-?[0-9]{0,20}\.?[0-9]{1,20}(?:[eE][-+]?[0-9]{1,3})?")
# Shares of width and height; those of some tools lead a little beyond the edge.
_LEAST, _MOST = -1, 2


def read_yolo(content: bytes, path: str) -> Said | None:
    """The picture of a file and the numbers of its classes.

    Args:
        content: text; an empty one says that its picture shows no object.
        path: of the file in the upload.

    Returns:
        None where it isn't YOLO's.

    Raises:
        UploadError: it begins like one, and goes on otherwise.
    """
    lines = [line.split() for line in content.decode("latin-1").splitlines()]
    lines = [line for line in lines if line]
    if lines and not _is_object(lines[0]):
        return None
    for number, line in enumerate(lines, 1):
        if not _is_object(line):
            raise UploadError(f"its line {number} isn't 'class x y width height' as YOLO has it")
    classes = (int(line[0]) for line in lines)
    return Said(FORMAT, [Entry(beside(path), labels_of(classes))])


def _is_object(words: Sequence[str]) -> bool:
    """Whether these are a class and four shares, or the corners of an outline."""
    return (
        len(words) > 4 and _CLASS.fullmatch(words[0]) is not None and all(map(_is_share, words[1:]))
    )


def _is_share(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None and _LEAST <= float(word) <= _MOST
