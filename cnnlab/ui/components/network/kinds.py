"""What the browser knows of the kinds of layers: their names, and their fields with bounds."""

import functools
from typing import Any, Literal, TypedDict, get_args, get_origin

from pydantic.fields import FieldInfo

from cnnlab.domain.network.layer_kinds import LAYER_KINDS, LayerKind
from cnnlab.domain.words import unit_in_brackets
from cnnlab.fields import bounds, extra

_NOT_ASKED = ("kind", "enabled", "paths")

FieldSort = Literal["whole", "number", "choice", "switch"]


class LayerField(TypedDict):
    """A field of a layer, as a widget asks for it.

    Attributes:
        choices: of a choice; empty text stands for none of them, which takes the network's own.
        increment: of the buttons of a number.
    """

    name: str
    label: str
    help: str
    sort: FieldSort
    low: float | None
    high: float | None
    increment: float
    choices: list[str]


class KindData(TypedDict):
    """A kind of layers.

    Attributes:
        usual: an entry of the list as it begins.
        fits_a_path: whether it may stand inside of a branch block.
    """

    kind: str
    name: str
    role: str
    help: str
    fields: list[LayerField]
    usual: dict[str, Any]
    fits_a_path: bool


@functools.cache
def kinds_data() -> list[KindData]:
    """All kinds, in the order in which they are offered."""
    return [_kind(name, kind) for name, kind in LAYER_KINDS.items()]


def _kind(name: str, kind: LayerKind) -> KindData:
    return {
        "kind": name,
        "name": kind.name,
        "role": kind.role,
        "help": kind.help,
        "fields": [
            _field(field, info)
            for field, info in kind.model.model_fields.items()
            if field not in _NOT_ASKED
        ],
        "usual": kind.model().model_dump(mode="json"),
        "fits_a_path": kind.fits_a_path,
    }


def _field(name: str, info: FieldInfo) -> LayerField:
    choices = _choices(info.annotation)
    low, high = bounds(info)
    return {
        "name": name,
        "label": unit_in_brackets(extra(info, "label"), extra(info, "unit")),
        "help": info.description or "",
        "sort": _sort(info.annotation, choices),
        "low": low,
        "high": high,
        "increment": extra(info, "increment") or 1,
        "choices": choices,
    }


def _sort(annotation: Any, choices: list[str]) -> FieldSort:  # noqa: ANN401 - any type
    if choices:
        return "choice"
    plain: dict[Any, FieldSort] = {bool: "switch", int: "whole"}
    return plain.get(annotation, "number")


def _choices(annotation: Any) -> list[str]:  # noqa: ANN401 - any type
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    options = get_args(annotation)
    found = [choice for option in options for choice in _choices(option)]
    return ["", *found] if type(None) in options else found
