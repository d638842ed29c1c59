"""Which column of a table names the images of an upload, and what separates the columns."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from cnnlab.datasets.labelling.matching import ImageNames
from cnnlab.datasets.labelling.tables.headings import FILE_NAMES, heading
from cnnlab.datasets.labelling.tables.text import MAX_COLUMNS, Row, TableText
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.errors import UploadError

# Names are looked for in so many rows, spread over the table; where these hold none, in all, up to
# so many cells: the upload may be a small part of the collection that the table is about.
_SAMPLE_ROWS, _SEARCHED_CELLS = 200, 4_000_000


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


def find_names(text: TableText, images: ImageNames) -> tuple[str, int]:
    """The separator and the column whose cells name the images.

    Raises:
        UploadError: it isn't a CSV, or names no image.
    """
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
    headings: list[str] = []
    for row in rows:
        headings = headings or [heading(cell) for cell in row[:MAX_COLUMNS]]
        for column, cell in enumerate(row[:MAX_COLUMNS] if len(row) > 1 else []):
            if (image := images.find(cell)) is not None:
                found.setdefault(column, set()).add(image)
                if suffix_of(cell) in IMAGE_SUFFIXES:
                    with_suffix.add(column)
    columns = (
        _Evidence(column in with_suffix, _is_named(headings, column), len(named), -column)
        for column, named in found.items()
    )
    return max(columns, default=_Evidence())


def _is_named(headings: list[str], column: int) -> bool:
    return column < len(headings) and headings[column] in FILE_NAMES
