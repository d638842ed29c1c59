"""A CSV of labels: its encoding, separator and columns found, its values left as they are."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.datasets.labels import read_split
from cnnlab.datasets.matching import ImageNames
from cnnlab.domain.errors import UploadError

_SEPARATORS = (",", ";", "\t", "|")
# Headings without case, spaces and underscores; of several the first wins.
_FILE_NAMES = {
    *("file", "filename", "filepath", "path", "id", "name", "img", "imgid"),
    *("image", "imagename", "imagefile", "imagepath", "imageid"),
}
_LABEL_NAMES = (
    *("label", "class", "category", "target", "labelname", "classname", "categoryname"),
    *("labels", "classes", "species", "breed", "diagnosis", "type", "tag", "y"),
)
_SPLIT_NAMES = ("split", "set", "subset", "partition", "dataset", "fold", "usage")
_SAMPLE_ROWS = 200

Rows = list[list[str]]


@dataclass(frozen=True)
class LabelRow:
    """One row: the image's name as written, its label and perhaps its split."""

    name: str
    label: str
    split: str | None


def read_table(content: bytes, table: str, images: ImageNames) -> list[LabelRow]:
    """Read the rows of a CSV that names images.

    The separator and the column of names are those that name the most images; the label's and the
    split's column are found by their heading, else by their values.

    Args:
        content: the file.
        table: its name, for messages.
        images: the images of the upload.

    Raises:
        UploadError: it isn't a CSV, names no image or has no column of labels.
    """
    text = _decode(content)
    readings = [_parse(text, separator, table) for separator in _SEPARATORS]
    scored = [_best_column(rows, images) for rows in readings]
    best = max(range(len(readings)), key=lambda number: scored[number][0])
    (matches, file_column), rows = scored[best], readings[best]
    if not matches:
        raise UploadError(
            f"{table} names none of the images; give each image a row with its file name and its "
            f"label. Received: first row={','.join(rows[0] if rows else [])[:80]!r}"
        )
    columns = _Columns(rows, file_column, images)
    if columns.label is None:
        raise UploadError(
            f"{table} has no column of labels beside the file names; add one headed 'label'"
        )
    return [_row(row, columns) for row in rows[columns.has_heading :] if file_column < len(row)]


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    zeros_even, zeros_odd = content[0:200:2].count(0), content[1:200:2].count(0)
    if zeros_even + zeros_odd > len(content[:200]) // 4:
        return content.decode("utf-16-be" if zeros_even > zeros_odd else "utf-16-le", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _parse(text: str, separator: str, table: str) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UploadError(
            f"{table} can't be read as a CSV near line {reader.line_num}: {error}; look for a "
            "quote that isn't closed"
        ) from error


def _best_column(rows: Rows, images: ImageNames) -> tuple[int, int]:
    """How many images the best column names, and which column that is.

    Different images are counted, not rows: a column of digits may name 0.jpg again and again.
    """
    step = max(1, len(rows) // _SAMPLE_ROWS)
    for part in (rows[::step], rows):
        found: dict[int, set[int]] = {}
        for row in part:
            for column, cell in enumerate(row if len(row) > 1 else []):
                if (image := images.find(cell)) is not None:
                    found.setdefault(column, set()).add(image)
        if found:
            heading = [_heading(cell) for cell in rows[0]]
            column = max(
                found, key=lambda column: (len(found[column]), _is_named(heading, column), -column)
            )
            return len(found[column]), column
    return 0, 0


def _heading(cell: str) -> str:
    return re.sub(r"[\W_]", "", cell.casefold())


def _is_named(heading: Sequence[str], column: int) -> bool:
    return column < len(heading) and heading[column] in _FILE_NAMES


class _Columns:
    """Which column holds what."""

    def __init__(self, rows: Rows, file: int, images: ImageNames) -> None:
        first = [_heading(cell) for cell in rows[0]]
        self.file = file
        self.has_heading = _has_heading(rows, first, file, images)
        body = rows[self.has_heading :]
        others = [column for column in range(max(map(len, body))) if column != file]
        values = {column: _values(body, column) for column in others}
        named = first if self.has_heading else []
        self.split = _split_column(values, named)
        values.pop(self.split, None)
        self.label = _label_column(values, named)


def _has_heading(rows: Rows, first: list[str], file: int, images: ImageNames) -> bool:
    """Whether the first row is no image's: it names none, and a heading is among its cells."""
    if len(rows) < 2 or (file < len(rows[0]) and images.find(rows[0][file]) is not None):
        return False
    if set(first) & {*_FILE_NAMES, *_LABEL_NAMES, *_SPLIT_NAMES}:
        return True
    body = {cell for row in rows[1:] for column, cell in enumerate(row) if column != file}
    return not body & {cell for column, cell in enumerate(rows[0]) if column != file}


def _values(rows: Rows, column: int) -> set[str]:
    return {row[column].strip() for row in rows if column < len(row)} - {""}


def _split_column(values: dict[int, set[str]], named: Sequence[str]) -> int | None:
    """The column whose every value means a split; two different ones where it has no heading."""
    for column, texts in values.items():
        means = {read_split(text) for text in texts}
        heading = named[column] if column < len(named) else ""
        if texts and None not in means and (heading in _SPLIT_NAMES or len(means) > 1):
            return column if heading not in _LABEL_NAMES else None
    return None


def _label_column(values: dict[int, set[str]], named: Sequence[str]) -> int | None:
    for name in _LABEL_NAMES:
        if name in named and named.index(name) in values:
            return named.index(name)
    flags = [column for column, texts in values.items() if texts <= {"0", "1", "0.0", "1.0"}]
    if len(flags) > 2:
        raise UploadError(
            "The CSV has a column of 0 and 1 for every class; give it one column headed 'label' "
            "with the class name instead"
        )
    repeated = [column for column, texts in values.items() if 2 <= len(texts) <= 1000]
    words = [column for column in repeated if not all(map(_is_number, values[column]))]
    return next(iter(words or repeated or values), None)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?", text, re.IGNORECASE) is not None


def _row(row: list[str], columns: _Columns) -> LabelRow:
    label = row[columns.label] if columns.label is not None and columns.label < len(row) else ""
    split = row[columns.split] if columns.split is not None and columns.split < len(row) else ""
    return LabelRow(row[columns.file], label, read_split(split))
