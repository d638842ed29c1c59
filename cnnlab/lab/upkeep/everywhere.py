"""The workspaces of an installation, one after another, as whoever runs it looks at them."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from cnnlab.domain.errors import CnnlabError, NotFoundError, StorageError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.workplace import Workplace, workplace

T = TypeVar("T")

_log = logging.getLogger(__name__)


def workspace_titles() -> dict[str, str]:
    """Titles of all workspaces by id, `default` first; it alone where nobody was ever added.

    Raises:
        StorageError: the register can't be read.
    """
    known = register_if_made()
    if known is None:
        return {DEFAULT_WORKSPACE: DEFAULT_WORKSPACE}
    return {workspace.id: workspace.title for workspace in known.workspaces.all()}


def of_all_workplaces(read: Callable[[Workplace], T]) -> Iterator[T]:
    """What is read of the workplace of each workspace; one that can't be read is left out.

    Args:
        read: while it runs, one acts in the workspace.

    Raises:
        StorageError: the register can't be read.
    """
    for workspace in workspace_titles():
        try:
            with acting_as(replace(LOCAL, workspace=workspace)):
                found = read(workplace())
        except (NotFoundError, StorageError) as error:  # deleted meanwhile, or damaged
            _log.info("the workspace %s is left out: %s", workspace, error)
        else:
            yield found


def in_all_workspaces(task: Callable[[], object]) -> None:
    """Do something in each workspace; where it can't be done in one, the others get theirs.

    Raises:
        CnnlabError: what was the matter with the first one in which it couldn't be done.
    """

    def done_and_go_on() -> bool:
        task()
        return False

    in_next_workspace(done_and_go_on)


def in_next_workspace(task: Callable[[], bool]) -> None:
    """Do something that takes long in one workspace, the first in which it wasn't done yet.

    One in which it can't be done isn't in the way of those behind it.

    Args:
        task: says whether it was to be done where one acts.

    Raises:
        CnnlabError: what was the matter with the first one in which it couldn't be done.
    """
    problem: CnnlabError | None = None
    for workspace in workspace_titles():
        try:
            with acting_as(replace(LOCAL, workspace=workspace)):
                if task():
                    break
        except NotFoundError as error:  # it was deleted meanwhile
            problem = problem or (error if workspace == DEFAULT_WORKSPACE else None)
        except CnnlabError as error:
            problem = problem or error
    if problem:
        raise problem
