"""What configs differ in, in the words of the form."""

import pytest

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.wording.differences import config_differences, value_words

PLAIN = {"dataset": "shades"}


def words_of(*configs):
    """By field what is said of each config."""
    stored = [load_config(PLAIN | each).model_dump(mode="json") for each in configs]
    return {field.label: field.words for field in config_differences(stored)}


def test_equal_configs_differ_in_nothing():
    assert words_of({}, {}, {}) == {}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"augmentation": {"rotation_degrees": 15}}, {"Rotation": ("off", "15°")}),
        ({"regularization": {"batch_norm": True}}, {"Batch norm": ("off", "on")}),
        ({"training": {"seed": 1234}}, {"Seed": ("0", "1234")}),
        ({"split": {"images_per_class": 5}}, {"Images per class": ("all", "5")}),
        (
            {"architecture": {"pretrained": "imagenet"}},
            {"Pretrained weights": ("none", "imagenet")},
        ),
        (
            {"optimizer": {"schedule": {"name": "cosine", "warmup_epochs": 2}}},
            {"Schedule": ("off", "cosine (warm-up 2 epochs)")},
        ),
        (
            {"regularization": {"early_stopping": {"patience_epochs": 3}}},
            {
                "Early stopping": (
                    "off",
                    "watches validation cross-entropy, patience 3 epochs",
                )
            },
        ),
        (
            {"architecture": {"layers": [{"kind": "conv", "filters": 8}, {"kind": "flatten"}]}},
            {"Layers": ("the network's own", "Convolution 3×3, 8 filters, Flatten")},
        ),
    ],
)
def test_a_field_is_said_as_the_form_says_it(other, told):
    assert words_of({}, other) == told


def test_of_what_both_have_only_the_part_that_differs_is_named():
    def stopping(epochs):
        return {"regularization": {"early_stopping": {"patience_epochs": epochs}}}

    assert words_of(stopping(3), stopping(9)) == {
        "Early stopping: Patience": ("3 epochs", "9 epochs")
    }


def test_several_are_told_in_their_order():
    rates = [{"optimizer": {"learning_rate": rate}} for rate in (0.1, 0.01, 0.1)]
    assert words_of(*rates) == {"Learning rate": ("0.1", "0.01", "0.1")}


def test_what_another_version_takes_is_compared_as_far_as_it_goes():
    stored = load_config(PLAIN).model_dump(mode="json")
    broken = stored | {
        "regularization": {"l2": 0.5, "gone": 1},
        "architecture": {"layers": [{"kind": "gaussian_noise", "stddev": 5.0}, {"kind": "new"}]},
    }
    told = {field.label: field.words for field in config_differences([stored, broken])}
    assert told == {
        "L2": ("off", "0.5"),
        "Layers": ("the network's own", "Gaussian noise, new"),
    }


def test_every_field_has_words_for_its_default():
    stored = RunConfig().model_dump(mode="json")
    assert value_words("architecture.preset", stored["architecture"]["preset"]) == "small cnn"
    assert value_words("architecture.phases", None) == "one phase"
