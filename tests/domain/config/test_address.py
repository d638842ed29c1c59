"""A config in an address comes back as it was, and what nobody can read is said."""

import pytest

from cnnlab.domain.config.address import config_in_address, config_of_address
from cnnlab.domain.config.run_config import RunConfig, load_config

DEFAULTS = RunConfig().model_dump(mode="json")
CONFIGS = [
    {},
    {"training": {"epochs": 30, "batch_size": "auto"}, "regularization": {"dropout": 0.3}},
    {"regularization": {"early_stopping": True}, "optimizer": {"schedule": "cosine"}},
    {
        "regularization": {"early_stopping": {"patience_epochs": 7, "restore_best": False}},
        "optimizer": {"schedule": {"name": "step", "factor": 0.1, "warmup_epochs": 2.5}},
    },
    {"architecture": {"layers": [{"kind": "conv", "filters": 8}, {"kind": "flatten"}]}},
    {"architecture": {"pretrained": "a, b: {c} & d=e#f"}},
    {"architecture": {"pretrained": "true"}},
    {"architecture": {"phases": [{"epochs": 2}, {"epochs": 3, "trainable_blocks": 1}]}},
    {"augmentation": {"flip": "both", "augmix": True, "rotation_degrees": 12}},
    {"optimizer": {"learning_rate": 1e-06, "clip_norm": 1}, "split": {"folds": 5}},
]


@pytest.mark.parametrize("values", CONFIGS)
def test_a_config_comes_back_as_it_was(values):
    config = load_config(values)
    text = config_in_address(config.model_dump(mode="json"), DEFAULTS)
    found = config_of_address(text, RunConfig())
    assert (found.config, found.wrong) == (config, "")
    assert bool(text) == bool(values)


def test_it_comes_back_against_another_base_too():
    base, config = load_config(CONFIGS[3]), load_config(CONFIGS[1])
    text = config_in_address(config.model_dump(mode="json"), base.model_dump(mode="json"))
    assert config_of_address(text, base).config == config


def test_it_can_be_read_and_written_by_hand():
    text = config_in_address(load_config(CONFIGS[1]).model_dump(mode="json"), DEFAULTS)
    assert text == "regularization.dropout:0.3,training.epochs:30,training.batch_size:auto"
    by_hand = config_of_address(" training.epochs : 30 , regularization.dropout:.3,", RunConfig())
    assert by_hand.config.training.epochs == 30 and by_hand.config.regularization.dropout == 0.3
    nested = config_of_address('{"training": {"epochs": 30}}', RunConfig())
    assert nested.config.training.epochs == 30
    assert config_of_address("dataset:x", RunConfig()).config.dataset == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("training.epochs:0,image.size:32", "Epochs must be a whole number"),
        ("training.wat:3,image.size:32", "training.wat is not a field"),
        ("optimizer.schedule:wat,image.size:32", "Schedule can't be 'wat'"),
        ("augmentation.mixup_alpha:.2,augmentation.cutmix_alpha:1,image.size:32", "both be on"),
        ("training.epochs.x:3,image.size:32", "has no fields of its own"),
        ("training.epochs:NaN,image.size:32", "Epochs must be"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_rest_is_taken(text, said):
    found = config_of_address(text, RunConfig())
    assert said in found.wrong and found.config.image.size == 32
    assert found.config.training.epochs == 20


@pytest.mark.parametrize(
    "text", ["wat", "{", "[1]", '{"training":[1]}', "training:3", "a:" + "[" * 5000, "x" * 9000]
)
def test_what_cannot_be_read_leaves_the_base(text):
    found = config_of_address(text, RunConfig())
    assert found.wrong and found.config == RunConfig()
