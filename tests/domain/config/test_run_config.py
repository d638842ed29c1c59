import json

import pytest

from cnnlab.domain.config.run_config import RunConfig, change_config, describe_changes, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.fields import extra, walk


def test_defaults_survive_json():
    config = RunConfig(dataset="d")
    assert load_config(json.loads(config.model_dump_json())) == config


def test_every_field_explains_itself():
    for name, info in walk(RunConfig):
        assert info.description, name
        assert extra(info, "label"), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "training.epochs=0",
            "training.epochs must be a whole number from 1 to 10,000. Received: 0",
        ),
        (
            "regularization.dropout=2",
            "regularization.dropout must be a number from 0 to 0.9. Received: 2",
        ),
        ("training.batch_size=0", "batch_size must be 1 to 4096 or 'auto'"),
        (
            "training.device=tpu",
            "training.device must be auto, cpu, all_gpus, or one GPU such as gpu:0. Received: ",
        ),
        ("optimizer.name=sdg", "optimizer.name should be"),
        ("optimizer.learning_rate=0", "learning_rate must be a number above 0 and at most 10. "),
        ("regularization.dropout=", "dropout must be a number from 0 to 0.9. Received: ''"),
        ("training.epochs=1.5", "training.epochs must be a whole number from 1 to"),
        ("training.epoch=3", "did you mean training.epochs?"),
        ("architecture.dropout=0.3", "did you mean regularization.dropout?"),
        ("architecture.pretrained=", "pretrained must be null, imagenet, the id of weights"),
        ("architecture.pretrained=a\nb", "in 1 to 1000 printable characters"),
        ("architecture.pretrained=7", "architecture.pretrained should be a valid string"),
        ("split.validation=0.9", "must leave at least 0.05 for training"),
        ("split.images_per_class=0", "images_per_class must be a whole number"),
        ("split.label_noise_fraction=1.5", "label_noise_fraction must be a number from 0 to"),
        ("architecture.layers=[]", "layers needs 1 to 200 layers"),
        (
            'architecture.layers=[{"kind": "gaussian_noise", "stddev": 1.5}]',  # Keras' own limit
            "stddev must be a number from 0 to 1. Received: 1.5",
        ),
    ],
)
def test_bad_values_are_named_with_their_range(change, message):
    values = {"split": {"test": 0.5}} if change.startswith("split") else {}
    with pytest.raises(ConfigError, match=message.replace("(", r"\(").replace("?", r"\?")):
        load_config(change_config(values, [change]))


def test_all_problems_come_in_one_message():
    with pytest.raises(ConfigError) as caught:
        load_config({"training": {"epochs": -1}, "image": {"size": 4}})
    assert "training.epochs" in str(caught.value)
    assert "image.size" in str(caught.value)


def test_mixup_and_cutmix_exclude_each_other():
    with pytest.raises(ConfigError, match="can't both be on"):
        load_config({"augmentation": {"mixup_alpha": 0.2, "cutmix_alpha": 1}})


def test_changes_parse_json_and_text():
    values = change_config(
        {"training": {"epochs": 3}},
        ["training.seed=7", "optimizer.schedule=cosine", "regularization.early_stopping=true"],
    )
    config = load_config(values)
    assert (config.training.epochs, config.training.seed) == (3, 7)
    assert config.optimizer.schedule.name == "cosine"
    assert config.regularization.early_stopping.patience_epochs == 5


@pytest.mark.parametrize("change", ["training.epochs", "=3", "training.epochs.more=3"])
def test_malformed_changes_are_refused(change):
    with pytest.raises(ConfigError):
        load_config(change_config({"training": {"epochs": 1}}, [change]))


def test_changing_leaves_the_original_alone():
    values = {"training": {"epochs": 3}}
    change_config(values, ["training.epochs=9"])
    assert values == {"training": {"epochs": 3}}


def test_active_lists_only_what_is_on():
    config = load_config(
        {"augmentation": {"flip": "both", "zoom_fraction": 0.1}, "regularization": {"l2": 0.01}}
    )
    assert config.augmentation.active() == {"flip": "both", "zoom_fraction": 0.1}
    assert config.regularization.active() == {"l2": 0.01}
    assert not RunConfig().augmentation.is_on


def test_what_was_changed_is_said_in_words():
    config = load_config(
        {
            "dataset": "d",
            "augmentation": {"rotation_degrees": 15, "flip": "both"},
            "regularization": {"batch_norm": True, "early_stopping": True},
            "optimizer": {"schedule": "cosine", "learning_rate": 5},
            "training": {"epochs": 3},
        }
    )
    assert describe_changes(config) == [
        "Flip both",
        "Rotation 15°",
        "Batch norm",
        "Early stopping",
        "Learning rate 5",
        "Schedule cosine",
    ]
    assert describe_changes(RunConfig()) == []


def test_more_blocks_than_the_image_has_pixels_are_refused():
    with pytest.raises(ConfigError, match="at most 3"):
        load_config({"image": {"size": 8}, "architecture": {"conv_blocks": 4}})


def test_weights_of_imagenet_are_written_as_everybody_writes_them():
    config = load_config(
        {"architecture": {"preset": "mobilenet_v3_small", "pretrained": "imagenet"}}
    )
    assert any(words.endswith("ImageNet") for words in describe_changes(config))


def test_a_share_that_is_locked_away_is_named_as_one():
    config = load_config({"dataset": "d", "split": {"test": 0.1}})
    assert describe_changes(config) == ["Test share 0.1"]
