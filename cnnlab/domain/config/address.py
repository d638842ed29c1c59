"""A config in an address: what differs from another one, short and to be read.

`training.epochs:30,regularization.dropout:0.3`, or JSON where a value doesn't fit into that.
What has fields of its own goes by its kind first: `optimizer.schedule:cosine` and, where that isn't
its default, `optimizer.schedule.warmup_epochs:2`; `regularization.early_stopping:true`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import ConfigError
from cnnlab.fields import walk

MOST_CHARACTERS = 8000
"""Of what an address may say; more than browsers and servers surely pass on isn't offered."""

_PLAIN_TEXT = re.compile(r"[A-Za-z_][\w.-]*")
_WORDS_OF_JSON = ("true", "false", "null")
_LEAVES = frozenset(name for name, _ in walk(RunConfig))


@dataclass(frozen=True)
class AddressedConfig:
    """What an address asked for.

    Attributes:
        config: the one to begin with, with all that could be taken.
        wrong: what couldn't, a sentence; empty where everything could.
    """

    config: RunConfig
    wrong: str = ""


def config_in_address(values: Mapping[str, Any], base: Mapping[str, Any]) -> str:
    """What an address has to say; empty where nothing differs.

    Args:
        values: of the config, as JSON values; its dataset isn't told.
        base: of the config that it is told against, likewise.
    """
    changes = dict(_differing(values, base))
    told = {name: _plain(value) for name, value in changes.items()}
    if all(text is not None for text in told.values()):
        return ",".join(f"{name}:{text}" for name, text in told.items())
    return json.dumps(changes, separators=(",", ":"))


def config_of_address(text: str, base: RunConfig) -> AddressedConfig:
    """The config that an address tells; what can't be taken of it stays as `base` has it.

    Args:
        text: as `config_in_address` makes it, or somebody by hand.
        base: what it was told against.
    """
    try:
        changes = changes_of_address(text)
    except ConfigError as error:
        return AddressedConfig(base, str(error))
    changes.pop("dataset", None)  # an address names it apart
    wrong: list[str] = []
    while changes:
        try:
            return AddressedConfig(_changed(base, changes), "; ".join(wrong))
        except ConfigError as error:
            wrong.append(in_labels(error))
            changes = _without(changes, error)
    return AddressedConfig(base, "; ".join(wrong))


def changes_of_address(text: str) -> dict[str, Any]:
    """The fields that an address names, each by its dotted name, with values not checked yet.

    Raises:
        ConfigError: it can't be read; the sentence says how one looks.
    """
    if len(text) > MOST_CHARACTERS:
        raise ConfigError(f"it has {len(text):,} characters, more than {MOST_CHARACTERS:,}")
    if text.lstrip().startswith("{"):
        try:
            return dict(_flat(json.loads(text), ""))
        except (ValueError, RecursionError) as error:
            raise ConfigError("it begins like JSON and isn't") from error
    changes = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, value = part.partition(":")
        if not colon or not name.strip():
            raise ConfigError(
                f"{part[:60]!r} isn't a field with its value, as training.epochs:30 is"
            )
        changes[name.strip()] = _value(value.strip())
    return changes


def _differing(values: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in (name for name, _ in walk(RunConfig) if name != "dataset"):
        value = value_at(values, name)
        if value == value_at(base, name):
            continue
        if not isinstance(value, Mapping):
            yield name, value
            continue
        kind = value.get("name", True)
        yield name, kind
        usual = _changed(RunConfig(), {name: kind})
        for part, one in value.items():
            if one != value_at(usual, f"{name}.{part}"):
                yield f"{name}.{part}", one


def _changed(base: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """With what has fields of its own begun as its kind's defaults.

    Raises:
        ConfigError: that isn't legal.
    """
    begun = {name: _begun(name, value) for name, value in changes.items()}
    parents_first = dict(sorted(begun.items(), key=lambda one: one[0].count(".")))
    return load_config(with_changes(base.model_dump(mode="json"), parents_first))


def _begun(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if name == "regularization.early_stopping" and value is True:
        return {}
    if name == "optimizer.schedule" and isinstance(value, str):
        return None if value in ("none", "constant") else {"name": value}
    return value


def _without(changes: dict[str, Any], error: ConfigError) -> dict[str, Any]:
    """The changes that an error isn't about; none where it names none of them."""
    about = f"{error} {' '.join(problem.field for problem in error.problems)}"
    named = set(re.findall(r"[A-Za-z_][\w.]*", about))
    kept = {
        name: value
        for name, value in changes.items()
        if not any(one == name or f"{one}.".startswith(f"{name}.") for one in named)
    }
    return kept if len(kept) < len(changes) else {}


def _flat(values: Any, prefix: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    if not isinstance(values, Mapping):
        raise ValueError(f"Not an object. Received: {prefix}")
    for name, value in values.items():
        whole = f"{prefix}{name}"
        if isinstance(value, Mapping) and whole not in _LEAVES:
            yield from _flat(value, f"{whole}.")
        else:
            yield whole, value


def _plain(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """A value as an address says it without JSON around; None where it can't."""
    if isinstance(value, str):
        fits = _PLAIN_TEXT.fullmatch(value) and value not in _WORDS_OF_JSON
        return value if fits else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if isinstance(value, list | tuple | Mapping) else json.dumps(value)


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    text = f"0{text}" if re.fullmatch(r"\.\d+", text) else text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
