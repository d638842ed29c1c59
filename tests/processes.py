"""The processes of this machine, whoever knows of them."""

from pathlib import Path


def processes_with(*words):
    """Ids of those whose command line has all these words in it."""
    wanted, found = [str(word).encode() for word in words], []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if all(word in line for word in wanted):
            found.append(int(entry.name))
    return found
