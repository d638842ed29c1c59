"""The text of a CSV: its encoding found, its rows read one by one, as often as needed."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import Any

from cnnlab.datasets import limits
from cnnlab.domain.errors import UploadError

Row = list[str]

# What lies further to the right is no label: an upload has 1,000 classes, each perhaps a column.
MAX_COLUMNS = 1100

_SEPARATORS = (",", ";", "\t", "|")
_MAX_ROW_BYTES = 1_000_000


class TableText:
    """The text of a table, and its rows for any separator.

    Attributes:
        table: its name, for messages.
        separators: those that may be between its cells.
        count: about how many rows it has.
    """

    def __init__(self, content: bytes, table: str) -> None:
        """Find out encoding and possible separators.

        Raises:
            UploadError: it has too many rows, or one that is too long.
        """
        self.table = table
        self._content = content
        self._encoding = _encoding(content)
        self.count = max(content.count(b"\n"), content.count(b"\r"))
        if self.count > limits.MAX_TABLE_ROWS or _longest_line(content) > _MAX_ROW_BYTES:
            raise UploadError(
                f"{table} has more than {limits.MAX_TABLE_ROWS:,} rows, or a row of more than a "
                "million bytes; keep only the columns 'file' and 'label' of the images in "
                "the upload"
            )
        announced = re.fullmatch(r'"?sep=([,;\t|])"?\s*', next(self._lines(), ""))
        self._skipped_lines = 1 if announced else 0
        candidates = announced[1] if announced else _SEPARATORS
        self.separators = [one for one in candidates if one.encode() in content] or [","]

    def _lines(self, start: int = 0) -> Iterator[str]:
        binary = io.BytesIO(self._content)
        file = io.TextIOWrapper(binary, self._encoding, errors="replace", newline="")
        return itertools.islice(file, start, None)

    def rows(self, separator: str) -> Iterator[Row]:
        """Every row that isn't blank.

        Raises:
            UploadError: a cell is too long, or a quote isn't closed.
        """
        reader = csv.reader(self._lines(self._skipped_lines), **_options(separator))
        begins = ends = 0
        try:
            for row in reader:
                begins, ends = ends, reader.line_num
                if any(row) and any(map(str.strip, row)):
                    yield row
            ends = begins
            self._check_end(separator, begins)
        except csv.Error as error:
            raise UploadError(
                f"{self.table} can't be read as a CSV near line {ends + 1}: {error}; look "
                "for a quote that isn't closed"
            ) from error

    def _check_end(self, separator: str, last_row: int) -> None:
        """The reader forgives a quote that is never closed: all that follows is in one cell."""
        lines = [*self._lines(self._skipped_lines + last_row), "x"]
        if list(csv.reader(lines, **_options(separator)))[-1] != ["x"]:
            raise csv.Error("a quote is never closed")


def _longest_line(content: bytes) -> int:
    longest = max(map(len, io.BytesIO(content)), default=0)
    if longest <= _MAX_ROW_BYTES or b"\r" not in content:
        return longest
    return max(map(len, re.split(rb"[\r\n]", content)))


def _options(separator: str) -> dict[str, Any]:
    return {"delimiter": separator, "skipinitialspace": True}


def _encoding(content: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return encoding
    zeros_even, zeros_odd = content[0:200:2].count(0), content[1:200:2].count(0)
    if zeros_even + zeros_odd > len(content[:200]) // 4:
        return "utf-16-be" if zeros_even > zeros_odd else "utf-16-le"
    return next((one for one in ("utf-8", "cp1252") if _decodes(content, one)), "latin-1")


def _decodes(content: bytes, encoding: str) -> bool:
    parts = (content[start : start + 2**16] for start in range(0, len(content), 2**16))
    try:
        for _ in codecs.iterdecode(parts, encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True
