"""The workspaces of an installation, one after another, as whoever runs it looks at them."""

from collections.abc import Iterator
from dataclasses import replace

from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.workplace import Workplace, workplace


def workspace_titles() -> dict[str, str]:
    """Titles of all workspaces by id, `default` first; it alone where nobody was ever added.

    Raises:
        StorageError: the register can't be read.
    """
    known = register_if_made()
    if known is None:
        return {DEFAULT_WORKSPACE: DEFAULT_WORKSPACE}
    return {workspace.id: workspace.title for workspace in known.workspaces.all()}


def all_workplaces() -> Iterator[Workplace]:
    """The workplace of each workspace, in which one acts while it is looked at.

    Raises:
        StorageError: the register or one of them can't be read.
    """
    for workspace in workspace_titles():
        with acting_as(replace(LOCAL, workspace=workspace)):
            found = workplace()
        yield found
