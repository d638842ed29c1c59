"""A CSV of labels: its separator and columns found, its values left as they are.

Read row by row, several times over: a million rows take no more memory than their file.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnlab.datasets.labelling.labels import clean_label, read_split
from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.table_text import Row, TableText
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.errors import UploadError

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
# Names are looked for in so many rows, spread over the table; where these hold none, in all, up to
# so many cells: the upload may be a small part of the collection that the table is about.
_SAMPLE_ROWS, _SEARCHED_CELLS = 200, 4_000_000
# What lies further to the right, or is more varied, is no label: an upload has 1,000 classes.
_MAX_COLUMNS, _MAX_VALUES = 200, 1000


class GivenLabels:
    """What tables say of the images of an upload.

    Attributes:
        tables: names of the tables that named images.
        labels: class name of an image, by its position.
        splits: split of an image, where a table says it.
        conflicts: images with several labels.
        missing: rows that name no image.
        first_missing: the first such name, or an empty text.
    """

    def __init__(self) -> None:
        self.tables: list[str] = []
        self.labels: dict[int, str] = {}
        self.splits: dict[int, str] = {}
        self.conflicts: set[int] = set()
        self.missing = 0
        self.first_missing = ""

    @property
    def title(self) -> str:
        """The tables' names, for messages."""
        names = [printable(table.rpartition("/")[2]) for table in self.tables]
        return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")

    def add(self, position: int, label: str, split: str | None) -> None:
        """Keep what one row says of an image."""
        label = clean_label(label)
        if label and self.labels.setdefault(position, label) != label:
            self.conflicts.add(position)
        if split:
            self.splits[position] = split

    def miss(self, name: str) -> None:
        """Count a row that names no image."""
        self.missing += 1
        self.first_missing = self.first_missing or name


def read_table(
    content: bytes, table: str, images: ImageNames, given: GivenLabels, split: str | None = None
) -> None:
    """Read the rows of a CSV that names images.

    The separator and the column of names are those that name the most images; the label's and the
    split's column are found by their heading, else by their values.

    Args:
        content: the file.
        table: its path, for messages.
        images: the images of the upload.
        given: takes what the rows say; unchanged after an error.
        split: of images whose row names none.

    Raises:
        UploadError: it isn't a CSV, names no image or has no column of labels.
    """
    text = TableText(content, printable(table.rpartition("/")[2]))
    separator, file_column = _find_names(text, images)
    columns = _Columns(text, separator, file_column, images)
    given.tables.append(table)
    for row in itertools.islice(text.rows(separator), columns.has_heading, None):
        if file_column < len(row):
            position = images.find(row[file_column])
            if position is None:
                given.miss(row[file_column])
            else:
                given.add(position, columns.label_of(row), columns.split_of(row) or split)


class _Evidence(NamedTuple):
    """How well a column names images; greater is better.

    Different images are counted, not rows: a column of digits may name 0.jpg again and again.
    """

    has_suffixes: bool = False
    has_heading: bool = False
    images: int = 0
    left_to_right: int = 0
    separator: str = ""

    @property
    def is_strong(self) -> bool:
        """Whether it isn't digits alone, which may be labels."""
        return self.images > 0 and (self.has_suffixes or self.has_heading)


def _find_names(text: TableText, images: ImageNames) -> tuple[str, int]:
    """The separator and the column whose cells name the images."""
    best, failed = _Evidence(), []
    for choose in (_sample, _likely_rows):
        for separator in text.separators:
            try:
                rows = choose(text, separator, images)
                best = max(best, _best_column(rows, images)._replace(separator=separator))
            except UploadError as error:
                failed.append(error)
        if best.is_strong:
            break
    if best.images:
        return best.separator, -best.left_to_right
    if failed:
        raise failed[0]
    first = next(text.rows(text.separators[0]), [])
    raise UploadError(
        f"{text.table} names none of the images; give each image a row with its file name and "
        f"its label. Received: first row={','.join(first)[:80]!r}"
    )


