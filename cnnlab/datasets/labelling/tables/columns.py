"""Which column of a table holds what: splits, labels in words, a 0 or 1 for each class."""

import itertools
import re
from enum import IntEnum

from cnnlab.datasets.labelling.labels import clean_label, read_split
from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.tables.headings import (
    CONFIDENCE,
    LABEL_NAMES,
    SPLIT_NAMES,
    heading,
    is_known,
)
from cnnlab.datasets.labelling.tables.tags import find_tags
from cnnlab.datasets.labelling.tables.text import MAX_COLUMNS, Row, TableText
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.data.labelling import Several
from cnnlab.domain.errors import UploadError

# What is more varied is no label: an upload has 1,000 classes.
_MAX_VALUES = 1000
# With so many columns of 0 and 1, these are the labels, whatever else is there.
_MANY_FLAGS = 3
# Numbers of more different values are measures, such as an age, rather than levels.
_MAX_LEVELS = 20
_ZERO = re.compile(r"0+(\.0*)?")
_YES, _NO = {"1", "1.0", "true"}, {"0", "0.0", "false"}

Values = dict[int, set[str]]


class Form(IntEnum):
    """What says which column holds the labels; greater is surer."""

    SHARES = 0
    NUMBERS = 1
    WORDS = 2
    FLAGS = 3
    HEADING = 4


