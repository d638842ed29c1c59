"""What is said of labels that were made wrong on purpose."""

import pytest

from cnnlab.judging.words.flipped_words import flipped_words


@pytest.mark.parametrize(
    ("flipped", "begin"),
    [
        ({}, ""),
        ({"flipped_labels": 0}, ""),
        ({"flipped_labels": 1}, "1 label of these 1,200 was made wrong on purpose (label noise)"),
        ({"flipped_labels": 60}, "60 labels of these 1,200 were made wrong on purpose"),
    ],
)
def test_they_are_told_with_what_they_do_to_the_numbers(flipped, begin):
    words = flipped_words({"images": 1200} | flipped)
    assert words.startswith(begin)
    assert bool(words) == bool(begin)
