"""What each workspace takes of the machine, beside what it may: for admins."""

import logging
from dataclasses import dataclass, replace

from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.person import Action
from cnnlab.domain.people.workspace import Workspace
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import Use, workspace_use
from cnnlab.lab.access.register import register

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkspaceUse:
    """A workspace as admins see it: numbers, and nothing of what it holds.

    Attributes:
        workspace: with its limits.
        owners: names of those who may change who its members are.
        members: how many people may come in.
        use: what it takes; None where its home can't be read.
    """

    workspace: Workspace
    owners: list[str]
    members: int
    use: Use | None


@asks(Action.ADMINISTER, is_noted=False)
def list_uses() -> list[WorkspaceUse]:
    """All workspaces with what they take, `default` first, then by title.

    Raises:
        StorageError: the register can't be read.
    """
    known = register()
    return [_use_of(each) for each in known.workspaces.all()]


def _use_of(workspace: Workspace) -> WorkspaceUse:
    members = register().workspaces.members(workspace.id)
    owners = [member.person.name for member in members if member.role == "owner"]
    use = None
    with acting_as(replace(LOCAL, workspace=workspace.id)):
        try:
            use = workspace_use()
        except StorageError as error:  # the others are told all the same
            _log.warning("what the workspace %s takes can't be read: %s", workspace.id, error)
    return WorkspaceUse(workspace, owners, len(members), use)
