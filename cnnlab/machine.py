"""What this process may use of the machine: CPUs and memory; a container's limits too.

Control groups set such limits. Version 2 has one tree (`memory.max`, `cpu.max`), version 1 one for
each resource; a limit holds for everything below it, so the tightest one on the way up counts.
"""

import math
import os
import resource
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
TENSORFLOW_BYTES = 2 * 2**30
"""What loading it takes of the address space; 0.7 GB of it are memory in use."""

_SHORTAGE = ("failed to map segment", "Cannot allocate memory", "MemoryError", "bad_alloc")
_GROUPS = "sys/fs/cgroup"
_LIMIT_VERSION_1 = "memory.limit_in_bytes"


def memory_shortage(said: str) -> str:
    """That the memory doesn't suffice to load TensorFlow, where that is what a message means.

    Args:
        said: what Python or the linker said; `failed to map segment from shared object` for one.

    Returns:
        Two sentences; empty where the message means something else.
    """
    if not any(words in said for words in _SHORTAGE):
        return ""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    limit = "" if most == resource.RLIM_INFINITY else f", and this process may take {_gib(most)}"
    return (
        f"There is too little memory to load TensorFlow: it takes {_gib(TENSORFLOW_BYTES)} of "
        f"address space{limit}. Raise the limit (ulimit -v unlimited, or that of the container or "
        "batch job), or end other programs, then try again."
    )


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"


def cpu_threads(root: Path = ROOT) -> int:
    """Threads that can run at the same time: at least 1, a part of a CPU counts as one.

    Args:
        root: where `proc` and `sys` are mounted.
    """
    return max(1, math.ceil(min(allowed_cpus(), _cpu_quota(root))))


def allowed_cpus() -> int:
    """CPUs that this process may run on, whatever share of their time it gets."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name(root: Path = ROOT) -> str:
    """What the CPU calls itself; empty where it doesn't say.

    Args:
        root: where `proc` and `sys` are mounted.
    """
    names = (line for line in _lines(root / "proc/cpuinfo") if line.startswith("model name"))
    return next(names, "").rpartition(":")[2].strip()


def memory_bytes(root: Path = ROOT) -> int:
    """Bytes of memory that there are, used or not, within the limits of the control groups.

    Args:
        root: where `proc` and `sys` are mounted.
    """
    folders = _group_folders(root, "memory")
    limits = (_number(folder / "memory.max", folder / _LIMIT_VERSION_1) for folder in folders)
    return int(min([_everything(root), *limits]))


def free_memory_bytes(root: Path = ROOT) -> int:
    """Bytes that this process can still take before the system or a limit stops it.

    Args:
        root: where `proc` and `sys` are mounted.
    """
    return max(0, int(min(_system_room(root), _group_room(root), _own_room(root))))


def resident_bytes(root: Path = ROOT) -> int:
    """Bytes of memory that this process holds, shared libraries included."""
    return _kilobytes(root / "proc/self/status").get("VmRSS", 0)


def _system_room(root: Path) -> int:
    """What the kernel thinks can be taken without swapping; all there is where it doesn't tell."""
    return _kilobytes(root / "proc/meminfo").get("MemAvailable", _everything(root))


def _everything(root: Path) -> int:
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _kilobytes(root / "proc/meminfo").get("MemTotal", pages)


def _group_room(root: Path) -> float:
    """Limit minus use of the tightest control group; files that it caches can be dropped."""
    rooms = [math.inf]
    for folder in _group_folders(root, "memory"):
        limit = _number(folder / "memory.max", folder / _LIMIT_VERSION_1)
        used = _number(folder / "memory.current", folder / "memory.usage_in_bytes")
        if math.isfinite(limit) and math.isfinite(used):
            rooms.append(limit - used + _cached_files(folder))
    return min(rooms)


def _cached_files(folder: Path) -> int:
    rows = dict(line.split(maxsplit=1) for line in _lines(folder / "memory.stat"))
    return int(rows.get("total_inactive_file") or rows.get("inactive_file") or 0)


def _own_room(root: Path) -> float:
    """What `ulimit` leaves of address space (-v) and of data (-d)."""
    status = _kilobytes(root / "proc/self/status")
    rooms = [math.inf]
    for kind, used in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        limit = resource.getrlimit(kind)[0]
        if limit != resource.RLIM_INFINITY:
            rooms.append(limit - status.get(used, 0))
    return min(rooms)


def _cpu_quota(root: Path) -> float:
    """CPUs of the tightest control group."""
    quotas = [math.inf]
    for folder in _group_folders(root, "cpu"):
        words = " ".join(_lines(folder / "cpu.max")).split()
        if not words:
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            words = [word for name in names for word in _lines(folder / name)]
        if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas)


def _group_folders(root: Path, controller: str) -> Iterator[Path]:
    """Our control group's folder and those above it, of both versions.

    Inside a container the path may be one that only the host can see; then the mount itself is
    our group.
    """
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mount = root / _GROUPS / (controllers or "")
        if not mount.is_dir():  # cpu,cpuacct may be mounted as cpu
            mount = root / _GROUPS / (controller if controllers else "")
        folder = mount / path.lstrip("/")
        yield from (above for above in (folder, *folder.parents) if above.is_relative_to(mount))


def _kilobytes(path: Path) -> dict[str, int]:
    """The rows `name: number kB` of a file of the kernel, in bytes."""
    rows = (line.split() for line in _lines(path))
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if row[2:] == ["kB"]}


def _number(*paths: Path) -> float:
    """The number in the first of the files that is there; infinite where it says `max`."""
    texts = [line for path in paths for line in _lines(path)[:1]]
    return int(texts[0]) if texts and texts[0].isdigit() else math.inf


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # other systems have other files
        return []
