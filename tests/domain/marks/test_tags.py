"""Tags of models, as they are stored."""

import pytest

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.marks.tags import checked_tags


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([], []),
        (["  for the   phone ", "approved"], ["for the phone", "approved"]),
        (["Approved", "approved", "APPROVED"], ["Approved"]),
        (["", "  "], []),
        (["'quoted\" 🦊"], ["'quoted\" 🦊"]),
        (["x" * 40], ["x" * 40]),
    ],
)
def test_tags_are_kept_once_without_space_around_them(given, kept):
    assert checked_tags(given) == kept


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["x" * 41], "at most 40 characters. Received 41"),
        ([f"tag {number}" for number in range(11)], "at most 10 tags. Received: 11"),
    ],
)
def test_too_long_ones_and_too_many_are_refused(given, words):
    with pytest.raises(BadInputError, match=words):
        checked_tags(given)