class Columns:
    """Which column holds what.

    Attributes:
        has_heading: whether the first row is one.
        form: what says where the labels are.
        guesses: what is not certain, a sentence each.
        beside: heading of a column of words that may be the labels, where columns of 0 and 1 were
            taken; else an empty text.
        tags: how a cell holds several labels, or None where each is one.
    """

    def __init__(
        self,
        text: TableText,
        separator: str,
        file: int,
        images: ImageNames,
        several: Several | None = None,
    ) -> None:
        """Find out from all rows.

        Args:
            text: the table.
            separator: between its cells.
            file: the column that names the images.
            images: those of the upload.
            several: what the user wants for several labels.

        Raises:
            UploadError: no column holds labels.
        """
        self._text, self._separator, self._file = text, separator, file
        self.guesses: list[str] = []
        self.beside = ""
        first = next(text.rows(separator))
        self._first = first[:MAX_COLUMNS]
        values, self._rows = self._read_values(images)
        headings = [heading(cell) for cell in self._first] if self.has_heading else []
        self._more = self._cells_beyond(values, headings)
        self._split = _split_column(values, headings)
        if self._split is not None:
            del values[self._split]
        self._confidence = self._find_confidence(values, headings)
        self._label: int | None = None
        self._flags: dict[int, str] = {}
        self.form = self._find_labels(values, headings)
        cells: set[str] = set() if self._label is None else values[self._label]
        self._check_cells(cells)
        named = "" if self._label is None or not headings else headings[self._label]
        self._several = several
        is_whole = self._more or several == "as_one"
        self.tags = None if is_whole else find_tags(cells, named)

    def labels_of(self, row: Row) -> list[str]:
        """The labels of a row: none, one or several."""
        if self._confidence is not None and _ZERO.fullmatch(_at(row, self._confidence).strip()):
            return []
        if self._flags:
            return self._flagged(row)
        if self._label is None:
            return []
        if self._more:
            return [*filter(None, map(clean_label, row[self._label :]))]
        cell = _at(row, self._label)
        if self.tags and (self.tags.is_sure or self._several):
            return [*self.tags.split(cell)]
        return [*filter(None, [clean_label(cell)])]

    def split_of(self, row: Row) -> str | None:
        """The split that a row says."""
        return None if self._split is None else read_split(_at(row, self._split))

    def possible_tags(self, labels: set[str]) -> str:
        """One of these labels that may be several, where that isn't sure; else an empty text."""
        if self.tags is None or self.tags.is_sure:
            return ""
        return min((label for label in labels if len(self.tags.split(label)) > 1), default="")

    def _flagged(self, row: Row) -> list[str]:
        cells = {name: _at(row, column).strip().casefold() for column, name in self._flags.items()}
        if len(cells) > 1:
            return [name for name, cell in cells.items() if cell in _YES]
        [(name, cell)] = cells.items()
        return [name] if cell in _YES else [f"not {name}"] if cell in _NO else []

    def _read_values(self, images: ImageNames) -> tuple[Values, int]:
        """The different cells of each column, and how many rows there are; finds the heading."""
        rows = self._text.rows(self._separator)
        first, file = next(rows), self._file
        known = is_known([heading(cell) for cell in first])
        words = {cell for column, cell in enumerate(first) if column != file}
        values: Values = {}
        body, stands_below = 0, False
        for row in rows:
            body += 1
            _collect(row, file, values)
            if not (known or stands_below):
                stands_below = not words.isdisjoint(row[:file] + row[file + 1 :])
        names_image = file < len(first) and images.find(first[file]) is not None
        # A first row that names no image is a heading if its words stand nowhere below.
        self.has_heading = body > 0 and not names_image and not stands_below
        if not self.has_heading:
            _collect(first, file, values)
        elif not known:
            self.guesses.append(
                f"The first row of {self._text.table}, {printable(','.join(first))[:80]!r}, was "
                "taken as its heading because it names no image"
            )
        return values, body + (not self.has_heading)

    def _cells_beyond(self, values: Values, headings: list[str]) -> bool:
        """Whether rows go on behind a last column of labels: `1.jpg,cat,dog` below `file,label`."""
        beyond = [column for column in values if headings and column >= len(headings)]
        cells_beyond = [values.pop(column) for column in beyond]
        if not any(cells_beyond):
            return False
        return headings[-1] in LABEL_NAMES and len(headings) - 1 != self._file

    def _find_confidence(self, values: Values, headings: list[str]) -> int | None:
        """The column that says how sure a row's label is: of Open Images, 0 means that it isn't."""
        column = headings.index(CONFIDENCE) if CONFIDENCE in headings else None
        if column not in values or not all(map(_is_share, values[column])):
            return None
        del values[column]
        return column

    def _find_labels(self, values: Values, headings: list[str]) -> Form:
        for name in LABEL_NAMES:
            if name in headings and headings.index(name) in values:
                self._label = headings.index(name)
                return Form.SHARES if _are_shares(values[self._label]) else Form.HEADING
        flags = [column for column in sorted(values) if _are_flags(values[column])]
        varied = [column for column in sorted(values) if 2 <= len(values[column]) <= _MAX_VALUES]
        words = [column for column in varied if not all(map(_is_number, values[column]))]
        words = [column for column in words if column not in flags]
        if len(flags) > 1 and self._are_classes(flags, len(values), bool(words)):
            self.beside = self._returning(words, values)
            return self._take_flags(flags, len(values))
        # A column of few numbers says more than a 0 or 1 beside it, which is a note then.
        levels = [column for column in varied if self._are_levels(column, values)] if flags else []
        if not (words or levels) and len(flags) == 1 and flags[0] in varied and headings:
            return self._take_flags(flags, len(values))
        shares = [column for column in values if values[column] and _are_shares(values[column])]
        if not words and shares and len(shares) == len(values):
            return Form.SHARES
        self._label = self._guess_label(words or levels or varied or sorted(values), values)
        return Form.WORDS if words else Form.NUMBERS

    def _guess_label(self, columns: list[int], values: Values) -> int:
        """The likeliest of several columns: the first whose values return in several rows."""
        if not columns:
            raise UploadError(
                f"{self._text.table} has no column of labels beside the file names; add one "
                "headed 'label'"
            )
        returning = [column for column in columns if 2 * len(values[column]) <= self._rows]
        chosen = (returning or columns)[0]
        if len(values) > 1:
            name = self._first[chosen] if self.has_heading else ""
            shown = repr(printable(name)[:80]) if name.strip() else f"number {chosen + 1}"
            self.guesses.append(
                f"The labels were read from the column {shown} of {self._text.table}, which has "
                "several that may be meant; head the right one 'label' if this is another"
            )
        return chosen

    def _returning(self, columns: list[int], values: Values) -> str:
        """The heading of the first column whose values return in several rows, if any."""
        for column in columns:
            if 2 * len(values[column]) <= self._rows and column < len(self._first):
                return printable(self._first[column].strip())[:80]
        return ""

    def _are_levels(self, column: int, values: Values) -> bool:
        """Whether a column holds few different numbers, and not 0 and 1."""
        count = len(values[column])
        few = count <= _MAX_LEVELS and 2 * count <= self._rows
        return few and not _are_flags(values[column])

    def _are_classes(self, flags: list[int], columns: int, has_words: bool) -> bool:
        """Whether columns of 0 and 1 are a class each, rather than notes beside the labels."""
        if not self.has_heading:
            return len(flags) == columns
        return not has_words or len(flags) >= _MANY_FLAGS or self._is_one_of(flags)

    def _take_flags(self, flags: list[int], columns: int) -> Form:
        if not self.has_heading:
            raise UploadError(
                f"{self._text.table} has columns of 0 and 1 without a heading; add a first row "
                "that names the class of each column"
            )
        self._flags = {
            column: clean_label(self._first[column]) or f"column {column + 1}" for column in flags
        }
        if len(flags) == 1:
            [name] = self._flags.values()
            self.guesses.append(
                f"The only column of labels in {self._text.table}, {name[:80]!r}, holds 0 and 1: "
                f"they were read as 'not {name[:80]}' and {name[:80]!r}"
            )
        elif len(flags) < columns:
            told = f"; if {self.beside!r} holds the labels, head it 'label'" * bool(self.beside)
            self.guesses.append(
                f"The classes are the {len(flags):,} columns of 0 and 1 in {self._text.table}; its "
                f"other columns were not used{told}"
            )
        return Form.FLAGS

    def _is_one_of(self, flags: list[int]) -> bool:
        """Whether each row has exactly one 1 in these columns."""
        body = itertools.islice(self._text.rows(self._separator), self.has_heading, None)
        return all(
            sum(_at(row, column).strip().casefold() in _YES for column in flags) == 1
            for row in body
        )

    def _check_cells(self, cells: set[str]) -> None:
        rows = [cell for cell in cells if self._separator in cell and len(cell.splitlines()) > 1]
        if rows:
            raise UploadError(
                f"{self._text.table} has rows inside of a label, {min(rows)[:80]!r}; look for a "
                "quote that isn't closed"
            )


