"""Many things a few at a time: what is read, written or sent at once stays small."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_batches(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """The items in their order, in lists of at most so many; none for no item.

    Args:
        items: read as the lists are asked for.
        most: at least 1.
    """
    left = iter(items)
    while some := list(islice(left, most)):
        yield some
