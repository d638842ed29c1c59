"""One upload of the corpus and its outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.datasets.uploads import images, make_zip

Build = Callable[[Path], Path]
"""Makes the upload in an empty folder and returns what is given to the import."""

Content = bytes | Callable[[], bytes]
"""What a file holds; a large one is made when it is needed."""

PAIR = images("cat/1.jpg", "dog/2.jpg")
"""The least that is a dataset; most uploads hold it beside what makes them odd."""

BOTH = {"cat": 1, "dog": 1}
"""Classes of the pair."""


@dataclass(frozen=True)
class Case:
    """An upload and what must become of it.

    Attributes:
        name: of the case.
        build: makes the upload.
        refused: pattern of the one sentence that refuses it; None where it is accepted.
        classes: images of every class.
        skipped: pattern of the reason, by file.
        warnings: kinds of warnings that must be there.
        splits: images in train, validation and test.
        options: further words of the command line; `{folder}` is the upload's folder.
    """

    name: str
    build: Build
    refused: str | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    splits: Mapping[str, int] | None = None
    options: Sequence[str] = ()


def refused(name: str, build: Build, message: str, *options: str) -> Case:
    """An upload that is refused."""
    return Case(name, build, refused=message, options=options)


def accepted(name: str, build: Build, classes: Mapping[str, int] = BOTH, **more) -> Case:
    """An upload that is accepted, perhaps without some files."""
    return Case(name, build, classes=classes, **more)


def written(content: Content, name: str = "upload.zip") -> Build:
    """One file with this content."""

    def build(folder: Path) -> Path:
        (folder / name).write_bytes(_made(content))
        return folder / name

    return build


def _made(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content()


def zipped(files: Mapping[str, Content]) -> Build:
    """A zip of these files, their names as they are."""

    def build(folder: Path) -> Path:
        contents = {name: _made(content) for name, content in files.items()}
        return make_zip(folder / "upload.zip", contents)

    return build


def with_pair(name: str, content: Content) -> Build:
    """A zip of the pair and one more file."""
    return zipped(PAIR | {name: content})
