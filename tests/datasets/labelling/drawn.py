"""Uploads drawn as lists of paths: what a file holds doesn't matter to how it is labelled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnnlab.datasets.labelling.labelled import Layout
from cnnlab.datasets.labelling.layout import read_layout
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.domain.data.labelling import Labelling, Reading
from tests.datasets.uploads import make_zip


def many(pattern: str, count: int = 3) -> list[str]:
    """`cat.{}.jpg` with the numbers from 0 on."""
    return [pattern.format(number) for number in range(count)]


def folders(*names: str, count: int = 2) -> list[str]:
    """So many images in each folder."""
    return [f"{name}/{number}.jpg" for name in names for number in range(count)]


def table(rows: Mapping[str, str], heading: str = "file,label") -> str:
    """A CSV of names and labels."""
    return "\n".join([heading, *(f"{name},{label}" for name, label in rows.items()), ""])


def read_upload(
    folder: Path,
    paths: Sequence[str],
    tables: Mapping[str, str] | None = None,
    reading: Reading | None = None,
) -> Layout:
    """The layout of a zip of these files."""
    contents = dict.fromkeys(paths, b"x")
    contents |= {name: text.encode() for name, text in (tables or {}).items()}
    path = make_zip(folder / "drawn.zip", contents)
    with open_source(path) as reader:
        return read_layout(list_source(path), reader.read, Labelling(reading=reading))


def counted(layout: Layout) -> dict[str, dict[str, int]]:
    """Images of every class in every split; without splits all are under an empty name."""
    counts = Counter((image.split or "", image.label) for image in layout.images)
    found: dict[str, dict[str, int]] = {}
    for (split, label), count in sorted(counts.items()):
        found.setdefault(split, {})[label] = count
    return found


def told(layout: Layout, kind: str) -> str:
    """What warnings of a kind say, one after the other."""
    return " ".join(warning.message for warning in layout.warnings if warning.kind == kind)
