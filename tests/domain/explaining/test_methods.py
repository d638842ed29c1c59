"""What is said of maps, and of whether they depend on what was learnt."""

import pytest

from cnnlab.domain.explaining.methods import check_words, layer_words, map_words

CHECK = {"method": "hirescam", "signed": 0.08, "sizes": -0.21, "pictures": 12}


@pytest.mark.parametrize(
    ("signed", "sizes", "verdict"),
    [
        (0.08, -0.21, "yes (rank correlation 0.08, without signs -0.21, mean of 12 pictures)."),
        (0.02, 0.97, "no, but for its signs (rank correlation 0.02, without signs 0.97, "),
        (0.9, 0.2, "no (rank correlation 0.90"),
        (-1.0, 1.0, "no (rank correlation -1.00"),
        (-1.0, -1.0, "no (rank correlation -1.00"),
        (0.1, 0.6, "can't tell (rank correlation 0.10, without signs 0.60"),
        (-0.55, 0.1, "can't tell (rank correlation -0.55"),
        (None, None, "can't tell, because the maps are the same everywhere."),
        (0.1, None, "can't tell, because the maps are the same everywhere."),
    ],
)
def test_maps_change_where_neither_order_stays(signed, sizes, verdict):
    said = check_words({**CHECK, "signed": signed, "sizes": sizes})
    assert said.startswith(f"The map changes when the weights are shuffled: {verdict}")


def test_what_could_not_be_tried_is_said():
    assert "can't tell, because that couldn't be tried" in check_words(None)


def test_of_which_picture_a_map_is():
    layer = {"name": "conv_2", "height": 8, "width": 6, "behind": 0}
    assert layer_words(layer) == (
        "The map is of a picture inside the network: layer conv_2, 8 × 6; no convolutions follow."
    )
    assert "network: layer '3. Convolution', 8 × 6" in layer_words(layer, "3. Convolution")
    assert layer_words({**layer, "behind": 1}).endswith("; 1 convolution follows.")
    facts = {"class": "a", "method": "hirescam", "against": 0.2, "miss": None}
    assert map_words(facts, layer)[1:] == [layer_words(layer)]
    [_, added_up] = map_words({**facts, "miss": 0.02}, None)
    assert added_up.endswith("but for 2\u00a0% of all that it says.")
