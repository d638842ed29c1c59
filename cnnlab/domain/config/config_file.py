"""A config as a file: how one is written, and what is wrong with what somebody brings."""

import json
from collections.abc import Mapping
from typing import Any

from cnnlab.domain.errors import ConfigError

MOST_BYTES = 2**20
"""Of a file that is taken for a config; the longest legal one has 200 layers, some 30 KB."""


def config_text(values: Mapping[str, Any]) -> str:
    """A config as the text of a file.

    Args:
        values: JSON values, as a run keeps them.
    """
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def config_values(content: bytes, file: str) -> dict[str, Any]:
    """What a file says, as JSON values that `load_config` can check.

    Args:
        content: of the file.
        file: what it is called, for the message.

    Raises:
        ConfigError: it isn't a JSON object; the message names the file.
    """
    if len(content) > MOST_BYTES:
        raise ConfigError(
            f"The config file {file} has {len(content):,} bytes, and none needs more than "
            f"{MOST_BYTES:,}: choose the config.json of a run."
        )
    try:
        values = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"The config file {file} can't be read as JSON: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"The config file {file} must hold a JSON object.")
    return values
