"""Uploads as people have them: images, and tables that say what they show, or seem to."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cnnlab.datasets.labelling.labelled import Layout
from cnnlab.datasets.labelling.layout import read_layout
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.domain.data.labelling import Labelling
from tests.datasets.uploads import make_zip

Rows = Sequence[tuple[str, ...]]


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",") -> bytes:
    """A table; cells that hold the separator are quoted."""
    lines = [
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row)
        for row in (headings, *rows)
        if row
    ]
    return ("\n".join(lines) + "\n").encode()


def numbered(folder: str, count: int, first: int = 0) -> list[str]:
    """Paths of so many images."""
    return [f"{folder}/{first + number}.jpg" for number in range(count)]


def in_turn(paths: Sequence[str], labels: Sequence[str]) -> list[tuple[str, str]]:
    """A row for each image, its file name and one label after the other."""
    return [
        (path.rpartition("/")[2], labels[number % len(labels)]) for number, path in enumerate(paths)
    ]


def in_blocks(paths: Sequence[str], labels: Sequence[str]) -> list[tuple[str, str]]:
    """A row for each image, the images of a label one after the other."""
    each = -(-len(paths) // len(labels))
    return [(path.rpartition("/")[2], labels[number // each]) for number, path in enumerate(paths)]


def one_hot(rows: Rows, classes: Sequence[str], one: str = "1", zero: str = "0") -> Rows:
    """For each row of a file and its labels, the file and a 0 or 1 for each class."""
    return [
        (file, *(one if name in labels else zero for name in classes)) for file, *labels in rows
    ]


def layout_of(
    folder: Path, paths: Sequence[str], tables: Mapping[str, bytes], **labelling
) -> Layout:
    """How a zip of these (empty) images and these tables is read."""
    path = make_zip(folder / "upload.zip", dict.fromkeys(paths, b"x") | dict(tables))
    with open_source(path) as reader:
        return read_layout(list_source(path), reader.read, Labelling(**labelling))


def labels_of(layout: Layout) -> dict[str, str]:
    """The label of each image that is taken, by its file name."""
    return {image.member.path.rpartition("/")[2]: image.label for image in layout.images}


def told(layout: Layout, kind: str) -> str:
    """All that is said of a kind."""
    return " ".join(warning.message for warning in layout.warnings if warning.kind == kind)
