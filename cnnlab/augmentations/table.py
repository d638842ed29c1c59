"""All augmentations: the one table that config, form, dials, arms and input path read."""

import importlib
import pkgutil
from typing import Any

from pydantic.fields import FieldInfo

from cnnlab.augmentations import members
from cnnlab.augmentations.member import Member


def _discovered() -> tuple[Member, ...]:
    """The `MEMBER` of every module of `members`, by place.

    Raises:
        TypeError: a module has none.
    """
    found = []
    for module in pkgutil.iter_modules(members.__path__, f"{members.__name__}."):
        member = getattr(importlib.import_module(module.name), "MEMBER", None)
        if not isinstance(member, Member):
            raise TypeError(f"{module.name} is no augmentation: it lacks MEMBER = Member(...)")
        found.append(member)
    return tuple(sorted(found, key=lambda member: member.place))


MEMBERS = _discovered()
"""In the order of config and form."""

BY_STAGE = tuple(sorted(MEMBERS, key=lambda member: (member.stage.order, member.place)))
"""In the order in which they are applied."""

BLENDS = tuple(member.name for member in MEMBERS if member.mix_labels)
"""Fields of those that blend images and labels, of which one at most may be on."""

DIALS = tuple(member.name for member in BY_STAGE if member.is_dial)
"""Fields that may be turned while a run trains."""

DETAILS = tuple(name for member in MEMBERS for name in member.details)
"""Fields that say how an augmentation works, and switch nothing on."""

FRONT = tuple(name for member in MEMBERS if member.is_in_front for name in member.fields)
"""Fields that the form shows first."""

MORE = tuple(name for member in MEMBERS if not member.is_in_front for name in member.fields)
"""Fields that the form shows under 'More augmentations'."""


ICONS = {name: member.icon for member in MEMBERS for name in member.fields}
"""The Material symbol that shows what a field does."""

SETS = ("Light", "Medium", "Strong")
"""Usual strengths of several together, which the form offers by one click."""


def config_fields() -> dict[str, tuple[Any, FieldInfo]]:
    """Type and description of every field of the config's augmentation part, in its order."""
    return {name: field for member in MEMBERS for name, field in member.fields.items()}


def strengths_of_set(position: int) -> dict[str, float]:
    """What the set at this position of `SETS` switches on."""
    return {member.name: member.sets[position] for member in MEMBERS if member.sets}
