"""The nodes of a cluster, what is free on them, and how many runs that makes room for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnnlab.domain.errors import OutOfReachError
from cnnlab.runner.cluster.api import RayApi
from cnnlab.runner.devices import ALL_GPUS, CPU, Capacity
from cnnlab.settings import CLUSTER_CPUS, CLUSTER_MEMORY_BYTES, setting

CPUS_PER_RUN, MEMORY_PER_RUN_BYTES = 2, 3 * 2**30
"""What a run asks for, where nobody says otherwise."""

GPU_CPUS = 1
"""Beside its GPU a run needs a core that feeds it."""

NODE_LABEL = "ray.io/node-id"
_KIND = "accelerator_type:"
"""What Ray calls the resource that says which kind of GPU a node has."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster that is there.

    Attributes:
        id: Ray's.
        name: as its administrator knows it, and the beginning of its id where several share it.
        ip: its address.
        is_head: whether the cluster's head is there.
        cpus: that Ray may give.
        gpus: likewise.
        kind: of its GPUs, such as `A100`; else of its CPUs, `cpu`.
        memory_bytes: that Ray may give.
        free_cpus: that nobody has.
        free_gpus: likewise.
        free_memory_bytes: likewise.
    """

    id: str
    name: str
    ip: str
    is_head: bool
    cpus: float
    gpus: float
    kind: str
    memory_bytes: float
    free_cpus: float
    free_gpus: float
    free_memory_bytes: float


@dataclass(frozen=True)
class Needs:
    """What a run asks of a node.

    Attributes:
        cpus: cores, with no GPU.
        memory_bytes: memory.
    """

    cpus: float
    memory_bytes: int

    def runs_on_cpu(self, cpus: float, memory_bytes: float) -> int:
        """How many runs fit on so much."""
        return max(0, int(min(cpus // self.cpus, memory_bytes // self.memory_bytes)))

    def runs_on_gpu(self, gpus: float, cpus: float, memory_bytes: float) -> int:
        """How many runs fit that have a GPU each."""
        rooms = gpus, cpus // GPU_CPUS, memory_bytes // self.memory_bytes
        return max(0, int(min(rooms)))


def needs() -> Needs:
    """What a run asks for, as the environment says."""
    return Needs(
        setting(CLUSTER_CPUS, CPUS_PER_RUN),
        int(setting(CLUSTER_MEMORY_BYTES, MEMORY_PER_RUN_BYTES)),
    )


def read_nodes(api: RayApi) -> list[Node]:
    """The nodes that are there, in the order of their ids.

    Raises:
        OutOfReachError: the cluster doesn't answer, refuses to, or answers what nobody understands.
    """
    try:
        usage = api.usage()
        rows = [row for row in api.nodes() if row["state"] == "ALIVE"]
        nodes = [_node(row, _usage_of(row, usage)) for row in rows]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise OutOfReachError(
            f"What the cluster says of its nodes can't be understood ({error!r}): see that "
            "CNNLAB_CLUSTER names a Ray dashboard, and that its version is one that cnnlab knows."
        ) from error
    shared = Counter(node.name for node in nodes)
    named = (
        replace(node, name=f"{node.name} ({node.id[:6]})") if shared[node.name] > 1 else node
        for node in nodes
    )
    return sorted(named, key=lambda node: node.id)


def _usage_of(
    row: Mapping[str, Any], usage: Mapping[str, Mapping[str, Sequence[float]]]
) -> Mapping[str, Sequence[float]] | None:
    """What is taken of a node; None where nothing is told of it, as of one that has just died.

    Ray tells it by id, of a cluster that `ray up` has made by address.
    """
    if not usage:  # such as without Ray's monitor: then what is there counts
        return {}
    return usage.get(row["node_id"], usage.get(row["node_ip"]))


def _node(row: Mapping[str, Any], usage: Mapping[str, Sequence[float]] | None) -> Node:
    there = row.get("resources_total") or {}
    kinds = [name.removeprefix(_KIND) for name in there if name.startswith(_KIND)]

    def free(resource: str) -> float:
        if usage is None:
            return 0.0
        taken = usage[resource][0] if resource in usage else 0.0
        return max(0.0, there.get(resource, 0.0) - taken)

    gpus = there.get("GPU", 0.0)
    return Node(
        row["node_id"], row.get("node_name") or row["node_ip"], row["node_ip"],
        bool(row.get("is_head_node")), there.get("CPU", 0.0), gpus,
        (kinds[0] if kinds else "GPU") if gpus else CPU, there.get("memory", 0.0),
        free("CPU"), free("GPU"), free("memory"),
    )  # fmt: skip


@dataclass(frozen=True)
class Places:
    """The places for runs on the nodes.

    Attributes:
        kinds: by the name of each GPU's place (`gpu:0`, ...), the kind of that GPU.
        on_cpu: how many runs fit that have no GPU.
        most_gpus: of any one node: what a run has that asks for all.
    """

    kinds: Mapping[str, str]
    on_cpu: int
    most_gpus: int

    def capacity(
        self, ours: Iterable[str], nodes: Sequence[Node], unplaced: Iterable[str] = ()
    ) -> Capacity:
        """What may be given now: whatever others have taken isn't there.

        Args:
            ours: the devices of our own runs, in Ray's hands or on their way.
            nodes: as they are now.
            unplaced: the devices of those of them whose place still counts as free on the nodes.
        """
        ours, unplaced = list(ours), list(unplaced)
        on_way = sum(self.most_gpus if name == ALL_GPUS else name != CPU for name in unplaced)
        free_gpus = max(0, sum(int(node.free_gpus) for node in nodes) - on_way)
        others = [name for name in self.kinds if name not in ours]
        asked = needs()
        free = sum(asked.runs_on_cpu(node.free_cpus, node.free_memory_bytes) for node in nodes)
        free -= unplaced.count(CPU)
        on_cpu = max(0, min(self.on_cpu, free + ours.count(CPU)))
        return Capacity(
            tuple(self.kinds), cpu_slots=on_cpu, study_slots=on_cpu,
            taken=frozenset(others[free_gpus:]), kinds=self.kinds, is_elsewhere=True,
        )  # fmt: skip


def find_places(nodes: Sequence[Node]) -> Places:
    """The places for runs on these nodes; those of one kind of GPU follow one another."""
    asked = needs()
    found = [
        (node.kind, node.id)
        for node in nodes
        for _ in range(asked.runs_on_gpu(node.gpus, node.cpus, node.memory_bytes))
    ]
    kinds = {f"gpu:{number}": kind for number, (kind, _) in enumerate(sorted(found))}
    on_cpu = sum(
        asked.runs_on_cpu(
            node.cpus - GPU_CPUS * node.gpus, node.memory_bytes - asked.memory_bytes * node.gpus
        )
        for node in nodes
    )
    most = max((int(node.gpus) for node in nodes), default=0)
    return Places(kinds, on_cpu, most)
