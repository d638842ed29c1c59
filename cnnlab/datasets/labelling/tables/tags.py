"""Several labels in one cell: `clear primary`, `cat;dog`, `['cat', 'dog']`."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cnnlab.datasets.labelling.labels import clean_label
from cnnlab.datasets.labelling.tables.headings import is_plural

_SEPARATORS = ("|", ";", ",", " ")
# What separates tags and hardly ever stands in the name of a class.
_PLAIN = ("|", ";")
_DECIMAL = re.compile(r"[-+]?\d+,\d+")

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Tags:
    """How the cells of a column hold several labels each.

    Attributes:
        separator: between the labels of a cell.
        is_sure: whether they are labels beyond doubt, and not the words of longer names.
    """

    separator: str
    is_sure: bool

    def split(self, cell: str) -> Parts:
        """The labels of a cell, each once, in their order."""
        cell = cell.strip()
        if cell[:1] + cell[-1:] in ("[]", "{}", "()"):
            cell = cell[1:-1]
        parts = (clean_label(part).strip("'\"") for part in cell.split(self.separator))
        return tuple(dict.fromkeys(filter(None, parts)))


def find_tags(cells: Collection[str], heading: str) -> Tags | None:
    """How a column holds several labels in a cell, if it seems to.

    Tags return in other company; the words of a class's name hardly do. So a space or a comma is
    only surely between tags where parts of a cell stand in other cells, alone or at other places
    (`clear primary` and `haze primary water`), which those of `golden retriever`, `Jan, 2020` and
    `tomato, healthy` don't do.

    Args:
        cells: different ones of the column.
        heading: of the column, as `headings.heading` gives it.
    """
    doubtful = None
    for separator in _SEPARATORS:
        tags = Tags(separator, is_sure=True)
        split = [tags.split(cell) for cell in cells]
        several = [parts for parts in split if len(parts) > 1]
        if not several or _are_decimals(cells, separator):
            continue
        evidence = _Evidence(split, several)
        if evidence.is_sure(separator, is_plural(heading)):
            return tags
        if doubtful is None and evidence.is_possible(separator, is_plural(heading)):
            doubtful = Tags(separator, is_sure=False)
    return doubtful


def _are_decimals(cells: Collection[str], separator: str) -> bool:
    return separator == "," and all(_DECIMAL.fullmatch(cell) for cell in cells if separator in cell)


class _Evidence:
    """How much the parts of cells behave as tags."""

    def __init__(self, split: Sequence[Parts], several: Sequence[Parts]) -> None:
        cells_of = Counter(part for parts in split for part in parts)
        alone = {parts[0] for parts in split if len(parts) == 1}
        parts_of_several = {part for parts in several for part in parts}
        returning = {part for part in parts_of_several if cells_of[part] > 1}
        last = {parts[-1] for parts in several}
        earlier = {part for parts in several for part in parts[:-1]}
        self._returning = len(returning)
        self._share = len(returning) / len(parts_of_several)
        self._moving = len(returning & last & earlier)
        self._grid = bool(returning & last) and bool(returning & earlier)
        explained = sum(alone.issuperset(parts) for parts in several)
        self._explained = explained / len(several)
        # One alone may be a name: `light blue` beside `light` and `blue`.
        self._are_explained = 2 * explained >= len(several) and explained > 1
        self._are_numbers = all(part.isdecimal() for part in parts_of_several)

    def is_sure(self, separator: str, plural: bool) -> bool:
        if separator in _PLAIN:
            return self._returning > 0 or plural
        if self._explained >= 0.5 and (plural or separator == ","):
            return True
        if plural and separator == "," and self._share >= 0.25:
            return True
        if self._are_explained or (self._are_numbers and self._moving > 0):
            return True
        if separator == ",":
            return self._moving > 0 and self._share >= 0.5
        if plural:
            return self._moving > 0 and self._returning > 1
        return self._moving > 1 and self._share >= 0.5

    def is_possible(self, separator: str, plural: bool) -> bool:
        if separator in _PLAIN or self._explained > 0 or self._moving > 0:
            return True
        if self._are_numbers and self._returning > 0:
            return True
        if separator == ",":
            return self._share >= 0.25
        return self._share >= 0.5 and (self._grid or plural)
