"""What the annotation files of an upload say of its images, whatever tool wrote them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cnnlab.datasets.labelling.annotations import coco, labelme, voc, yolo
from cnnlab.datasets.labelling.annotations.entry import Labels, Said
from cnnlab.datasets.labelling.annotations.yolo_names import MAX_TEXT_BYTES, class_names
from cnnlab.datasets.labelling.labels import read_split
from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.labelling.tables.ranking import split_of_table
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Member
from cnnlab.datasets.upload.suffixes import suffix_of
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.data.labelling import Reading
from cnnlab.domain.errors import UploadError

Parse = Callable[[bytes, str], Said | None]

# Where so many files of a kind say nothing of any image, the others aren't read.
_TRIED = 50
_GLANCED = 3


@dataclass
class Annotations:
    """What the files of one format say.

    Attributes:
        format: its name.
        labels: of an image, by its position; none where it shows no object.
        splits: of an image, where the name of a COCO file says one.
        files: paths of those that say it, and of lists that belong to them.
        unmatched: pictures with a label that are not in the upload.
        unnamed: classes of YOLO that no list names, as numbers.
    """

    format: str
    labels: dict[int, Labels] = field(default_factory=dict)
    splits: dict[int, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    unmatched: int = 0
    unnamed: tuple[str, ...] = ()

    @property
    def labelled(self) -> int:
        """How many images have a label."""
        return sum(map(bool, self.labels.values()))

    def add(self, said: Said, path: str, images: ImageNames) -> None:
        """Take what one file says."""
        self.files.append(path)
        split = split_of_table(path) if said.format == coco.FORMAT else None
        for entry in said.entries:
            position = entry.find(images)
            if position is None or _is_of_other_split(path, images.path(position)):
                self.unmatched += bool(entry.labels)
                continue
            known = self.labels.get(position, ())
            self.labels[position] = tuple(dict.fromkeys((*known, *entry.labels)))
            if split:
                self.splits[position] = split


def _is_of_other_split(path: str, picture: str) -> bool:
    """Whether a file and a picture of the same name lie in folders of different splits.

    The file's own picture is missing then.
    """
    splits = [
        next(filter(None, map(read_split, one.split("/")[:-1])), None) for one in (path, picture)
    ]
    return None not in splits and splits[0] != splits[1]


@dataclass(frozen=True)
class Annotated:
    """The annotations of an upload.

    Attributes:
        formats: those whose files label images, the one that labels most of them first.
        refused: files that can't be read, with the reason.
    """

    formats: tuple[Annotations, ...] = ()
    refused: tuple[SkippedFile, ...] = ()

    @property
    def failed(self) -> UploadError | None:
        """Why there are none that label images, where there are some that can't be read."""
        if self.formats or not self.refused:
            return None
        file, reason = self.refused[0].file, self.refused[0].reason
        return UploadError(
            f"The annotations of the upload can't be read: {printable(file)}: {reason}; export "
            "them again, or leave them out"
        )


def read_annotations(
    found: Sorted,
    read: Callable[[Member], bytes],
    reading: Reading | None,
    *,
    has_others: bool,
) -> Annotated:
    """Read the annotations of an upload.

    Where the labels come from elsewhere, the first few files of each kind are looked at only, to
    know whether there are annotations at all.

    Args:
        found: its files.
        read: gives the content of one.
        reading: that the user wants.
        has_others: whether something else gives labels that goes before annotations.

    Raises:
        UploadError: a list of YOLO's class names isn't understood.
    """
    if reading != "annotations" if reading else has_others:
        return _read(found, read, _GLANCED)
    annotated = _read(found, read, None)
    if annotated.formats and annotated.formats[0].format == yolo.FORMAT:
        _name_classes(annotated.formats[0], found, read)
    return annotated


def _read(found: Sorted, read: Callable[[Member], bytes], most: int | None) -> Annotated:
    if not (found.annotations or found.tables):
        return Annotated()
    images = ImageNames([member.path for member in found.images])
    formats: dict[str, Annotations] = {}
    refused: list[SkippedFile] = []
    for members, parse in _kinds(found, images):
        is_used = False
        for number, member in enumerate(members[:most]):
            if number == _TRIED and not is_used:
                break
            try:
                said = parse(read(member), member.path)
            except UploadError as error:
                refused.append(SkippedFile(member.path, str(error)))
                continue
            if said is not None:
                format = formats.setdefault(said.format, Annotations(said.format))
                format.add(said, member.path, images)
                is_used = True
    useful = [format for format in formats.values() if format.labelled]
    ranked = sorted(useful, key=lambda format: format.labelled, reverse=True)
    return Annotated(tuple(ranked), tuple(refused))


def _kinds(found: Sorted, images: ImageNames) -> Iterator[tuple[Sequence[Member], Parse]]:
    """The files of each kind, in the order of their paths, and how one is read."""
    for suffix, parse in ((".json", _read_json), (".xml", voc.read_voc)):
        members = (member for member in found.annotations if suffix_of(member.path) == suffix)
        small = (one for one in members if suffix == ".json" or one.size_bytes <= MAX_TEXT_BYTES)
        yield sorted(small, key=_path), parse
    texts = (
        member
        for member in found.tables
        if suffix_of(member.path) == ".txt"
        and member.size_bytes <= MAX_TEXT_BYTES
        and images.spells(member.path[: -len(".txt")])
    )
    yield sorted(texts, key=_path), yolo.read_yolo


def _path(member: Member) -> str:
    return member.path


def _read_json(content: bytes, path: str) -> Said | None:
    try:
        # NaN is no JSON, and no tool means it as a class.
        document = json.loads(content, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise UploadError("its JSON is damaged or nested too deeply") from error
    return coco.read_coco(document, path) or labelme.read_labelme(document, path)


def _name_classes(said: Annotations, found: Sorted, read: Callable[[Member], bytes]) -> None:
    """Put the names of YOLO's classes in the place of their numbers, where a list has them."""
    names, files = class_names(found, read)
    numbers = sorted({label for labels in said.labels.values() for label in labels}, key=int)
    said.unnamed = tuple(number for number in numbers if int(number) not in names)
    for position, labels in said.labels.items():
        said.labels[position] = tuple(
            dict.fromkeys(names.get(int(number), number) for number in labels)
        )
    said.files.extend(files)
