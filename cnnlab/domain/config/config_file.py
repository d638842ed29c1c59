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
    values = _read(content, f"The config file {file}")
    if not isinstance(values, dict):
        raise ConfigError(f"The config file {file} must hold a JSON object.")
    return values


def network_values(content: bytes, what: str) -> dict[str, Any]:
    """What a file says of a network: a list of layers, or a whole config.

    Args:
        content: of the file.
        what: it is, for the message: `The file my.json`, `This text`.

    Returns:
        Values of a config; those of a list have its layers alone.

    Raises:
        ConfigError: it is neither; the message says so.
    """
    values = _read(content, what)
    if isinstance(values, list):
        return {"architecture": {"layers": values}}
    if not isinstance(values, dict):
        raise ConfigError(f"{what} must hold a JSON list of layers, or a config.")
    return values


def check_size(size_bytes: int, what: str) -> None:
    """Refuse what is too large to be read as a config.

    Args:
        size_bytes: of the file.
        what: it is, for the message: `The file my.json`.

    Raises:
        ConfigError: it is too large.
    """
    if size_bytes > MOST_BYTES:
        raise ConfigError(
            f"{what} has {size_bytes:,} bytes, and none needs more than "
            f"{MOST_BYTES:,}: choose the config.json of a run."
        )


def _read(content: bytes, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    check_size(len(content), what)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise ConfigError(f"{what} can't be read as JSON: it is nested too deep.") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigError(f"{what} can't be read as JSON: it goes wrong at {place}.") from error
    except ValueError as error:
        raise ConfigError(f"{what} can't be read as JSON: it isn't UTF-8 text.") from error
