import pytest

from cnnlab.domain.data.value_range import ValueRange, parse_range
from cnnlab.domain.errors import UploadError


@pytest.mark.parametrize(
    ("text", "ends", "words"),
    [
        ("0..4095", (0, 4095), "0 to 4,095"),
        ("-1024..3071", (-1024, 3071), "−1,024 to 3,071"),
        ("-.5..1", (-0.5, 1), "−0.5 to 1"),
        (" 0 .. 1e6 ", (0, 1e6), "0 to 1,000,000"),
        ("0.123456..0.5", (0.123456, 0.5), "0.1235 to 0.5"),
    ],
)
def test_a_range_is_read_and_said(text, ends, words):
    assert parse_range(text) == ends
    assert parse_range(text).words == words
    assert parse_range(str(parse_range(text))) == ends


@pytest.mark.parametrize("text", ["", "4095", "0-4095", "5..3", "1..1", "a..b", "0..inf", "nan..1"])
def test_what_is_no_range_is_refused_in_a_sentence(text):
    with pytest.raises(UploadError, match=r"two numbers with two dots.*0\.\.4095"):
        parse_range(text)


def test_a_range_is_a_pair():
    assert tuple(ValueRange(0.0, 1.0)) == (0.0, 1.0)
