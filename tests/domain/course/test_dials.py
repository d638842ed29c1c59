import pytest

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.dials import DialTurn, dials_of, turned, turned_by
from cnnlab.domain.errors import ConfigError


def test_regularizers_can_always_be_turned_and_augmentations_where_they_are_on():
    plain = dials_of(RunConfig())
    assert "regularization.dropout" in plain
    assert "augmentation.rotation_degrees" not in plain
    assert "augmentation.rotation_degrees" in dials_of(
        load_config({"augmentation": {"rotation_degrees": 10}})
    )


def test_turns_add_up_and_the_last_one_counts():
    turns = [
        DialTurn(1, 3, {"regularization.l2": 0.1, "regularization.dropout": 0.2}),
        DialTurn(2, 9, {"regularization.l2": 0.0}),
    ]
    config = turned_by(RunConfig(), turns)
    assert (config.regularization.l2, config.regularization.dropout) == (0.0, 0.2)
    assert config.optimizer == RunConfig().optimizer


def test_what_is_no_dial_or_out_of_range_is_refused_by_name():
    with pytest.raises(ConfigError, match="training.epochs can't be changed while this run trains"):
        turned(RunConfig(), {"training.epochs": 3})
    with pytest.raises(ConfigError, match="regularization.dropout"):
        turned(RunConfig(), {"regularization.dropout": 2.0})
