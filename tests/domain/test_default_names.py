"""What studies and searches are called that nobody has named."""

from cnnlab.domain.default_names import default_name


def test_it_tells_the_dataset_and_a_number_where_others_are_called_so():
    assert default_name("dropout, L2", "Six signs", [], 200) == "Dropout, L2 · Six signs"
    taken = {"Dropout · Digits", "Dropout · Digits (2)"}
    assert default_name("dropout", "Digits", taken, 200) == "Dropout · Digits (3)"


def test_what_is_too_long_is_cut_and_the_dataset_and_number_can_be_read():
    words = "a" * 300
    first = default_name(words, "Digits", [], 40)
    second = default_name(words, "Digits", [first], 40)
    assert (len(first), len(second)) == (40, 40)
    assert first.endswith("a… · Digits") and second.endswith("a… · Digits (2)")
