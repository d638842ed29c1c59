"""Values and settings of a search in words."""

from dataclasses import replace

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.search import Range, Search, Trial, TrialState
from cnnlab.searching.setting_words import (
    changed_words,
    objective_words,
    second_words,
    trial_words,
    value_words,
)

RATE, FLIP = "optimizer.learning_rate", "augmentation.flip"
SEARCH = Search(
    "o",
    "s",
    "d",
    RunConfig(dataset="d").model_dump(mode="json"),
    (Range(RATE, 1e-4, 1e-2, log=True), Range(FLIP, choices=("none", "horizontal"))),
)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (RATE, 0.00314159, "0.00314"),
        (RATE, 1.789e-6, "1.79e-06"),
        ("regularization.dropout", 0.3, "0.3"),
        ("augmentation.rotation_degrees", 12.345, "12.3°"),
        ("image.size", 48, "48 px"),
        ("architecture.preset", "small_cnn", "small cnn"),
        ("optimizer.schedule", {"name": "one_cycle", "warmup_epochs": 1}, "one cycle"),
        ("optimizer.schedule", None, "off"),
        ("regularization.batch_norm", True, "on"),
    ],
)
def test_a_value_is_said_with_its_unit(field, value, words):
    assert value_words(field, value) == words


def test_a_setting_says_what_it_changes_against_the_start():
    assert changed_words(SEARCH, {RATE: 0.003, FLIP: "none"}) == ["Learning rate 0.003 (was 0.001)"]
    assert changed_words(SEARCH, SEARCH.start) == []
    assert (trial_words(0), trial_words(7)) == ("Start setting", "Trial 7")


def test_objectives_have_their_units_and_what_is_not_known_a_dash():
    assert objective_words(SEARCH, 0.8125) == "81.2\u00a0%"
    assert objective_words(SEARCH, None) == "–"
    assert objective_words(replace(SEARCH, objective="val_cross_entropy"), 0.51237) == "0.512 nats"
    trial = Trial(1, {}, TrialState.COMPLETE, 0.5, 12345, {}, {}, 1.0)
    assert second_words(SEARCH, trial) == "–"
    assert second_words(replace(SEARCH, second="parameters"), trial) == "12,345 parameters"
    fast = replace(trial, second=0.12345)
    assert second_words(replace(SEARCH, second="milliseconds"), fast) == "0.123 ms"
