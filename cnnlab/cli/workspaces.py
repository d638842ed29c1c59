"""The commands about workspaces."""

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace

from cnnlab.cli.command import Answer, Commands, Values, deleted, keyed, listed
from cnnlab.domain.people.person import Role
from cnnlab.domain.people.workspace import Quota, Workspace
from cnnlab.domain.words import counted, data_size
from cnnlab.lab.access import workspaces
from cnnlab.lab.access.acting import acting_as, local_in

_GIGABYTE = 10**9
_NONE = "none"


def add_commands(commands: Commands) -> None:
    """Add the commands about workspaces."""
    group = commands.group("workspace", "whose data is whose")
    group.add("list", _list, "list all workspaces")
    adding = group.add("add", _add, "make a workspace")
    adding.add_argument("title", metavar="TITLE")
    members = group.add("members", _members, "list the members of a workspace, or change them")
    _add_name(members)
    members.add_argument("--add", metavar="NAME", help="let somebody in, or give another --role")
    members.add_argument("--role", choices=list(Role), type=Role, default=Role.EDITOR)
    members.add_argument("--remove", metavar="NAME", help="let somebody in no more")
    limits = group.add("quota", _quota, "say how much a workspace may take")
    _add_name(limits)
    for name, of, words in (
        ("--disk-gb", float, "gigabytes of all that it stores"),
        ("--queued-runs", int, "runs that wait at the same time"),
        ("--running-runs", int, "runs that train at the same time"),
        ("--hours-a-day", float, "hours of training in a day (UTC), all runs together"),
    ):
        kind = _limit_of(of)
        limits.add_argument(name, type=kind, metavar=f"N|{_NONE}", help=words, default=...)
    _add_name(group.add("delete", _delete, "delete a workspace with all that it holds"))


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="WORKSPACE", help="its id or title")


def _limit_of(kind: type[int] | type[float]) -> Callable[[str], float | None]:
    def limit(text: str) -> float | None:
        return None if text.lower() == _NONE else kind(text)

    limit.__name__ = "number"  # as argparse calls it where it can't be read
    return limit


def _list(_: argparse.Namespace) -> Answer:
    found = workspaces.list_workspaces()
    return listed("workspaces", [_values(one) for one in found], [_line(one) for one in found])


def _add(arguments: argparse.Namespace) -> Answer:
    made = workspaces.add_workspace(arguments.title)
    return Answer(_values(made), _line(made))


def _members(arguments: argparse.Namespace) -> Answer:
    with acting_as(local_in(arguments.name)):
        if arguments.add is not None:
            workspaces.set_member(arguments.add, arguments.role)
        if arguments.remove is not None:
            workspaces.remove_member(arguments.remove)
        found = workspaces.list_members()
    values = [{"user": each.person.name, "role": each.role} for each in found]
    return listed("members", values, [f"{each.person.name}, {each.role}" for each in found])


def _quota(arguments: argparse.Namespace) -> Answer:
    given = {
        "disk_bytes": arguments.disk_gb,
        "queued_runs": arguments.queued_runs,
        "running_runs": arguments.running_runs,
        "hours_a_day": arguments.hours_a_day,
    }
    changes = {name: value for name, value in given.items() if value is not ...}
    if changes.get("disk_bytes") is not None:
        changes["disk_bytes"] = round(changes["disk_bytes"] * _GIGABYTE)
    found = workspaces.load_workspace(arguments.name)
    changed = workspaces.set_quota(found.id, replace(found.quota, **changes)) if changes else found
    return Answer(_values(changed), _line(changed))


def _delete(arguments: argparse.Namespace) -> Answer:
    return deleted("workspace", workspaces.delete_workspace(arguments.name).title)


def _values(workspace: Workspace) -> Values:
    named = {"id": workspace.id, "title": workspace.title, "created_at": workspace.created_at}
    return keyed("workspace", named | {"quota": asdict(workspace.quota)})


def _line(workspace: Workspace) -> str:
    return ", ".join([f"{workspace.title} ({workspace.id})", *_limits(workspace.quota)])


def _limits(quota: Quota) -> list[str]:
    """What limits there are, in words."""
    words = []
    if quota.disk_bytes is not None:
        words.append(f"at most {data_size(quota.disk_bytes)}")
    if quota.queued_runs is not None:
        words.append(f"{counted(quota.queued_runs, 'run')} waiting")
    if quota.running_runs is not None:
        words.append(f"{counted(quota.running_runs, 'run')} at once")
    if quota.hours_a_day is not None:
        words.append(f"{quota.hours_a_day:g} h of training a day")
    return words
