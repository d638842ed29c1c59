"""What is said of the training pictures that lie nearest to a wrong one."""

import numpy as np
import pytest

from cnnlab.ui.inside.neighbours_view import _words

NAMES = ["hat", "dress", "coat"]
BORDER = "it may lie on the border"


@pytest.mark.parametrize(
    ("nearest", "is_at_border"),
    [([0, 1, 1, 1, 2], True), ([1, 1, 1, 1, 1], False), ([0, 0, 0, 0, 1], False)],
)
def test_a_border_is_named_only_where_both_classes_are_near(nearest, is_at_border):
    said = _words(np.array(nearest), 1, 0, NAMES)
    assert (BORDER in said) == is_at_border
    as_named = nearest.count(0)
    assert said.startswith(f"Of the 5 nearest, {as_named} {'is' if as_named == 1 else 'are'} hat")


def test_classes_that_are_digits_are_told_from_the_counts():
    said = _words(np.array([2, 2, 2, 1, 1]), 1, 2, ["0", "1", "2"])
    assert said.startswith("Of the 5 nearest, 3 are '2' and 2 are '1'.")
