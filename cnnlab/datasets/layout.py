"""From the files of an upload to labelled images: class folders, or images and a CSV."""

import os.path
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from cnnlab.datasets import limits
from cnnlab.datasets.labels import clean_label, read_split
from cnnlab.datasets.matching import IMAGE_SUFFIXES, ImageNames, suffix_of
from cnnlab.datasets.sources import Listing, Member
from cnnlab.datasets.tables import LabelRow, read_table
from cnnlab.domain.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.errors import UploadError
from cnnlab.domain.split import TRAIN

Parts = tuple[str, ...]
_TABLE_SUFFIXES = {".csv", ".tsv", ".txt"}
_ARCHIVE_SUFFIXES = {".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz"}
_UNREAD_FORMATS = {
    ".heic", ".heif", ".avif", ".svg", ".psd", ".eps", ".jp2", ".jxl", ".dng", ".cr2",
}  # fmt: skip
_EXPECTED = (
    "put the images of each class into a folder named after it, or add a CSV with the columns "
    "'file' and 'label'"
)


class LabelledMember(NamedTuple):
    """An image of the upload, not yet decoded, and what the upload says of it.

    Attributes:
        member: where it is.
        file: its path without the folders that all images share.
        label: the class name.
        split: `train`, `validation`, `test`, or None where the upload doesn't say.
    """

    member: Member
    file: str
    label: str
    split: str | None


@dataclass(frozen=True)
class Layout:
    """One reading of an upload."""

    images: tuple[LabelledMember, ...]
    skipped: tuple[SkippedFile, ...] = ()
    warnings: tuple[DatasetWarning, ...] = ()

    @property
    def classes(self) -> set[str]:
        """Their names."""
        return {image.label for image in self.images}


def read_layout(
    listing: Listing, read: Callable[[Member], bytes], labels: Path | None = None
) -> Layout:
    """Decide which image has which label and which split.

    A CSV given as `labels` decides; else class folders, if there are two or more; else a CSV
    inside the upload. Where both were possible, a warning says which reading was taken.

    Args:
        listing: the upload's files.
        read: gives the content of one.
        labels: a CSV outside of the upload.

    Raises:
        UploadError: no images, no labels, fewer than 2 or more than `MAX_CLASSES` classes.
    """
    images, tables, skipped = _sort(listing.members)
    if not images:
        raise UploadError(f"The upload holds no images; {_EXPECTED}")
    names = ImageNames([member.path for member in images])
    folders = _read_folders(images)
    has_folders = len(folders.classes) >= 2
    table = _labels_file(labels, names) if labels else _inner_tables(tables, names, read)
    layout = _read_rows(images, names, table) if table and (labels or not has_folders) else folders
    if table and has_folders:
        layout = replace(layout, warnings=(*layout.warnings, _say_reading(table, labels)))
    used = {_base(name) for name in table.names} if table else set()
    skipped += [
        _skip(member, "not an image") for member in tables if _base(member.path) not in used
    ]
    _check_classes(layout)
    return Layout(
        _simplify(layout.images), (*listing.skipped, *skipped, *layout.skipped), layout.warnings
    )


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _skip(member: Member, reason: str) -> SkippedFile:
    return SkippedFile(member.path, reason)


def _sort(members: Sequence[Member]) -> tuple[list[Member], list[Member], list[SkippedFile]]:
    """Share the members out to possible images, possible tables and neither."""
    suffixes = {member: suffix_of(member.path) for member in members}
    wanted = IMAGE_SUFFIXES if IMAGE_SUFFIXES & set(suffixes.values()) else {""}
    images, tables, skipped = [], [], []
    for member, suffix in suffixes.items():
        if suffix in wanted and member.size_bytes <= limits.MAX_IMAGE_BYTES:
            images.append(member)
        elif suffix in _TABLE_SUFFIXES and member.size_bytes <= limits.MAX_TABLE_BYTES:
            tables.append(member)
        else:
            skipped.append(_skip(member, _unwanted(suffix, suffix in wanted)))
    return images, tables, skipped


def _unwanted(suffix: str, is_image: bool) -> str:
    if is_image:
        return f"larger than {limits.MAX_IMAGE_BYTES / 2**20:.3g} MiB"
    if suffix in _ARCHIVE_SUFFIXES:
        return "an archive inside the upload, which is not opened"
    if suffix in _UNREAD_FORMATS:
        return f"the format {suffix} is not read: convert it to JPEG or PNG"
    return "not an image"


def _read_folders(images: Sequence[Member]) -> Layout:
    paths, splits = _take_splits(_parts(images))
    seconds = {path[1] for path in paths if len(path) >= 3}
    if not any(splits) and len(seconds) > 1 and all(map(read_split, seconds)):
        splits = [read_split(path[1]) if len(path) >= 3 else None for path in paths]
    labelled, skipped = [], []
    for member, path, split in zip(images, paths, splits, strict=True):
        label = clean_label(path[0]) if len(path) >= 2 else ""
        if reason := _bad_label(label, "it is in no class folder"):
            skipped.append(_skip(member, reason))
        else:
            labelled.append(LabelledMember(member, member.path, label, split))
    return Layout(tuple(labelled), tuple(skipped))


def _parts(images: Sequence[Member]) -> list[Parts]:
    return [tuple(member.path.split("/")) for member in images]


