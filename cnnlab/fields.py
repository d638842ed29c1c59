"""How a config field describes itself: bounds, unit and help text in one place.

The form, the command line, the docs and the validation all read a field's `FieldInfo`;
what pydantic has no place for (`label`, `unit`, `usual`, `increment`, `share`) sits in
`json_schema_extra`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo


class ConfigModel(BaseModel):
    """A frozen part of the config tree that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def knob(  # noqa: PLR0913 - a field has this many things to say about itself
    default: Any,  # noqa: ANN401 - the type stands in the annotation of the field
    label: str,
    help: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
    unit: str = "",
    usual: float | None = None,
    increment: float | None = None,
    share: bool = False,
    planned: bool = False,
) -> Any:  # noqa: ANN401 - like pydantic's Field
    """Declare a config field.

    Args:
        default: value when the user says nothing.
        label: short name on screen.
        help: one or two sentences: what it does, its usual range, when to change it.
        ge: least legal value.
        le: greatest legal value.
        gt: value that must be exceeded.
        lt: value that must not be reached.
        unit: unit shown behind the number.
        usual: the strength that a form offers when the field is switched on.
        increment: of a slider or a number box.
        share: the number is a part of a whole, which the screen says in percent.
        planned: nothing does yet what the help says: the field is read, and offered nowhere.
    """
    extra: JsonDict = {
        "label": label,
        "unit": unit,
        "usual": usual,
        "increment": increment,
        "share": share,
        "planned": planned,
    }
    return Field(default, description=help, json_schema_extra=extra, ge=ge, le=le, gt=gt, lt=lt)


def bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    """Least and greatest legal value of a numeric field (None: unbounded)."""
    limits = _limits(info)
    return limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))


def _limits(info: FieldInfo) -> dict[str, float]:
    """The limits that `knob` was given, by their names there."""
    return {
        name: getattr(constraint, name)
        for constraint in info.metadata
        for name in ("ge", "gt", "le", "lt")
        if hasattr(constraint, name)
    }


def legal_number(info: FieldInfo) -> str | None:
    """`a whole number from 1 to 4096`; None for a field that isn't a number."""
    kinds = get_args(info.annotation) or (info.annotation,)
    if not {int, float} & set(kinds):
        return None
    noun = "a number" if float in kinds else "a whole number"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    limits = _limits(info)
    if limits.keys() == {"ge", "le"}:
        return f"{noun} from {limits['ge']:,} to {limits['le']:,}"
    told = [f"{words[name]} {limit:,}" for name, limit in limits.items()]
    return " ".join([noun, " and ".join(told)]).strip()


def extra(info: FieldInfo, name: str) -> Any:  # noqa: ANN401 - label, unit: str; usual: float
    """What `knob` stored under `name`: `label`, `unit`, `usual`, `increment`, `share` ..."""
    stored = info.json_schema_extra
    return stored.get(name) if isinstance(stored, dict) else None


def walk(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield the dotted name and the description of every leaf field of a config tree."""
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from walk(info.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


@dataclass(frozen=True)
class Found:
    """A field that was looked up, or what was found on the way to one that doesn't exist.

    Attributes:
        name: dotted, as the command line and the files name it.
        label: what it is called on screen, behind what it belongs to: `Early stopping: Patience`.
        info: None if there is no such field.
    """

    name: str
    label: str
    info: FieldInfo | None


def find_field(model: type[BaseModel], parts: Sequence[str | int]) -> Found:
    """The field at a path, also within what may be off, one of several kinds or in a list.

    Args:
        model: where the path begins.
        parts: names and positions; pydantic also puts the kind of one of several into its paths.
    """
    within = [model]
    info: FieldInfo | None = None
    names: list[str] = []
    labels: list[str] = []
    for part in parts:
        if tagged := [one for one in within if info and _has_tag(one, part)]:
            within = tagged
            continue
        names.append(str(part))
        if str(part).isdigit() and labels:
            labels[-1] += f" {int(part) + 1}"
            continue
        fields = (one.model_fields.get(str(part)) for one in within)
        info = next((field for field in fields if field), None)
        label = extra(info, "label") if info else None
        if label or labels:  # the parts of the config at the top have none
            labels.append(label or str(part))
        within = _models_in(info.annotation) if info else []
    return Found(".".join(names), ": ".join(labels), info)


def _has_tag(model: type[BaseModel], tag: str | int) -> bool:
    """Whether it is the kind, of several, that goes by this tag."""
    named = (model.model_fields[name] for name in ("name", "kind") if name in model.model_fields)
    return any(tag in get_args(info.annotation) for info in named)


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def offered(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """What `walk` yields, without the fields that nothing is built for yet."""
    return ((name, info) for name, info in walk(model) if not extra(info, "planned"))


def describe_field(name: str, info: FieldInfo) -> dict[str, Any]:
    """A field as JSON values: `field`, `default`, `legal`, `help`, `planned`."""
    default = info.default.model_dump() if isinstance(info.default, BaseModel) else info.default
    return {
        "field": name,
        "default": default,
        "legal": _legal(info),
        "help": info.description,
        "planned": bool(extra(info, "planned")),
    }


def _legal(info: FieldInfo) -> str:
    """Legal values in words: the choices, or the type with its bounds."""
    if get_origin(info.annotation) is Literal:
        return ", ".join(map(str, get_args(info.annotation)))
    signs = {"ge": ">= ", "gt": "> ", "le": "<= ", "lt": "< "}
    limits = (f"{signs[name]}{limit}" for name, limit in _limits(info).items())
    return ", ".join([_type_name(info), *limits])


def _type_name(info: FieldInfo) -> str:
    if isinstance(info.annotation, type):
        return info.annotation.__name__.replace("NoneType", "null")
    return " or ".join(_option(option) for option in get_args(info.annotation))


def _option(option: Any) -> str:  # noqa: ANN401 - one member of a union
    if option is type(None):
        return "null"
    if get_origin(option) is Literal:
        return " or ".join(map(repr, get_args(option)))
    if get_origin(option) is tuple:
        return "a list"
    return option.__name__ if option in (int, float, str) else "an object"
