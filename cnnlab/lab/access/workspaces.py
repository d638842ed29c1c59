"""Workspaces: made, listed, deleted; who their members are, and how much they may take."""

from dataclasses import replace

from cnnlab.domain.errors import BadInputError, DamagedDatabaseError, RunStateError
from cnnlab.domain.people.person import Action, Role, allows
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, NO_QUOTA, Member, Quota, Workspace
from cnnlab.domain.words import counted
from cnnlab.jobs.asking import queue_is_empty, queued_jobs
from cnnlab.lab.access.acting import LOCAL, acting, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.people import named_account
from cnnlab.lab.access.register import register
from cnnlab.lab.workplace import Workplace, delete_workplace, home_here, workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.searches import SearchStore


@asks(Action.ADMINISTER)
def add_workspace(title: str, quota: Quota = NO_QUOTA) -> Workspace:
    """Make a workspace; nobody is in it yet.

    Args:
        title: what people call it.
        quota: its limits.

    Raises:
        BadInputError: the title can't be taken, or another workspace has it.
        StorageError: the register can't be written.
    """
    return register().workspaces.add(title, quota)


@asks(Action.ADMINISTER, is_noted=False)
def list_workspaces() -> list[Workspace]:
    """All workspaces, `default` first, then by title.

    Raises:
        StorageError: the register can't be read.
    """
    return register().workspaces.all()


@asks(Action.ADMINISTER, is_noted=False)
def load_workspace(workspace: str) -> Workspace:
    """A workspace with its limits.

    Args:
        workspace: its id or title.

    Raises:
        NotFoundError: there is no such workspace.
        StorageError: the register can't be read.
    """
    return register().workspaces.find(workspace)


@asks(Action.ADMINISTER)
def set_quota(workspace: str, quota: Quota) -> Workspace:
    """Give a workspace other limits.

    Args:
        workspace: its id or title.
        quota: what counts from now on.

    Raises:
        NotFoundError: there is no such workspace.
        StorageError: the register can't be written.
    """
    found = register().workspaces.find(workspace)
    register().workspaces.set_quota(found.id, quota)
    return replace(found, quota=quota)


@asks(Action.OWN, is_noted=False)
def list_members() -> list[Member]:
    """Who may come into the workspace in which somebody acts, by name.

    Raises:
        StorageError: the register can't be read.
    """
    return register().workspaces.members(acting().workspace)


@asks(Action.OWN)
def set_member(name: str, role: Role) -> None:
    """Let somebody into the workspace in which somebody acts, or give a member another role.

    The links of who may share nothing any more end.

    Args:
        name: of the account.
        role: what they are from now on.

    Raises:
        NotFoundError: there is no such account.
        RunStateError: it is the last owner.
        StorageError: the register can't be written.
    """
    known, here, person = register(), acting().workspace, named_account(name).person
    known.workspaces.set_role(here, person.id, role)
    if not allows(role, Action.EDIT):
        known.links.revoke_of(person.name, here)


@asks(Action.OWN)
def remove_member(name: str) -> None:
    """Let somebody no more into the workspace in which somebody acts; their links there end.

    Args:
        name: of the account.

    Raises:
        NotFoundError: there is no such member.
        RunStateError: it is the last owner.
        StorageError: the register can't be written.
    """
    known, here, person = register(), acting().workspace, named_account(name).person
    known.workspaces.remove_member(here, person.id)
    known.links.revoke_of(person.name, here)


@asks(Action.ADMINISTER)
def delete_workspace(workspace: str) -> Workspace:
    """Delete a workspace with all that it holds, also one whose database is damaged.

    Args:
        workspace: its id or title.

    Raises:
        BadInputError: it is the one that is always there.
        ForeignDatabaseError: its database is another program's or of a later version of cnnlab.
        RunStateError: runs train or wait in it, or a search or other work isn't done.
        NotFoundError: there is no such workspace.
        StorageError: register or folder can't be written.
    """
    found = register().workspaces.find(workspace)
    if found.id == DEFAULT_WORKSPACE:
        raise BadInputError(f"The workspace {DEFAULT_WORKSPACE} stays: delete what it holds.")
    with acting_as(replace(LOCAL, workspace=found.id)):
        _check_idle(found.title)
        delete_workplace(lambda: register().workspaces.delete(found.id))
    return found


def _check_idle(title: str) -> None:
    """Refuse where something is under way in the workspace in which one acts."""
    try:
        stores = workplace()
    except DamagedDatabaseError:  # nothing can begin there, nor be stopped
        _check_no_worker(home_here(), title)
    else:
        _check_nothing_waits(stores, title)


def _check_no_worker(home: Home, title: str) -> None:
    jobs = (job.files for job in queued_jobs(home))
    if any(one.is_alive() for one in (*map(Attempt, home.runs.glob("*/attempt-*")), *jobs)):
        raise RunStateError(
            f"The database of the workspace {title!r} can't be opened, and a worker is still busy "
            "there: wait until it has ended."
        )


def _check_nothing_waits(stores: Workplace, title: str) -> None:
    busy = [run for run in stores.runs.list() if not run.status.is_ended]
    named = f"of the workspace {title!r}"
    if busy:
        raise RunStateError(f"{counted(len(busy), 'run')} {named} train or wait: stop them first.")
    if searches := SearchStore(stores.home).due():
        many = counted(len(searches), "search", "searches")
        raise RunStateError(f"{many} {named} go on: stop them first.")
    if not queue_is_empty(stores.home):
        raise RunStateError(
            f"Other work than training, such as an import or a test, is under way in the workspace "
            f"{title!r}: wait until it is done, or cancel it."
        )
