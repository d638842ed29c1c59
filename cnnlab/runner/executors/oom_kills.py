"""How often the kernel has ended a process because the memory ran out."""

from pathlib import Path

ROOT = Path("/")


def count_oom_kills(root: Path = ROOT) -> int:
    """The kernel's count: of our control group (cgroup v2) where there is one, else of the machine.

    Args:
        root: where `proc` and `sys` are mounted.

    Returns:
        A number that only grows until the machine starts again; 0 where no kernel tells.
    """
    group = root / "sys/fs/cgroup" / _own_group(root) / "memory.events"
    for path in (group, root / "proc/vmstat"):
        for line in _lines(path):
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return 0


def _own_group(root: Path) -> str:
    """Path of our control group in the version 2 tree, without the slash that it begins with."""
    rows = (line.split(":", 2) for line in _lines(root / "proc/self/cgroup"))
    return next((row[2].lstrip("/") for row in rows if row[0] == "0"), "")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # other systems have other files
        return []