def _at(row: Row, column: int) -> str:
    return row[column] if column < len(row) else ""


def _collect(row: Row, file: int, values: Values) -> None:
    """Add the cells of a row to the different values of their columns, up to some."""
    for column, cell in enumerate(row[:MAX_COLUMNS]):
        if column != file:
            texts = values.setdefault(column, set())
            if len(texts) <= _MAX_VALUES and (text := cell.strip()):
                texts.add(text)


def _split_column(values: Values, named: list[str]) -> int | None:
    """The column whose every value means a split; two different ones where it has no heading."""
    for column, texts in sorted(values.items()):
        means = {read_split(text) for text in texts}
        heading = named[column] if column < len(named) else ""
        if texts and None not in means and (heading in SPLIT_NAMES or len(means) > 1):
            return column if heading not in LABEL_NAMES else None
    return None


def _are_flags(texts: set[str]) -> bool:
    return bool(texts) and {text.casefold() for text in texts} <= _YES | _NO


def _are_shares(texts: set[str]) -> bool:
    return (
        not _are_flags(texts) and any("." in text for text in texts) and all(map(_is_share, texts))
    )


def _is_share(text: str) -> bool:
    """Whether it is a number from 0 to 1."""
    return re.fullmatch(r"(0?\.\d+|\d+\.?\d*e-\d+|[01](\.0*)?)", text, re.IGNORECASE) is not None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?", text, re.IGNORECASE) is not None
