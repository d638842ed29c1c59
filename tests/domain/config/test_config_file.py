"""A config as a file: written and read again, or refused in one sentence."""

import json

import pytest

from cnnlab.domain.config.config_file import MOST_BYTES, config_text, config_values
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ConfigError


def test_a_config_comes_back_as_it_was():
    config = load_config({"architecture": {"layers": [{"kind": "conv"}]}, "dataset": "Ünïcode 🐟"})
    text = config_text(config.model_dump(mode="json"))
    assert load_config(config_values(text.encode(), "a.json")) == config
    assert load_config(config_values(b"\xef\xbb\xbf" + text.encode(), "a.json")) == config


def test_the_longest_config_is_shorter_than_what_is_read():
    layers = [{"kind": "residual_block", "filters": 2048, "strides": 8}] * 200
    config = RunConfig.model_validate({"image": {"size": 512}, "architecture": {"layers": layers}})
    assert len(config_text(config.model_dump(mode="json"))) < MOST_BYTES / 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "can't be read as JSON"),
        (b"{", "can't be read as JSON"),
        (b"\xff\xfe\x00", "can't be read as JSON"),
        (b"[" * 100_000, "can't be read as JSON"),
        (b"[]", "must hold a JSON object"),
        (b'"text"', "must hold a JSON object"),
        (b" " * (MOST_BYTES + 1), "has 1,048,577 bytes"),
    ],
)
def test_what_is_no_config_is_refused_in_one_sentence(content, said):
    with pytest.raises(ConfigError, match=f"config file my.json .*{said}") as refused:
        config_values(content, "my.json")
    assert "\n" not in str(refused.value)


def test_numbers_that_json_has_not_are_refused_by_their_field():
    values = config_values(b'{"optimizer": {"learning_rate": NaN}}', "a.json")
    with pytest.raises(ConfigError, match="optimizer.learning_rate"):
        load_config(values)
    assert json.loads(config_text({"a": 1})) == {"a": 1}
