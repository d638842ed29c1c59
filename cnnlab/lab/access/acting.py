"""Who does something at this moment, in which workspace and from where.

Without accounts that is always the one who started the app. Where people have accounts, nobody acts
until somebody says who: the door for a request, what `ask_who` was given for a page, and
`acting_as` for the rest. Nothing is done for nobody.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace

from cnnlab.domain.errors import NotFoundError, NotSignedInError
from cnnlab.domain.people.person import Person, Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.lab.access.register import register, register_if_made
from cnnlab.lab.entry import Auth, auth


@dataclass(frozen=True)
class Acting:
    """Who does something, where and from where.

    Attributes:
        person: who.
        workspace: id of the one they are in; empty for an admin or a newcomer who is in none.
        role: theirs in it; None where they are in none.
        address: from where, for the audit; empty is this machine.
    """

    person: Person
    workspace: str
    role: Role | None
    address: str = ""


LOCAL = Acting(Person("local", "local", is_admin=True), DEFAULT_WORKSPACE, Role.OWNER)
"""Whoever started the app: the command line, background work, and everybody without accounts."""

Provider = Callable[[], Acting | None]

_acting: ContextVar[Acting | None] = ContextVar("who acts", default=None)
_providers: list[Provider] = []


def acting() -> Acting:
    """Who acts at this moment.

    Raises:
        NotSignedInError: people have accounts here, and nobody is known who acts.
    """
    who = _acting.get()
    if who is not None:
        return who
    if not have_accounts():
        return LOCAL
    for provider in _providers:
        if who := provider():
            return who
    raise NotSignedInError("Nobody is signed in here, or not any more: sign in again.")


def here() -> str:
    """Id of the workspace in which somebody acts: what is kept in memory is kept for it alone.

    Raises:
        NotSignedInError: nobody acts.
    """
    return acting().workspace


@contextlib.contextmanager
def acting_as(who: Acting) -> Iterator[None]:
    """Within this context somebody acts, in threads as well that take the context along."""
    before = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(before)


def ask_who(provider: Provider) -> None:
    """Have somebody asked who acts, where it isn't said: the one whose page is drawn.

    Args:
        provider: answers None where it doesn't know; asked instead of any before.
    """
    _providers[:] = [provider]


def have_accounts() -> bool:
    """Whether people sign in here, by themselves or at the proxy before us."""
    return auth() not in (Auth.TOKEN, Auth.NONE)


def acting_in(person: Person, workspace: str | None = None, address: str = "") -> Acting:
    """Somebody in one of their workspaces, as the register has it at this moment.

    Args:
        person: who.
        workspace: id of the one; where it is None or isn't theirs (any more), their first that they
            own, else their first: nobody draws them into another one by making them a member.
        address: from where.

    Returns:
        Them, with the workspace empty where they are a member of none.
    """
    mine = {each.id: role for each, role in register().workspaces.of_person(person.id)}
    if not mine:
        return Acting(person, "", None, address)
    first = next((id for id, role in mine.items() if role is Role.OWNER), next(iter(mine)))
    chosen = workspace if workspace in mine else first
    return Acting(person, str(chosen), mine[str(chosen)], address)


def local_in(workspace: str) -> Acting:
    """Whoever started the app, in a workspace.

    Args:
        workspace: its id or title.

    Raises:
        NotFoundError: there is none.
    """
    if workspace == DEFAULT_WORKSPACE:
        return LOCAL
    known = register_if_made()
    if known is None:
        raise NotFoundError(
            f"No workspace is called {workspace[:100]!r}: there is only {DEFAULT_WORKSPACE}. "
            "`python -m cnnlab workspace add TITLE` makes another one."
        )
    return replace(LOCAL, workspace=known.workspaces.find(workspace).id)
