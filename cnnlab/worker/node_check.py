"""`python -m cnnlab.worker.node_check FILE`: what a node is like, written where the app reads it.

The file is written as everything is: beside, brought to the disk, renamed. So that it can be read
elsewhere says that this storage does what runs rely on.
"""

import importlib.metadata
import platform
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

import cnnlab
from cnnlab.environment import nvidia_gpus
from cnnlab.files import write_json
from cnnlab.machine import cpu_name, cpu_threads, memory_bytes
from cnnlab.worker.bucket_check import bucket_problem

_PACKAGES = {"keras": ("keras",), "tensorflow": ("tensorflow", "tensorflow-cpu")}


class NodeFacts(TypedDict):
    """What a node says of itself.

    Attributes:
        host: its name.
        versions: see `own_versions`.
        gpus: names of its NVIDIA GPUs.
        cpu: what its CPU calls itself.
        cpus: threads that run at the same time.
        memory_bytes: that there are.
        storage_free_bytes: where runs are kept.
        temporary_free_bytes: where it keeps temporary files.
        bucket_problem: why it can't read the bucket; empty where it can, or none is named.
        time: seconds since 1970 on its clock, just before this was written.
    """

    host: str
    versions: dict[str, str]
    gpus: list[str]
    cpu: str
    cpus: int
    memory_bytes: int
    storage_free_bytes: int
    temporary_free_bytes: int
    bucket_problem: str
    time: float


def own_versions() -> dict[str, str]:
    """What must be the same wherever runs of one study train; `none` for what isn't installed."""
    found = {"cnnlab": cnnlab.__version__, "Python": platform.python_version()}
    return found | {name: _version(packages) for name, packages in _PACKAGES.items()}


def node_facts(storage: Path) -> NodeFacts:
    """What this machine is like; whether it can read the bucket isn't tried.

    Args:
        storage: a folder of the storage for runs.
    """
    return {
        "host": socket.gethostname(),
        "versions": own_versions(),
        "gpus": nvidia_gpus(),
        "cpu": cpu_name(),
        "cpus": cpu_threads(),
        "memory_bytes": memory_bytes(),
        "storage_free_bytes": shutil.disk_usage(storage).free,
        "temporary_free_bytes": shutil.disk_usage(tempfile.gettempdir()).free,
        "bucket_problem": "",
        "time": time.time(),
    }


def _version(packages: tuple[str, ...]) -> str:
    for name in packages:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "none"


def main() -> None:
    """Write the facts to the file that is named."""
    path = Path(sys.argv[1])
    facts: Any = node_facts(path.parent) | {"bucket_problem": bucket_problem(writes=False)}
    write_json(path, facts)


if __name__ == "__main__":
    main()
