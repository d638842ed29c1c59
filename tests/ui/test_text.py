import re

import pytest

from cnnlab.domain.words import percent
from cnnlab.ui.text import distinct, escaped, moment, plain


@pytest.mark.parametrize(
    "name",
    ["![x](https://host/x.png)", ":red[x]", "$x$", "**b**", "<img src=x>", "`c`", "a|b", "# h"],
)
def test_no_name_is_taken_for_markdown(name):
    text = escaped(name)
    assert text.replace("\\", "").replace("\u2060", "") == name
    assert all(text[index - 1] == "\\" for index, sign in enumerate(text) if sign in "*_[]<`$|#:")


def test_names_are_shortened_and_lose_control_characters():
    assert plain("a\x00b\u202ec\n") == "a b c "
    assert plain("x" * 300) == "x" * 59 + "…"


def test_numbers_carry_their_unit():
    assert (percent(0.9351), percent(None)) == ("93.5\u00a0%", "–")
    assert moment(None) == "–"


def test_equal_words_of_options_are_told_apart():
    assert distinct({"": "All", "a": "All", "b": "All (2)", "c": "Other"}) == {
        "": "All",
        "a": "All (2)",
        "b": "All (2) (2)",
        "c": "Other",
    }


@pytest.mark.parametrize("name", ["https://host/x", "www.host.org", "HTTP://host", "me@host.org"])
def test_no_name_becomes_a_link(name):
    shown = escaped(name).replace("\\", "")
    assert not re.search(r"https?://\w|www\.|@\w", shown, re.IGNORECASE)
    assert shown.replace("\u2060", "") == name
