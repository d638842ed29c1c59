"""One's own workspaces: made by oneself where the admin lets people, and called otherwise."""

import os

from cnnlab.domain.errors import BadInputError, NotAllowedError
from cnnlab.domain.people.person import Action, Role
from cnnlab.domain.people.workspace import Workspace
from cnnlab.lab.access.acting import acting, have_accounts
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register

OWN_WORKSPACES = "CNNLAB_OWN_WORKSPACES"
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

    An admin does, an owner of the workspace, and who is in none yet and may make one.

    Raises:
        NotSignedInError: nobody acts.
    """
    if not have_accounts():
        return False
    who = acting()
    return who.person.is_admin or who.role is Role.OWNER or who.role is None


def my_workspaces() -> list[tuple[Workspace, Role]]:
    """The workspaces into which whoever acts may come, with their role in each.

    Raises:
        NotSignedInError: nobody acts.
        StorageError: the register can't be read.
    """
    return register().workspaces.of_person(acting().person.id)


def make_own_workspace(title: str) -> Workspace:
    """Make a workspace whose owner is whoever acts. They needn't be in any for that.

    Args:
        title: what people call it.

    Raises:
        NotSignedInError: nobody acts.
        NotAllowedError: the admin keeps this to admins.
        BadInputError: the title can't be taken, or another workspace has it.
        StorageError: the register can't be written.
    """
    who, known = acting(), register()
    if not may_make_workspace() and not who.person.is_admin:
        raise NotAllowedError("Here only an admin makes workspaces: ask one.")
    made = known.workspaces.add(title, owner=who.person.id)
    known.audit.note(
        "make_own_workspace",
        person=who.person.name,
        workspace=made.id,
        object=made.title,
        address=who.address,
    )
    return made


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
