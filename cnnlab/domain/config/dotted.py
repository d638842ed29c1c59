"""Fields of a config by their dotted names, such as `optimizer.schedule.name`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from cnnlab.domain.errors import ConfigError


def value_at(config: BaseModel | Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any value
    """The value of a field; None where it, or what it belongs to, is off or isn't there.

    Args:
        config: the config or a part of it, or its JSON values.
        name: of the field, dotted.
    """
    node: Any = config
    for part in name.split("."):
        node = node.get(part) if isinstance(node, Mapping) else getattr(node, part, None)
    return node


def with_changes(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a config's JSON values with some fields set.

    Args:
        values: parts that are missing or null are made.
        changes: new value by dotted name.

    Raises:
        ConfigError: a name goes on below something that has no fields of its own.
    """
    changed = dict(values)
    for name, value in changes.items():
        _set(changed, name.split("."), value, name)
    return changed


def _set(node: dict[str, Any], parts: list[str], value: Any, name: str) -> None:  # noqa: ANN401
    """Set a value inside of a node that may be changed; what lies below is copied first."""
    part, *rest = parts
    if not rest:
        node[part] = value
        return
    below = node.get(part)
    if below is not None and not isinstance(below, Mapping):
        raise ConfigError(f"{name} can't be set: {part} has no fields of its own")
    node[part] = dict(below or {})
    _set(node[part], rest, value, name)
