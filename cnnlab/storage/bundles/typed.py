"""Whether a value that somebody else wrote is what a record's type says it is."""

import functools
import math
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

_MOST_CHARACTERS = 5000
_MOST_INTEGER = 2**63
"""Whole numbers beyond are no floats, or no fields of a database."""


def misfit(value: object, kind: Any, name: str) -> str | None:  # noqa: ANN401 - any type
    """What is wrong with a value, as the rest of a sentence that begins with its file.

    Args:
        value: of JSON.
        kind: a TypedDict, `list[...]`, `dict[str, ...]`, a union, or a plain type. Fields that it
            doesn't know may be anything.
        name: of the value, as the sentence calls it.

    Returns:
        None where it fits.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        found = [misfit(value, one, name) for one in inner]
        return None if None in found else found[0]
    if is_typeddict(kind):
        return _misfit_of_record(value, kind, name)
    if origin is list and isinstance(value, list):
        return _first(misfit(one, inner[0], f"{name}[{at}]") for at, one in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return _first(misfit(one, inner[1], f"{name}.{key:.40}") for key, one in value.items())
    return None if _is_plain(value, kind) else f"has {value!r:.60} for {name}"


def _misfit_of_record(value: object, kind: Any, name: str) -> str | None:  # noqa: ANN401
    if not isinstance(value, dict):
        return f"has {value!r:.60} for {name}"
    fields = _fields(kind)
    if missing := sorted(kind.__required_keys__ - value.keys()):
        return f"has no {missing[0]} in {name}"
    return _first(
        misfit(value[field], of_field, f"{name}.{field}")
        for field, of_field in fields.items()
        if field in value
    )


@functools.lru_cache(maxsize=64)
def _fields(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    """The types of a record's fields; a bundle asks thousands of times for a handful."""
    return get_type_hints(kind)


def _first(found: Any) -> str | None:  # noqa: ANN401 - an iterator of what `misfit` gives
    return next((one for one in found if one is not None), None)


def _is_plain(value: object, kind: type) -> bool:
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value) and abs(value) < _MOST_INTEGER  # type: ignore[arg-type]
    if kind is int:
        return type(value) is int and abs(value) < _MOST_INTEGER
    if kind is str:
        return isinstance(value, str) and len(value) <= _MOST_CHARACTERS
    return type(value) is kind
