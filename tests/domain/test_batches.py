"""Things a few at a time."""

from itertools import count

import pytest

from cnnlab.domain.batches import in_batches


@pytest.mark.parametrize(
    ("items", "batches"),
    [
        ([], []),
        ("ab", [["a", "b"]]),
        (range(4), [[0, 1], [2, 3]]),
        ((one for one in range(5)), [[0, 1], [2, 3], [4]]),
    ],
)
def test_all_come_in_their_order_in_lists_of_at_most_so_many(items, batches):
    assert list(in_batches(items, 2)) == batches


def test_no_more_is_read_than_was_asked_for():
    numbers = count()
    assert next(in_batches(numbers, 3)) == [0, 1, 2]
    assert next(numbers) == 3
