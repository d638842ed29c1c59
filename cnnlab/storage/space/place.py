"""Whether a home folder may be made where it is wanted: not in the place of a disk that is away."""

import os
from pathlib import Path

from cnnlab.domain.errors import StorageError

FSTAB = Path("/etc/fstab")
_PLACES_OF_DISKS = {
    Path("/mnt"): 1,
    Path("/media"): 2,
    Path("/run/media"): 2,
    Path("/Volumes"): 1,
}
"""Below these, so many folders deep, folders come and go with their disks."""

_OTHERWISE = "or set CNNLAB_HOME to another folder"


def check_place(root: Path) -> None:
    """See that a home may be made where there is none.

    Made in the place of a disk that isn't connected, it would be an empty lab, on another disk.

    Args:
        root: the home folder that is wanted; not there as yet, or empty.

    Raises:
        StorageError: it may not be; the message says what to do.
    """
    if root.is_symlink() and not root.exists():
        raise StorageError(
            f"The home folder {root} is a link to {root.readlink()}, which isn't there: connect "
            f"(mount) its disk, {_OTHERWISE}."
        )
    file = next((path for path in (root, *root.parents) if path.is_file()), None)
    if file:
        raise StorageError(
            f"The home folder can't be {root}, because {file} is a file: move it away, "
            f"{_OTHERWISE}."
        )
    if disk := _missing_disk(root):
        raise StorageError(
            f"The home folder {root} isn't there, and neither is the disk {disk}: connect it "
            f"(mount {disk}), {_OTHERWISE}. No new home is made in its place."
        )


def _missing_disk(root: Path) -> Path | None:
    """Where the disk should be mounted on which a folder lies; None where none is missing."""
    listed = _listed_mounts()
    for path in (root, *root.parents):
        if str(path) in listed and not os.path.ismount(path):
            return path
    for place, depth in _PLACES_OF_DISKS.items():
        if place in root.parents:
            disk = place / Path(*root.relative_to(place).parts[:depth])
            if disk != root and not disk.exists():
                return disk
    return None


def _listed_mounts() -> set[str]:
    """The mount points that the system's table lists, the root aside."""
    try:
        lines = FSTAB.read_text().splitlines()
    except OSError:
        return set()
    fields = [line.split() for line in lines if not line.lstrip().startswith("#")]
    return {words[1] for words in fields if len(words) > 1} - {"/", "none", "swap"}
