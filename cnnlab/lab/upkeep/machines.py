"""Where runs train: the machines, what is on them, what runs where, and whether they are fit."""

import functools
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cnnlab.domain.errors import ConfigError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.files import read_json, write_json
from cnnlab.lab.workplace import Workplace, workplace
from cnnlab.machine import cpu_threads, free_memory_bytes, memory_bytes
from cnnlab.runner.cluster.address import CLUSTER, Address, cluster_address
from cnnlab.runner.cluster.api import RayApi
from cnnlab.runner.cluster.checking import Asked, Checked, ask_node, read_answer
from cnnlab.runner.cluster.nodes import Node, read_nodes
from cnnlab.runner.executors.ray_jobs import NOTE
from cnnlab.runner.executors.this_machine import list_gpus
from cnnlab.worker.node_check import node_facts, own_versions

CHECK_SECONDS = 90.0
"""A node that has no answer by then is called silent; a busy one takes ten seconds."""

_LOOK_SECONDS = 0.2

_GPU_SECONDS = 60.0
"""For so long this machine's GPUs aren't listed again: each time a program is started for that."""


@dataclass(frozen=True)
class Machine:
    """One on which runs may train.

    Attributes:
        id: the cluster's; empty for this machine.
        name: as its administrator knows it.
        kind: of its GPUs, such as `A100`; `GPU` where that isn't told, `cpu` where it has none.
        is_head: whether the cluster's head is there.
        cpus: that may be used.
        gpus: likewise.
        memory_bytes: likewise.
        free_cpus: that nobody uses; None where that isn't known.
        free_gpus: likewise.
        free_memory_bytes: likewise.
        runs: that train there now.
    """

    id: str
    name: str
    kind: str
    is_head: bool
    cpus: float
    gpus: float
    memory_bytes: float
    free_cpus: float | None
    free_gpus: float | None
    free_memory_bytes: float
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Machines:
    """All of them, at one moment.

    Attributes:
        address: of the cluster's dashboard; empty where runs train on this machine.
        problem: why the cluster can't be used, in words that say what to do; empty where it can.
        machines: that are there.
        elsewhere: runs that train while it isn't known on which of them.
    """

    address: str
    problem: str
    machines: tuple[Machine, ...]
    elsewhere: tuple[Run, ...] = ()


@dataclass(frozen=True)
class MachineCheck:
    """What the check of one machine found.

    Attributes:
        id: see `Machine`.
        name: likewise.
        is_fit: whether runs are sent there.
        problems: what is wrong, a sentence each; none where all is well.
        skew_seconds: how far its clock is ahead of this machine's, as far as that can be told.
        versions: by name (`Python`, `keras`, ...); none where it didn't answer.
        gpus: what its driver calls its GPUs.
        cpu: what its CPU calls itself.
        memory_bytes: that there are.
        storage_free_bytes: where runs are kept.
        temporary_free_bytes: where it keeps temporary files.
    """

    id: str
    name: str
    is_fit: bool
    problems: tuple[str, ...]
    skew_seconds: float = 0.0
    versions: Mapping[str, str] | None = None
    gpus: tuple[str, ...] = ()
    cpu: str = ""
    memory_bytes: int = 0
    storage_free_bytes: int = 0
    temporary_free_bytes: int = 0


def view_machines(places: Sequence[Workplace] = ()) -> Machines:
    """The machines on which runs train now: those of the cluster, else this one.

    Args:
        places: of the workspaces whose runs are told; none is the one in which somebody acts.

    Raises:
        StorageError: the home can't be read.
    """
    running = [
        _Training(run, place.home.attempt(run.id, run.attempt))
        for place in places or [workplace()]
        for run in place.runs.list(Status.RUNNING)
    ]
    try:
        address = cluster_address()
        if address is None:
            return Machines("", "", (_this_machine(running),))
        return _on_cluster(address, running)
    except (ConfigError, StorageError) as error:  # away, or the token's file can't be read
        return Machines(os.environ.get(CLUSTER, ""), str(error), (), _runs_of(running))


def check_machines(
    on_answer: Callable[[int, int], object] = lambda done, total: None,
    seconds: float = CHECK_SECONDS,
) -> list[MachineCheck]:
    """Have every machine say what it is like, by a small job there; keep what was found.

    It returns when all have answered or the time is over: call it where somebody waits.

    Args:
        on_answer: is told how many machines of how many have answered.
        seconds: for how long to wait.

    Raises:
        ConfigError: the address or the token's file can't be used.
        OutOfReachError: the cluster doesn't answer, or may not be used.
        StorageError: the home can't be written.
    """
    address, home = cluster_address(), workplace().home
    if address is None:
        facts = node_facts(home.root)
        found = [_in_words("", facts["host"], Checked(facts, 0.0, (), is_fit=True))]
        on_answer(1, 1)
    else:
        api = RayApi(address)
        api.see_door()
        nodes = [node for node in read_nodes(api) if node.cpus > 0]
        found = _answers(api, {node.id: node for node in nodes}, on_answer, seconds)
    kept = {"at": time.time(), "machines": [asdict(check) for check in found]}
    write_json(home.own / "machines-check.json", kept)
    return found


