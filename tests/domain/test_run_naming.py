"""What a run is called that nobody has named."""

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run_naming import run_words

DROPOUT, ROTATION = {"regularization": {"dropout": 0.3}}, {"augmentation": {"rotation_degrees": 8}}
RATE = {"optimizer": {"learning_rate": 0.01}}
MANY = RATE | ROTATION | {"regularization": {"dropout": 0.3, "l2": 0.001}}
SEVERAL = {
    "augmentation": {"rotation_degrees": 8, "zoom_fraction": 0.1, "randaugment_operations": 2}
}
RANDOM = {"randaugment_operations": 2, "randaugment_magnitude": 0.7}
SMOOTHED = {"regularization": {"dropout": 0.3, "l1": 0.001, "l2": 0.001, "label_smoothing": 0.1}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Digits, small CNN"),
        (DROPOUT, "Digits, small CNN, dropout 0.3"),
        (RATE | ROTATION, "Digits, small CNN, rotation 8°, learning rate 0.01"),
        (MANY, "Digits, small CNN, dropout 0.3, L2 0.001, rotation 8°, 1 more"),
        (SEVERAL, "Digits, small CNN, rotation 8°, zoom 0.1, RandAugment 2"),
        (SEVERAL | RATE, "Digits, small CNN, 3 augmentations, learning rate 0.01"),
        (
            SEVERAL | SMOOTHED | RATE,
            "Digits, small CNN, dropout 0.3, L1 0.001, 3 augmentations, 3 more",
        ),
        (
            MANY | {"augmentation": RANDOM},
            "Digits, small CNN, dropout 0.3, L2 0.001, RandAugment 2, 2 more",
        ),
    ],
)
def test_it_tells_dataset_network_and_what_is_compared_first(changes, words):
    assert run_words(load_config({"dataset": "d", **changes}), "Digits") == words


def test_it_is_no_longer_than_a_name_may_be():
    assert len(run_words(load_config({"dataset": "d", **MANY}), "x" * 190)) == 200
