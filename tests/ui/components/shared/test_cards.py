"""What of a table stands where in the cards of a phone."""

from cnnlab.ui.components.shared.cards import CardColumn, card_places, words_above

DATASET = CardColumn("Dataset", "text", ["Digits", "Clothes"])
NETWORK = CardColumn("Network", "text", ["Small CNN", "Small CNN"])
TAGS = CardColumn("Tags", "text", ["", ""])
RECALL = CardColumn("Recall (95 %)", "number", ["97.6 % (87.4 to 99.6 %)", "–"])
CURVE = CardColumn("Validation accuracy", "curve", ["", ""])
PICTURE = CardColumn("", "picture", ["media/a", "media/b"])


def test_two_short_values_stand_on_a_line_and_what_is_long_alone():
    columns = [DATASET, NETWORK, TAGS, RECALL, CURVE, PICTURE]
    assert card_places(columns) == ["half", "above", "above", "whole", "half", "whole"]


def test_what_all_share_is_said_once_and_what_is_empty_never():
    assert words_above([DATASET, NETWORK, TAGS]) == "All 2: Network Small CNN"
    assert words_above([DATASET, TAGS]) == ""


def test_a_single_row_says_all_itself():
    alone = CardColumn("Network", "text", ["Small CNN"])
    assert card_places([alone]) == ["half"] and words_above([alone]) == ""


def test_what_is_compared_stands_one_below_the_other_in_its_cards():
    compared = CardColumn("B", "compared", ["off", "off"])
    assert card_places([compared]) == ["whole"] and words_above([compared]) == ""
