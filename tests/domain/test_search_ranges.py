"""What can be searched, and what is said of a search that isn't possible."""

import pytest

from cnnlab.domain.errors import ConfigError
from cnnlab.domain.search import Range
from cnnlab.domain.search_ranges import SEARCHED, check_search, edges, is_whole
from tests.domain.test_search import RATE, SCHEDULE, search


@pytest.mark.parametrize("one", SEARCHED.values(), ids=SEARCHED)
def test_every_sensible_range_can_be_searched(one):
    check_search(search(one))


def test_augmentations_are_offered_from_none_to_the_strong_set():
    assert SEARCHED["augmentation.rotation_degrees"] == Range(
        "augmentation.rotation_degrees", 0, 30
    )
    assert SEARCHED["augmentation.erasing_fraction"].high == 0.3
    assert "augmentation.randaugment_magnitude" not in SEARCHED


def test_whole_numbers_are_told_from_others():
    assert is_whole("training.batch_size")
    assert is_whole("architecture.filters")
    assert not is_whole("regularization.l2")


def test_the_ends_are_tried_alone_and_together():
    tried = [values for _, values in edges(search(RATE, SCHEDULE))]
    rate, schedule = "optimizer.learning_rate", "optimizer.schedule"
    low, high = {rate: 1e-4}, {rate: 1e-1}
    none, cosine = {schedule: None}, {schedule: {"name": "cosine"}}
    assert tried == [low, high, none, cosine, low | none, high | cosine]


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ([], "Nothing is searched"),
        ([RATE, RATE], "optimizer.learning_rate is searched twice"),
        (
            [Range("optimizer.lerning_rate", 0.1, 1)],
            "optimizer.lerning_rate is not a field of the config; did you mean opt",
        ),
        ([Range("training.seed", 1, 9)], "training.seed can't be searched"),
        ([Range("dataset", choices=("a", "b"))], "dataset can't be searched"),
        ([Range("split.validation", 0.1, 0.3)], "split.validation can't be searched"),
        ([Range("optimizer.learning_rate", 0.1, 0.01)], "from a lower to a higher number"),
        ([Range("optimizer.learning_rate", 0.1, 0.1)], "from a lower to a higher number"),
        ([Range("optimizer.learning_rate", 0.1, float("inf"))], "from a lower to a higher"),
        ([Range("optimizer.learning_rate", 0.1)], "needs a range"),
        ([Range("optimizer.learning_rate", 0.01, 50)], "rate=50 isn't possible: optimizer.lea"),
        ([Range("regularization.l2", 0, 0.1, log=True)], "can't be drawn by its logarithm from 0"),
        ([Range("training.batch_size", 1.5, 8)], "takes whole numbers"),
        ([Range("training.batch_size", 1, 8000)], "batch_size=8000 isn't possible"),
        ([Range("optimizer.name", 0, 1)], "isn't a number: name the values"),
        ([Range("optimizer.name", choices=("adam",))], "needs 2 to 50 values. Received: 1"),
        ([Range("optimizer.name", choices=("adam", "sdg"))], "optimizer.name=sdg isn't possible"),
        ([Range("optimizer.name", choices=("adam", "adam"))], "names a value twice"),
        ([Range("optimizer.momentum", 0.1, 0.9, choices=(0.1, 0.2))], "a range and values"),
        (
            [Range("image.size", choices=(8, 32)), Range("architecture.conv_blocks", 2, 6)],
            "Narrow the range",
        ),
        (
            [SEARCHED["augmentation.mixup_alpha"], SEARCHED["augmentation.cutmix_alpha"]],
            "Every field at its high end isn't possible: augmentation.mixup_alpha and",
        ),
        ([Range(f"augmentation.{n}", 0, 1) for n in "abcdefghijklm"], "At most 12 fields"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_said_in_a_sentence(ranges, said):
    made = search()
    object.__setattr__(made, "ranges", tuple(ranges))
    with pytest.raises(ConfigError, match=said.replace("(", r"\(")):
        check_search(made)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"trials": None}, "A search needs an end"),
        ({"trials": 1}, "trials must be 2 to 500. Received: 1"),
        ({"trials": 501}, "trials must be 2 to 500. Received: 501"),
        ({"minutes": 0}, "minutes must be 0.05 to 10080. Received: 0"),
        ({"minutes": float("nan")}, "minutes must be 0.05"),
        ({"seeds": ()}, "seeds must be 1 to 10. Received: 0"),
        ({"seeds": tuple(range(10)), "trials": 101}, "101 trials with 10 seeds are 1010 runs"),
        ({"confirm_seeds": 1}, "confirm_seeds must be 2 to 50"),
        ({"objective": "accuracy"}, "objective is one of val_accuracy"),
        ({"second": "bytes"}, "second is one of None, parameters"),
        ({"sampler": "grid"}, "sampler is one of tpe, random"),
        ({"name": "x" * 161}, "name has at most 160"),
    ],
)
def test_a_budget_that_makes_no_sense_is_said_in_a_sentence(values, said):
    made = search()
    for name, value in values.items():
        object.__setattr__(made, name, value)
    with pytest.raises(ConfigError, match=said):
        check_search(made)


def test_a_start_that_cannot_be_built_is_said():
    made = search()
    made.base["architecture"]["frozen_layers"] = 900
    with pytest.raises(ConfigError, match="The start setting isn't possible: architecture"):
        check_search(made)
