"""What a run is called that nobody has named."""

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run_naming import run_words

DROPOUT, ROTATION = {"regularization": {"dropout": 0.3}}, {"augmentation": {"rotation_degrees": 8}}
RATE = {"optimizer": {"learning_rate": 0.01}}
MANY = RATE | ROTATION | {"regularization": {"dropout": 0.3, "l2": 0.001}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Digits, small CNN"),
        (DROPOUT, "Digits, small CNN, dropout 0.3"),
        (RATE | ROTATION, "Digits, small CNN, rotation 8°, learning rate 0.01"),
        (MANY, "Digits, small CNN, dropout 0.3, L2 0.001, rotation 8°, 1 more"),
    ],
)
def test_it_tells_dataset_network_and_what_is_compared_first(changes, words):
    assert run_words(load_config({"dataset": "d", **changes}), "Digits") == words


def test_it_is_no_longer_than_a_name_may_be():
    assert len(run_words(load_config({"dataset": "d", **MANY}), "x" * 190)) == 200
