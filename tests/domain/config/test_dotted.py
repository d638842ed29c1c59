import pytest

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import ConfigError


def test_a_field_is_found_in_a_config_and_in_its_json_values():
    config = RunConfig(optimizer={"schedule": {"name": "cosine"}})
    for values in (config, config.model_dump(mode="json")):
        assert value_at(values, "optimizer.schedule.name") == "cosine"
        assert value_at(values, "regularization.early_stopping.patience_epochs") is None
        assert value_at(values, "optimizer.magic") is None


def test_changes_are_made_in_a_copy_and_what_is_missing_is_made():
    values = {"regularization": {"l2": 0.1, "early_stopping": None}}
    changed = with_changes(
        values,
        {"regularization.early_stopping.patience_epochs": 3, "image.size": 8},
    )
    assert changed == {
        "regularization": {"l2": 0.1, "early_stopping": {"patience_epochs": 3}},
        "image": {"size": 8},
    }
    assert values == {"regularization": {"l2": 0.1, "early_stopping": None}}


def test_a_field_without_fields_of_its_own_is_named():
    with pytest.raises(ConfigError, match="image.size.x can't be set: size has no fields"):
        with_changes({"image": {"size": 8}}, {"image.size.x": 1})