def _take_splits(paths: list[Parts]) -> tuple[list[Parts], list[str | None]]:
    """Take wrapper folders and then the folders of splits off the paths.

    A path that isn't inside them becomes empty.
    """
    paths = _without_wrappers(paths)
    splits: list[str | None] = [None] * len(paths)
    while (tops := _tops(paths)) and all(map(read_split, tops)):
        # Kaggle likes training_set/training_set/cats: the outer one decides.
        splits = [
            split or (read_split(path[0]) if len(path) >= 2 else None)
            for split, path in zip(splits, paths, strict=True)
        ]
        paths = [path[1:] if len(path) >= 2 else () for path in paths]
    return _without_wrappers(paths), splits


def _without_wrappers(paths: list[Parts]) -> list[Parts]:
    """Enter the only folder as long as there is one and it holds folders."""
    while len(_tops(paths)) == 1 and any(len(path) >= 3 for path in paths):
        paths = [path[1:] if len(path) >= 2 else () for path in paths]
    return paths


def _tops(paths: Sequence[Parts]) -> set[str]:
    return {path[0] for path in paths if len(path) >= 2}


def _bad_label(label: str, missing: str) -> str | None:
    if not label:
        return missing
    if len(label) > limits.MAX_CLASS_NAME_CHARACTERS:
        return f"its class name has more than {limits.MAX_CLASS_NAME_CHARACTERS} characters"
    return None


@dataclass(frozen=True)
class _Table:
    """The rows of one CSV or of several that belong together (train.csv, test.csv)."""

    names: tuple[str, ...]
    rows: tuple[LabelRow, ...]

    @property
    def title(self) -> str:
        return ", ".join(map(_base, self.names))


def _labels_file(labels: Path, names: ImageNames) -> _Table:
    try:
        with labels.open("rb") as file:
            content = file.read(limits.MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise UploadError(f"The CSV {labels} can't be opened: {error.strerror}") from error
    if len(content) > limits.MAX_TABLE_BYTES:
        raise UploadError(
            f"The CSV {labels.name} is larger than {limits.MAX_TABLE_BYTES / 2**20:.3g} MiB; keep "
            "only the columns 'file' and 'label' or raise CNNLAB_MAX_TABLE_BYTES"
        )
    return _Table((labels.name,), tuple(read_table(content, labels.name, names)))


def _inner_tables(
    tables: Sequence[Member], names: ImageNames, read: Callable[[Member], bytes]
) -> _Table | None:
    """All tables of the upload that name images; other texts are none."""
    found, rows = [], []
    for member in tables:
        try:
            part = read_table(read(member), _base(member.path), names)
        except UploadError:
            continue
        split = read_split(_base(member.path).rpartition(".")[0])
        found.append(member.path)
        rows += [replace(row, split=row.split or split) for row in part]
    return _Table(tuple(found), tuple(rows)) if found else None


def _read_rows(images: Sequence[Member], names: ImageNames, table: _Table) -> Layout:
    _, splits = _take_splits(_parts(images))
    labels: dict[int, set[str]] = {}
    missing = []
    for row in table.rows:
        position = names.find(row.name)
        if position is None:
            missing.append(row.name)
            continue
        labels.setdefault(position, set()).add(clean_label(row.label))
        splits[position] = row.split or splits[position]
    labelled, skipped = [], []
    for position, (member, split) in enumerate(zip(images, splits, strict=True)):
        label, *more = labels.get(position, {""})
        if more:
            skipped.append(_skip(member, f"{table.title} gives it several labels"))
        elif reason := _bad_label(label, f"has no label in {table.title}"):
            skipped.append(_skip(member, reason))
        else:
            labelled.append(LabelledMember(member, member.path, label, split))
    return Layout(tuple(labelled), tuple(skipped), _missing_warning(table, missing))


def _missing_warning(table: _Table, missing: Sequence[str]) -> tuple[DatasetWarning, ...]:
    if not missing:
        return ()
    message = (
        f"{len(missing):,} rows of {table.title} name no image of the upload, "
        f"the first of them {missing[0][:80]!r}."
    )
    return (DatasetWarning("missing_images", message, len(missing)),)


def _say_reading(table: _Table, labels: Path | None) -> DatasetWarning:
    if labels:
        message = f"Labels were taken from {table.title}; the class folders were not used."
    else:
        message = (
            f"Labels were taken from the class folders; {table.title} was not used. To use it, "
            "give it as the labels of the import."
        )
    return DatasetWarning("layout", message, 1)


def _check_classes(layout: Layout) -> None:
    classes = layout.classes
    if len(classes) > limits.MAX_CLASSES:
        raise UploadError(
            f"The upload has {len(classes):,} classes and at most {limits.MAX_CLASSES:,} are "
            "allowed; merge classes, or check that the labels are not file names"
        )
    if not classes:
        raise UploadError(f"No image of the upload has a label; {_EXPECTED}")
    if len(classes) == 1:
        raise UploadError(
            f"The upload has only one class, {next(iter(classes))[:80]!r}, and at least 2 are "
            f"needed; {_EXPECTED}"
        )


def _simplify(images: Sequence[LabelledMember]) -> tuple[LabelledMember, ...]:
    """Take the folders that all files share off, and the splits where all is training."""
    folders = [image.file.split("/")[:-1] for image in images]
    shared = len("".join(f"{name}/" for name in os.path.commonprefix(folders)))
    brings_splits = any(image.split not in (None, TRAIN) for image in images)
    return tuple(
        image._replace(file=image.file[shared:], split=image.split if brings_splits else None)
        for image in images
    )
