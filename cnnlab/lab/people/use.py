"""What each workspace takes of the machine, beside what it may: for admins."""

from dataclasses import dataclass, replace

from cnnlab.domain.people.person import Action
from cnnlab.domain.people.workspace import Workspace
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register
from cnnlab.lab.limits import Use, workspace_use


@dataclass(frozen=True)
class WorkspaceUse:
    """A workspace as admins see it: numbers, and nothing of what it holds.

    Attributes:
        workspace: with its limits.
        owners: names of those who may change who its members are.
        members: how many people may come in.
        use: what it takes.
    """

    workspace: Workspace
    owners: list[str]
    members: int
    use: Use


@asks(Action.ADMINISTER, is_noted=False)
def list_uses() -> list[WorkspaceUse]:
    """All workspaces with what they take, `default` first, then by title.

    Raises:
        StorageError: register or a home can't be read.
    """
    known = register()
    return [_use_of(each) for each in known.workspaces.all()]


def _use_of(workspace: Workspace) -> WorkspaceUse:
    members = register().workspaces.members(workspace.id)
    owners = [member.person.name for member in members if member.role == "owner"]
    with acting_as(replace(LOCAL, workspace=workspace.id)):
        return WorkspaceUse(workspace, owners, len(members), workspace_use())
