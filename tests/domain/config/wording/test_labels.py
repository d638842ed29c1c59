"""What is wrong with a config, by dotted names and by the labels of the form."""

import pytest

from cnnlab.domain.arms import dose_arms
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.wording.labels import in_labels, label_of
from cnnlab.domain.errors import ConfigError, NotFoundError
from cnnlab.fields import walk


@pytest.mark.parametrize(
    ("values", "dotted", "labelled"),
    [
        (
            {"training": {"epochs": 0}},
            "training.epochs must be a whole number from 1 to 10,000. Received: 0",
            "Epochs must be a whole number from 1 to 10,000. Received: 0",
        ),
        (
            {"regularization": {"early_stopping": {"patience_epochs": 0}}},
            "regularization.early_stopping.patience_epochs must be a whole number from 1 to 1,000. "
            "Received: 0",
            "Early stopping: Patience must be a whole number from 1 to 1,000. Received: 0",
        ),
        (
            {"optimizer": {"schedule": {"name": "cosine", "warmup_epochs": -1}}},
            "optimizer.schedule.warmup_epochs must be a number from 0 to 1,000. Received: -1",
            "Schedule: Warm-up must be a number from 0 to 1,000. Received: -1",
        ),
        (
            {"optimizer": {"schedule": {"name": "cosine", "x": 1}}},
            "optimizer.schedule.x is not a field of the config",
            "optimizer.schedule.x is not a field of the config",
        ),
        (
            {"optimizer": {"schedule": {"warmup_epochs": 2}}},
            "optimizer.schedule must have a name, such as cosine or step",
            "Schedule must have a name, such as cosine or step",
        ),
        (
            {"optimizer": {"schedule": "sudden"}},
            "optimizer.schedule can't be 'sudden'. Take one of: cosine, cosine_restarts",
            "Schedule can't be 'sudden'. Take one of: cosine, cosine_restarts",
        ),
        (
            {"architecture": {"layers": [{"kind": "flatten"}, {"kind": "conv", "filters": 0}]}},
            "architecture.layers.1.filters must be a whole number",
            "Layers 2: Filters must be a whole number",
        ),
        (
            {"augmentation": {"mixup_alpha": 0.2, "cutmix_alpha": 1}},
            "augmentation.mixup_alpha and augmentation.cutmix_alpha can't both be on",
            "MixUp and CutMix can't both be on",
        ),
        (
            {"split": {"validation": 0.9, "test": 0.5}},
            "split.validation + split.test must leave at least 0.05 for training. Received: 0.9 +",
            "Validation share + Test share must leave at least 0.05 for training. Received: 0.9 +",
        ),
        (
            {"image": {"size": 8}, "architecture": {"conv_blocks": 6}},
            "6 conv blocks halve the image 6 times, but 8 px can be halved 3 times: set "
            "architecture.conv_blocks to at most 3",
            "6 conv blocks halve the image 6 times, but 8 px can be halved 3 times: set "
            "Conv blocks to at most 3",
        ),
    ],
)
def test_a_problem_names_its_field_as_the_reader_knows_it(values, dotted, labelled):
    with pytest.raises(ConfigError) as caught:
        load_config(values)
    assert str(caught.value).startswith(dotted)
    assert in_labels(caught.value).startswith(labelled)


def test_problems_carry_their_fields():
    with pytest.raises(ConfigError) as caught:
        load_config({"training": {"epochs": -1}, "image": {"size": 4}, "dataset": 3})
    assert [problem.field for problem in caught.value.problems] == [
        "dataset",
        "image.size",
        "training.epochs",
    ]
    assert in_labels(caught.value).startswith("Dataset should be a valid string")
    with pytest.raises(ConfigError) as caught:
        dose_arms("regularization.dropout", [2.0])
    assert in_labels(caught.value) == "Dropout must be a number from 0 to 0.9. Received: 2"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('The dataset "Birds" has no images.', 'The dataset "Birds" has no images.'),
        ("Lower training.batch_size (now 32).", "Lower Batch size (now 32)."),
        ("Set regularization.l2. Then go on.", "Set L2. Then go on."),
        ("See model.keras and regularization.magic", "See model.keras and regularization.magic"),
        (
            "regularization.early_stopping.patience_epochs=3 and regularization.early_stopping",
            "Early stopping: Patience=3 and Early stopping",
        ),
    ],
)
def test_text_that_names_fields_is_said_in_labels_by_whole_names(said, shown):
    assert in_labels(said) == in_labels(NotFoundError(said)) == shown


def test_every_field_has_a_label():
    for name, _ in walk(RunConfig):
        assert label_of(name) != name
    assert label_of("training.magic") == "training.magic"