def _sample(text: TableText, separator: str, _: ImageNames) -> Iterator[Row]:
    """Rows from all over the table, the first among them."""
    step = max(1, text.count // _SAMPLE_ROWS)
    return itertools.islice(text.rows(separator), 0, None, step)


def _likely_rows(text: TableText, separator: str, images: ImageNames) -> Iterator[Row]:
    """The first row, and of all others those that spell an image's name exactly."""
    rows = text.rows(separator)
    yield from itertools.islice(rows, 1)
    cells = 0
    for row in rows:
        if any(map(images.spells, row)):
            yield row
        cells += len(row)
        if cells > _SEARCHED_CELLS // len(text.separators):
            return


def _best_column(rows: Iterator[Row], images: ImageNames) -> _Evidence:
    found: dict[int, set[int]] = {}
    with_suffix: set[int] = set()
    heading: list[str] = []
    for row in rows:
        heading = heading or [_heading(cell) for cell in row[:_MAX_COLUMNS]]
        for column, cell in enumerate(row[:_MAX_COLUMNS] if len(row) > 1 else []):
            if (image := images.find(cell)) is not None:
                found.setdefault(column, set()).add(image)
                if suffix_of(cell) in IMAGE_SUFFIXES:
                    with_suffix.add(column)
    columns = (
        _Evidence(column in with_suffix, _is_named(heading, column), len(named), -column)
        for column, named in found.items()
    )
    return max(columns, default=_Evidence())


def _heading(cell: str) -> str:
    return re.sub(r"[\W_]", "", cell[:100].casefold())


def _is_named(heading: Sequence[str], column: int) -> bool:
    return column < len(heading) and heading[column] in _FILE_NAMES


class _Columns:
    """Which column holds what."""

    def __init__(self, text: TableText, separator: str, file: int, images: ImageNames) -> None:
        rows = text.rows(separator)
        first = next(rows)
        headings = [_heading(cell) for cell in first]
        is_known = bool({*headings} & {*_FILE_NAMES, *_LABEL_NAMES, *_SPLIT_NAMES})
        words = {cell for column, cell in enumerate(first) if column != file}
        values: dict[int, set[str]] = {}
        body, stands_below = 0, False
        for row in rows:
            body += 1
            _collect(row, file, values)
            if not (is_known or stands_below):
                stands_below = not words.isdisjoint(row[:file] + row[file + 1 :])
        names_image = file < len(first) and images.find(first[file]) is not None
        # A first row that names no image is a heading if its words stand nowhere below.
        self.has_heading = body > 0 and not names_image and not stands_below
        if not self.has_heading:
            _collect(first, file, values)
            headings = []
        self._split = _split_column(values, headings)
        if self._split is not None:
            del values[self._split]
        self._label = _label_column(values, headings)
        labels = None if self._label is None else values[self._label]
        _check_labels(text, separator, labels)

    def label_of(self, row: Row) -> str:
        """The label of a row, perhaps empty."""
        if self._label is None or self._label >= len(row):
            return ""
        return row[self._label]

    def split_of(self, row: Row) -> str | None:
        """The split that a row says."""
        if self._split is None or self._split >= len(row):
            return None
        return read_split(row[self._split])


def _check_labels(text: TableText, separator: str, labels: set[str] | None) -> None:
    if labels is None:
        raise UploadError(
            f"{text.table} has no column of labels beside the file names; add one headed 'label'"
        )
    rows = [label for label in labels if separator in label and len(label.splitlines()) > 1]
    if rows:
        raise UploadError(
            f"{text.table} has rows inside of a label, {min(rows)[:80]!r}; look for a quote that "
            "isn't closed"
        )


def _collect(row: Row, file: int, values: dict[int, set[str]]) -> None:
    """Add the cells of a row to the different values of their columns, up to some."""
    for column, cell in enumerate(row[:_MAX_COLUMNS]):
        if column != file:
            texts = values.setdefault(column, set())
            if len(texts) <= _MAX_VALUES and (text := cell.strip()):
                texts.add(text)


def _split_column(values: dict[int, set[str]], named: Sequence[str]) -> int | None:
    """The column whose every value means a split; two different ones where it has no heading."""
    for column, texts in sorted(values.items()):
        means = {read_split(text) for text in texts}
        heading = named[column] if column < len(named) else ""
        if texts and None not in means and (heading in _SPLIT_NAMES or len(means) > 1):
            return column if heading not in _LABEL_NAMES else None
    return None


def _label_column(values: dict[int, set[str]], named: Sequence[str]) -> int | None:
    for name in _LABEL_NAMES:
        if name in named and named.index(name) in values:
            return named.index(name)
    flags = [texts for texts in values.values() if texts and texts <= {"0", "1", "0.0", "1.0"}]
    if len(flags) > 2:
        raise UploadError(
            "The CSV has a column of 0 and 1 for every class; give it one column headed 'label' "
            "with the class name instead"
        )
    repeated = [
        column for column, texts in sorted(values.items()) if 2 <= len(texts) <= _MAX_VALUES
    ]
    words = [column for column in repeated if not all(map(_is_number, values[column]))]
    return next(iter(words or repeated or sorted(values)), None)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?", text, re.IGNORECASE) is not None
