"""Values and their intervals in words."""

import pytest

from cnnlab.judging.words.measure_words import interval_words, value_words


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((1.0, 0.9812, 1.0), ("1.000", "0.981 to 1.000")),
        ((0.412, 0.05, 1.3), ("0.412", "0.050 to 1.300")),
        ((0.0512, 0.04, 0.0999), ("0.0512", "0.0400 to 0.0999")),
        ((0.0512, 0.04, 0.1), ("0.051", "0.040 to 0.100")),
        ((0.5, None, None), ("0.500", "–")),
        ((None, None, None), ("–", "–")),
    ],
)
def test_a_value_and_its_interval_have_the_same_decimals(values, shown):
    found = dict(zip(("value", "low", "high"), values, strict=True))
    assert (value_words(found, is_share=False), interval_words(found, is_share=False)) == shown


def test_a_percent_sign_stands_once_in_an_interval():
    found = {"value": 0.871, "low": 0.85, "high": 0.892}
    assert value_words(found) == "87.1\u00a0%"
    assert interval_words(found) == "85.0 to 89.2\u00a0%"
    assert interval_words(found | {"high": None}) == "–"
