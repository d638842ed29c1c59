"""What an annotation file says of a picture, and the names by which that picture is looked for."""

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from cnnlab.datasets.labelling.labels import clean_label
from cnnlab.datasets.labelling.matching import ImageNames

Labels = tuple[str, ...]

_ANNOTATION_FOLDERS = {
    *("annotation", "annotations", "ann", "anns", "label", "labels", "labelme", "xml", "xmls"),
    *("json", "jsons", "txt"),
}
_PICTURE_FOLDERS = ("images", "JPEGImages", "image", "imgs", "img")


class Entry(NamedTuple):
    """One picture of an annotation file.

    Attributes:
        names: paths that the picture may have, the likeliest first; they are compared with those
            of the upload's own images, and never opened.
        labels: of its objects, each once, in their order; none where it shows no object.
    """

    names: tuple[str, ...]
    labels: Labels

    def find(self, images: ImageNames) -> int | None:
        """Position of the picture in the upload, or None."""
        found = (images.find(name) for name in self.names)
        return next((position for position in found if position is not None), None)


class Said(NamedTuple):
    """What one file says.

    Attributes:
        format: of the tool that wrote it.
        entries: its pictures.
    """

    format: str
    entries: list[Entry]


def labels_of(names: Iterable[object]) -> Labels:
    """The classes of the objects of a picture, each once, without what is no name."""
    texts = (clean_label(str(name)) for name in names if isinstance(name, str | int))
    return tuple(dict.fromkeys(filter(None, texts)))


def beside(path: str) -> tuple[str, ...]:
    """Where the picture of an annotation file may lie that is called like it.

    That is in its own folder, or in one such as `images` beside one such as `labels`.
    """
    stem = path.rpartition(".")[0]
    parts = stem.split("/")
    inside = [at for at, part in enumerate(parts[:-1]) if part.casefold() in _ANNOTATION_FOLDERS]
    if not inside:
        return (stem,)
    before, after = parts[: inside[-1]], parts[inside[-1] + 1 :]
    return (*("/".join([*before, folder, *after]) for folder in _PICTURE_FOLDERS), stem)


def from_folder(path: str, name: str) -> str:
    """A name as an annotation file means it: from the folder that the file lies in."""
    return posixpath.normpath(f"{path.rpartition('/')[0]}/{name.replace(chr(92), '/')}")
