"""One's own workspaces: made by oneself where the admin lets people, and called otherwise."""

import os

from cnnlab.domain.errors import BadInputError, NotAllowedError, QuotaError
from cnnlab.domain.people.person import Action, Role
from cnnlab.domain.people.workspace import NO_QUOTA, Workspace
from cnnlab.domain.words import counted
from cnnlab.files import wait_for_lock
from cnnlab.lab.access.acting import acting, have_accounts
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.own_limits import most_own, own_quota
from cnnlab.lab.access.register import register
from cnnlab.storage.people.register import Register

OWN_WORKSPACES = "CNNLAB_OWN_WORKSPACES"
_MADE = "make_own_workspace"
_YES_NO = {"yes": True, "no": False}


def may_make_workspace() -> bool:
    """Whether people make workspaces by themselves; `CNNLAB_OWN_WORKSPACES` may say `no`.

    Raises:
        BadInputError: it says neither yes nor no.
    """
    given = os.environ.get(OWN_WORKSPACES, "").strip().lower() or "yes"
    if given not in _YES_NO:
        raise BadInputError(f"{OWN_WORKSPACES} must be yes or no. Received: {given}")
    return _YES_NO[given]


def looks_after_people() -> bool:
    """Whether whoever acts finds something to do on the page of people.

    An admin does, an owner of the workspace, who is in none yet, and who may make one: everybody,
    unless the admin keeps that to admins.

    Raises:
        NotSignedInError: nobody acts.
        BadInputError: `CNNLAB_OWN_WORKSPACES` says neither yes nor no.
    """
    if not have_accounts():
        return False
    who = acting()
    has_own = who.person.is_admin or who.role is Role.OWNER or who.role is None
    return has_own or may_make_workspace()


def my_workspaces() -> list[tuple[Workspace, Role]]:
    """The workspaces into which whoever acts may come, with their role in each.

    Raises:
        NotSignedInError: nobody acts.
        StorageError: the register can't be read.
    """
    return register().workspaces.of_person(acting().person.id)


def make_own_workspace(title: str) -> Workspace:
    """Make a workspace whose owner is whoever acts. They needn't be in any for that.

    That of an admin has no limits, others those of `CNNLAB_OWN_...`.

    Args:
        title: what people call it.

    Raises:
        NotSignedInError: nobody acts.
        NotAllowedError: the admin keeps this to admins.
        QuotaError: they have made as many as they may.
        BadInputError: the title can't be taken, or another workspace has it.
        StorageError: the register can't be written.
    """
    who, known = acting(), register()
    if not may_make_workspace() and not who.person.is_admin:
        raise NotAllowedError("Here only an admin makes workspaces: ask one.")
    with wait_for_lock(known.home.people.with_suffix(".lock")):  # each counts what the other makes
        if not who.person.is_admin:
            _check_number(known, who.person.name)
        quota = NO_QUOTA if who.person.is_admin else own_quota()
        made = known.workspaces.add(title, quota, owner=who.person.id)
        known.audit.note(
            _MADE,
            person=who.person.name,
            workspace=made.id,
            object=made.title,
            address=who.address,
        )
    return made


def _check_number(known: Register, name: str) -> None:
    """See that somebody may make another one: those count that they gave away, too."""
    there = {workspace.id for workspace in known.workspaces.all()}
    made, most = len(there & known.audit.workspaces_of(_MADE, name)), most_own()
    if made >= most:
        raise QuotaError(
            f"You have made {counted(made, 'workspace')} that are there still, and may make "
            f"{most}: ask an admin to make another one or to delete one."
        )


@asks(Action.OWN)
def rename_workspace(title: str) -> None:
    """Call the workspace in which somebody acts otherwise.

    Args:
        title: what people call it from now on.

    Raises:
        BadInputError: the title can't be taken, or another workspace has it.
        StorageError: the register can't be written.
    """
    register().workspaces.rename(acting().workspace, title)