def last_check() -> tuple[float, list[MachineCheck]] | None:
    """When the machines were checked last, in seconds since 1970, and what was found.

    Raises:
        StorageError: the home can't be read.
    """
    path = workplace().home.own / "machines-check.json"
    if not path.exists():
        return None
    kept = read_json(path)
    return kept["at"], [_read(values) for values in kept["machines"]]


def expected_versions() -> dict[str, str]:
    """What this machine has, and every other one must have too."""
    return own_versions()


def _read(values: dict[str, Any]) -> MachineCheck:
    lists = {name: tuple(values[name]) for name in ("problems", "gpus")}
    return MachineCheck(**values | lists)


class _Training(NamedTuple):
    """A run that trains, and the folder of its attempt."""

    run: Run
    attempt: Path


def _runs_of(running: Iterable[_Training]) -> tuple[Run, ...]:
    return tuple(one.run for one in running)


def _this_machine(running: list[_Training]) -> Machine:
    gpus = _gpus_at(int(time.monotonic() / _GPU_SECONDS))
    return Machine(
        "", "This machine", "GPU" if gpus else "cpu", False, cpu_threads(), gpus, memory_bytes(),
        None, None, free_memory_bytes(), _runs_of(running),
    )  # fmt: skip


@functools.lru_cache(maxsize=1)
def _gpus_at(_: int) -> int:
    """How many GPUs this machine has, by the number of the minute."""
    return len(list_gpus())


def _on_cluster(address: Address, running: list[_Training]) -> Machines:
    api = RayApi(address)
    api.see_door()
    nodes, there = read_nodes(api), _nodes_of(api, running)
    ids = {node.id for node in nodes}
    rows = [
        _machine(node, _runs_of(one for one in running if there.get(one.run.id) == node.id))
        for node in nodes
    ]
    elsewhere = _runs_of(one for one in running if there.get(one.run.id) not in ids)
    return Machines(address.url, "", tuple(rows), elsewhere)


def _machine(node: Node, runs: tuple[Run, ...]) -> Machine:
    return Machine(
        node.id, node.name, node.kind, node.is_head, node.cpus, node.gpus, node.memory_bytes,
        node.free_cpus, node.free_gpus, node.free_memory_bytes, runs,
    )  # fmt: skip


def _nodes_of(api: RayApi, running: list[_Training]) -> dict[str, str]:
    """By run the id of the node that it is on."""
    known = api.submissions()
    found = {}
    for run, attempt in running:
        note = attempt / NOTE
        name = read_json(note)["submission"] if note.exists() else ""
        if name in known:
            found[run.id] = known[name].node
    return found


def _answers(
    api: RayApi, nodes: dict[str, Node], on_answer: Callable[[int, int], object], seconds: float
) -> list[MachineCheck]:
    home = workplace().home
    asked: dict[str, Asked] = {name: ask_node(api, home, node) for name, node in nodes.items()}
    found: dict[str, Checked] = {}
    end = time.monotonic() + seconds
    while len(found) < len(nodes) and time.monotonic() < end:
        for name in nodes.keys() - found.keys():
            if (checked := read_answer(api, nodes[name], asked[name])) is not None:
                found[name] = checked
                on_answer(len(found), len(nodes))
        time.sleep(_LOOK_SECONDS)
    words = f"It had no answer within {seconds:.0f} s: see it in Ray's dashboard."
    late = Checked(None, 0.0, (words,), is_fit=False)
    return [_in_words(name, node.name, found.get(name, late)) for name, node in nodes.items()]


def _in_words(machine: str, name: str, checked: Checked) -> MachineCheck:
    facts = checked.facts
    if facts is None:
        return MachineCheck(machine, name, checked.is_fit, checked.problems)
    return MachineCheck(
        machine, facts["host"] or name, checked.is_fit, checked.problems, checked.skew_seconds,
        facts["versions"], tuple(facts["gpus"]), facts["cpu"], facts["memory_bytes"],
        facts["storage_free_bytes"], facts["temporary_free_bytes"],
    )  # fmt: skip
