"""Config fields in documents: what an arm changes, a whole config, a value in words."""

from collections.abc import Mapping
from typing import Any

from cnnlab.documents.text import safe
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.study import Arm, Study, differences
from cnnlab.domain.words import with_unit
from cnnlab.fields import extra, walk

_FIELDS = dict(walk(RunConfig))
_WORDS_OF_NONE = {"split.images_per_class": "all", "architecture.pretrained": "none"} | {
    f"architecture.{name}": "the preset's"
    for name in ("conv_blocks", "filters", "dense_units", "layers")
}
_NOT_SHOWN = ("dataset", "training.seed")


def changes_list(study: Study, arm: Arm) -> str:
    """HTML: what an arm changes, each field with its value in the base and in the arm."""
    found = differences(study.base, arm.changes)
    items = [
        f"<li>{safe(label(name))}: {safe(shown(name, before))} → <b>{safe(shown(name, after))}</b>"
        "</li>"
        for name, before, after in found
    ]
    return f'<ul class="plain">{"".join(items)}</ul>' if items else "the base as it is"


def base_list(base: Mapping[str, Any]) -> str:
    """HTML: every field of a config with its value, part by part."""
    parts: dict[str, list[str]] = {}
    for name in _FIELDS:
        if name in _NOT_SHOWN:
            continue
        value = value_at(base, name)
        title = f'<dt title="{name}">{safe(label(name))}</dt>'
        row = f"{title}<dd>{safe(shown(name, value))}</dd>"
        parts.setdefault(name.partition(".")[0], []).append(row)
    return "".join(
        f"<div><h4>{part.capitalize()}</h4><dl>{''.join(rows)}</dl></div>"
        for part, rows in parts.items()
    )


def label(name: str) -> str:
    """What the screen calls a field; its dotted name if it has no other."""
    info = _FIELDS.get(name)
    return (extra(info, "label") if info else None) or name


def shown(name: str, value: Any) -> str:  # noqa: ANN401 - any config value
    """A field's value in words with its unit, as plain text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return _WORDS_OF_NONE.get(name, "off")
    if isinstance(value, Mapping):
        return ", ".join(_held(key, held) for key, held in value.items())
    if isinstance(value, list | tuple):
        return f"{len(value)} own layers" if name.endswith("layers") else str(list(value))
    return with_unit(_plain(value), extra(_FIELDS[name], "unit") if name in _FIELDS else None)


def _held(key: str, value: Any) -> str:  # noqa: ANN401 - any config value
    """A part of a schedule, or of early stopping."""
    return _plain(value) if key == "name" else f"{_plain(key)} {_plain(value)}"


def _plain(value: Any) -> str:  # noqa: ANN401 - any config value
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
