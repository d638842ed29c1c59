"""The machines as an admin looks at them: what they have, what runs where, whether they are fit."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.lab.access.acting import LOCAL, acting, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.upkeep.doctor import Check, examine
from cnnlab.lab.upkeep.everywhere import of_all_workplaces, workspace_titles
from cnnlab.lab.upkeep.machines import (
    Machine,
    MachineCheck,
    check_machines,
    expected_versions,
    last_check,
    view_machines,
)
from cnnlab.storage.home import open_home


@dataclass(frozen=True)
class RunThere:
    """A run that trains on a machine.

    Attributes:
        run: its id.
        title: of the workspace that it belongs to.
        name: what it is called, where whoever looks is in that workspace; else empty.
    """

    run: str
    title: str
    name: str


@dataclass(frozen=True)
class Node:
    """A machine, and what is known of it.

    Attributes:
        machine: as the cluster tells.
        runs: that train there.
        free_disk_bytes: where runs are kept, when it was looked at last; None if it never was.
        versions: of what must be the same everywhere, likewise; empty if it never was.
        check: what its last check found; None if there was none.
    """

    machine: Machine
    runs: list[RunThere]
    free_disk_bytes: int | None
    versions: Mapping[str, str]
    check: MachineCheck | None


@dataclass(frozen=True)
class Nodes:
    """All machines at one moment.

    Attributes:
        address: of the cluster's dashboard; empty where runs train on this machine.
        problem: why the cluster can't be used; empty where it can.
        nodes: that are there.
        elsewhere: runs that train while it isn't known on which of them.
        checked_seconds_ago: since the last check; None if there was none.
    """

    address: str
    problem: str
    nodes: list[Node]
    elsewhere: list[RunThere]
    checked_seconds_ago: float | None


@dataclass(frozen=True)
class Findings:
    """What a check has found.

    Attributes:
        machines: one after another.
        here: of the machine on which the app runs, by what was looked at.
    """

    machines: list[MachineCheck]
    here: Mapping[str, Check]


@asks(Action.ADMINISTER, is_noted=False)
def view_nodes() -> Nodes:
    """The machines on which runs train.

    Raises:
        NotAllowedError: whoever asks is no admin.
        StorageError: a home can't be read.
    """
    here = acting().workspace
    with acting_as(LOCAL):
        places = list(of_all_workplaces(lambda place: (place, place.runs.list(Status.RUNNING))))
        titles = workspace_titles()
        found, kept = view_machines([place for place, _ in places]), last_check()
    of = {run.id: place.home.workspace for place, running in places for run in running}

    def named(run: Run) -> RunThere:
        workspace = of.get(run.id, "")  # empty: it ended between both looks
        name = run.name if workspace == here else ""
        return RunThere(run.id, titles.get(workspace, ""), name)

    checks = {check.id: check for check in kept[1]} if kept else {}
    nodes = [
        _node(machine, [named(run) for run in machine.runs], checks.get(machine.id))
        for machine in found.machines
    ]
    ago = max(0.0, time.time() - kept[0]) if kept else None
    elsewhere = [named(run) for run in found.elsewhere]
    return Nodes(found.address, found.problem, nodes, elsewhere, ago)


def _node(machine: Machine, runs: list[RunThere], check: MachineCheck | None) -> Node:
    if not machine.id:  # this one can be looked at
        return Node(machine, runs, open_home().free_bytes(), expected_versions(), check)
    free = check.storage_free_bytes if check and check.versions else None
    return Node(machine, runs, free, (check and check.versions) or {}, check)


@asks(Action.ADMINISTER)
def check_nodes(on_answer: Callable[[int, int], object]) -> Findings:
    """Have every machine say what it is like, and look at this one; it takes up to some minutes.

    Args:
        on_answer: is told how many machines of how many have answered.

    Raises:
        NotAllowedError: whoever asks is no admin.
        ConfigError: the cluster's address or token can't be used.
        OutOfReachError: the cluster doesn't answer, or may not be used.
        StorageError: the home can't be written.
    """
    with acting_as(LOCAL):
        return Findings(check_machines(on_answer), examine())
