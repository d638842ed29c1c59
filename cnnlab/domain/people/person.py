"""A person who uses the app, their role in a workspace, and what a role allows."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Person:
    """Somebody who can be told from others.

    Attributes:
        id: random; never used again.
        name: what they sign in with, and what others see; unique.
        is_admin: whether they see people, quotas and the queue of all workspaces. Images and runs
            of a workspace they see only as a member of it.
    """

    id: str
    name: str
    is_admin: bool = False


@dataclass(frozen=True)
class Account:
    """A person as the register knows them.

    Attributes:
        person: who it is.
        email: their address; empty where none is known.
        created_at: ISO 8601, UTC.
        disabled: whether they may not come in at the moment.
    """

    person: Person
    email: str
    created_at: str
    disabled: bool


class Role(StrEnum):
    """What somebody is in a workspace; each may do what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"


class Action(StrEnum):
    """What somebody wants to do."""

    VIEW = "view"
    """Look at what a workspace holds, and take copies along."""
    EDIT = "edit"
    """Import, train, study, change and delete; share one thing by a link."""
    OWN = "own"
    """Members and title of the workspace."""
    ADMINISTER = "administer"
    """People, quotas and the queue of the whole installation: no role in a workspace allows it."""


_ALLOWED = {
    Role.VIEWER: {Action.VIEW},
    Role.EDITOR: {Action.VIEW, Action.EDIT},
    Role.OWNER: {Action.VIEW, Action.EDIT, Action.OWN},
}


def allows(role: Role, action: Action) -> bool:
    """Whether a role in a workspace is enough for an action there."""
    return action in _ALLOWED[role]


def least_role(action: Action) -> Role | None:
    """The smallest role that allows an action; None where no role does."""
    return next((role for role in Role if allows(role, action)), None)
