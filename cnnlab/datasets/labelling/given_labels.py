"""Labels from tables: those inside an upload, or one that came beside it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.labelling.class_folders import folder_splits
from cnnlab.datasets.labelling.labelled import Layout, labelled_layout
from cnnlab.datasets.labelling.labels import read_split
from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.tables import GivenLabels, read_table
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Member, UnreadableMemberError
from cnnlab.datasets.upload.suffixes import suffix_of
from cnnlab.domain.dataset import DatasetWarning
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size

_ZIP_SIGNATURE = b"PK\3\4"
# Some sets have a text for every image; those aren't tables, and are many.
_MAX_TABLES = 100


def read_labels_file(path: Path, images: Sequence[Member]) -> GivenLabels:
    """Read a CSV that came beside the upload.

    Raises:
        UploadError: it can't be opened, is too large, or names no image.
    """
    shown = printable(path.name)
    try:
        with path.open("rb") as file:
            content = file.read(limits.MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise UploadError(f"The CSV {printable(path)} can't be opened: {error.strerror}") from error
    if len(content) > limits.MAX_TABLE_BYTES:
        raise UploadError(
            f"The CSV {shown} is larger than {data_size(limits.MAX_TABLE_BYTES)}; keep "
            "only the columns 'file' and 'label' or raise CNNLAB_MAX_TABLE_BYTES"
        )
    if content.startswith(_ZIP_SIGNATURE):
        raise UploadError(f"{shown} is a spreadsheet or a zip, not a CSV; save it as CSV")
    given = GivenLabels()
    read_table(content, path.name, _names(images), given)
    return given


def read_inner_tables(
    tables: Sequence[Member], images: Sequence[Member], read: Callable[[Member], bytes]
) -> tuple[GivenLabels, UploadError | None]:
    """Read the tables of an upload that name images; other texts are none.

    At most `_MAX_TABLES` are tried, of no more bytes together than one may have.

    Returns:
        What they say; and the first error of a file that its extension calls a table.
    """
    given, failed = GivenLabels(), None
    names = _names(images if tables else ())
    for member in _first_tables(tables):
        base = member.path.rpartition("/")[2]
        try:
            split = read_split(base.rpartition(".")[0])
            read_table(_content(member, read), member.path, names, given, split)
        except UploadError as error:
            if not _is_text(member):
                failed = failed or error
    return given, failed


def _content(member: Member, read: Callable[[Member], bytes]) -> bytes:
    try:
        return read(member)
    except UnreadableMemberError as error:
        raise UploadError(
            f"The CSV {printable(member.path.rpartition('/')[2])} can't be read ({error}); pack it "
            "again"
        ) from error


def _is_text(member: Member) -> bool:
    return suffix_of(member.path) == ".txt"


def _first_tables(tables: Sequence[Member]) -> Iterator[Member]:
    total_bytes = 0
    likeliest = sorted(tables, key=lambda member: (_is_text(member), member.path))
    for member in likeliest[:_MAX_TABLES]:
        total_bytes += member.size_bytes
        if total_bytes <= limits.MAX_TABLE_BYTES:
            yield member


def _names(images: Sequence[Member]) -> ImageNames:
    return ImageNames([member.path for member in images])


def table_layout(images: Sequence[Member], given: GivenLabels) -> Layout:
    """Label images as tables say; split folders count where no table names a split."""
    splits = folder_splits(images)
    for position, split in given.splits.items():
        splits[position] = split
    labels = [given.labels.get(position, "") for position in range(len(images))]
    reasons = [f"has no label in {given.title}"] * len(images)
    for position in given.conflicts:
        labels[position], reasons[position] = "", f"{given.title} gives it several labels"
    layout = labelled_layout(images, labels, splits, reasons)
    return replace(layout, warnings=_missing_warning(given))


def _missing_warning(given: GivenLabels) -> tuple[DatasetWarning, ...]:
    if not given.missing:
        return ()
    message = (
        f"{given.missing:,} {'row' if given.missing == 1 else 'rows'} of {given.title} "
        f"{'names' if given.missing == 1 else 'name'} no image of the upload, "
        f"the first of them {given.first_missing[:80]!r}."
    )
    return (DatasetWarning("missing_images", message, given.missing),)
