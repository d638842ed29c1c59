"""Labels from tables: those inside an upload, or one that came beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.labelling.class_folders import folder_splits
from cnnlab.datasets.labelling.jsonl import as_csv
from cnnlab.datasets.labelling.labelled import Layout, labelled_layout
from cnnlab.datasets.labelling.labels import read_split
from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.labelling.tables.ranking import (
    Ranked,
    check_labels,
    rank_tables,
    split_of_table,
)
from cnnlab.datasets.labelling.tables.several import settle
from cnnlab.datasets.labelling.tables.table import Labels, Table, read_table
from cnnlab.datasets.labelling.tables.telling import tell_tables
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Member, UnreadableMemberError
from cnnlab.datasets.upload.suffixes import suffix_of
from cnnlab.domain.data.labelling import Labelling, Several
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size

_ZIP_SIGNATURE = b"PK\3\4"
# Some sets have a text for every image; those aren't tables, and are many.
_MAX_TABLES = 100


def rank_given(
    found: Sorted, read: Callable[[Member], bytes], labelling: Labelling
) -> tuple[Ranked, UploadError | None]:
    """The tables that may give the labels: that beside the upload alone, or those inside.

    Args:
        found: the files of the upload.
        read: gives the content of a file.
        labelling: what the user wants.

    Returns:
        The tables that name images, ranked; and why the first other one can't be read.

    Raises:
        UploadError: the table that the user wants isn't there or can't be used.
    """
    if labelling.table is not None:
        if labelling.table_name is not None:
            raise UploadError("Give a CSV beside the upload or name one inside of it, not both")
        return Ranked((_read_beside(labelling.table, found.images, labelling.several),)), None
    tables, failed = _read_inner(found, read, labelling.several)
    return rank_tables(tables, labelling.table_name), failed


def _read_beside(path: Path, images: Sequence[Member], several: Several | None) -> Table:
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
    names = _SplitNames(images).of_table(path.name)
    table = read_table(content, path.name, names, several)
    check_labels(table)
    return table


def _read_inner(
    found: Sorted, read: Callable[[Member], bytes], several: Several | None
) -> tuple[list[Table], UploadError | None]:
    """Read the tables of an upload that name images; other texts are none.

    At most `_MAX_TABLES` are tried, of no more bytes together than one may have.

    Returns:
        What each says; and the first error of a file that its extension calls a table.
    """
    tables, failed = [], None
    names = _SplitNames(found.images if found.tables else ())
    for member in _first_tables(found.tables):
        try:
            content = _content(member, read)
            tables.append(read_table(content, member.path, names.of_table(member.path), several))
        except UploadError as error:
            if not _is_text(member):
                failed = failed or error
    return tables, failed


def _content(member: Member, read: Callable[[Member], bytes]) -> bytes:
    try:
        content = read(member)
        return as_csv(content, member.path) if suffix_of(member.path) == ".jsonl" else content
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


class _SplitNames:
    """Names of images; where those of several splits have the same, a table means its own split."""

    def __init__(self, images: Sequence[Member]) -> None:
        self._names = ImageNames([member.path for member in images])
        self._splits = folder_splits(images) if images else []

    def of_table(self, path: str) -> ImageNames:
        """The names as a table with this path means them."""
        folders = map(read_split, reversed(path.split("/")[:-1]))
        split = next(filter(None, (split_of_table(path), *folders)), None)
        if split is None:
            return self._names
        return self._names.preferring(
            [position for position, own in enumerate(self._splits) if own == split]
        )


def table_layout(images: Sequence[Member], ranked: Ranked, labelling: Labelling) -> Layout:
    """Label images as the tables say that are believed.

    Split folders count where no table names a split. Images that only other tables name are
    skipped.

    Args:
        images: of the upload.
        ranked: its tables.
        labelling: what the user wants.

    Raises:
        UploadError: many images have several labels, and the user hasn't said what then.
    """
    splits = folder_splits(images)
    for table in ranked.taken:
        if len(ranked.taken) > 1 and (split := split_of_table(table.path)):
            splits = _replaced(splits, dict.fromkeys(table.labels, split))
        splits = _replaced(splits, table.splits)
    title = ranked.title
    settled = settle(
        _merged(ranked.taken),
        labelling.several,
        title,
        lambda position: images[position].path,
        otherwise=_other_column(ranked.taken),
    )
    reasons = [f"has no label in {title}"] * len(images)
    for table, _ in reversed(ranked.left):
        for position in table.labels:
            reasons[position] = f"only {table.name} gives it a label, which is not believed"
    for position in settled.left_out:
        reasons[position] = f"{title} gives it several labels"
    labels = [settled.labels.get(position, "") for position in range(len(images))]
    layout = labelled_layout(images, labels, splits, reasons)
    return replace(layout, warnings=(*tell_tables(ranked, len(images)), *settled.warnings))


def _other_column(tables: Sequence[Table]) -> str:
    """Where the labels may stand instead of columns of 0 and 1, a clause."""
    for table in tables:
        if table.beside:
            return (
                f"if the labels stand in the column {table.beside!r} of {table.name}, head it "
                "'label'"
            )
    return ""


def _replaced(splits: list[str | None], by: Mapping[int, str]) -> list[str | None]:
    return [by.get(position, split) for position, split in enumerate(splits)]


def _merged(tables: Sequence[Table]) -> dict[int, Labels]:
    """All labels of each image that any of these tables gives."""
    merged: dict[int, Labels] = {}
    for table in tables:
        for position, labels in table.labels.items():
            known = merged.get(position, ())
            merged[position] = known + tuple(label for label in labels if label not in known)
    return merged
