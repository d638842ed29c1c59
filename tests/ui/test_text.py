import pytest

from cnnlab.ui.text import escaped, moment, percent, plain


@pytest.mark.parametrize(
    "name",
    ["![x](https://host/x.png)", ":red[x]", "$x$", "**b**", "<img src=x>", "`c`", "a|b", "# h"],
)
def test_no_name_is_taken_for_markdown(name):
    text = escaped(name)
    assert text.replace("\\", "") == name
    assert all(text[index - 1] == "\\" for index, sign in enumerate(text) if sign in "*_[]<`$|#:")


def test_names_are_shortened_and_lose_control_characters():
    assert plain("a\x00b\u202ec\n") == "a b c "
    assert plain("x" * 300) == "x" * 59 + "…"


def test_numbers_carry_their_unit():
    assert (percent(0.9351), percent(None)) == ("93.5 %", "–")
    assert moment(None) == "–"
