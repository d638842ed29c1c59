"""Training states on disk: which are kept, and that what is named is whole.

Kept are the states after the last two epochs and the best one, from which a run goes on; after as
many other epochs as fit into a budget, evenly spaced, from which it can be forked; and the newest
state within an epoch, until that epoch is whole. A manifest names them. It is renamed into place
after the file that is new in it and before those are removed that it no longer names: whatever it
names is whole, after a kill at any moment.

A file is a row of arrays as `numpy.save` writes them, the first of which holds the names of the
others: half the work of `numpy.savez`, which copies every array and adds a checksum of its own.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, TypedDict

import numpy as np

from cnnlab.domain.errors import StorageError
from cnnlab.files import disk_errors, read_json, share_file, write_atomically, write_json

KEPT_LAST = 2
FORK_BUDGET_BYTES = 64 * 2**20
MOST_FORK_EPOCHS = 200
"""Bounds the time that the manifest takes, where states are tiny."""

_MANIFEST = "manifest.json"
_SUFFIX = ".state"

Entry = dict[str, Any]
Arrays = Mapping[str, np.ndarray]


def save_checkpoint(
    folder: Path,
    epoch: int,
    arrays: Arrays,
    *,
    is_best: bool,
    fork_budget_bytes: int = FORK_BUDGET_BYTES,
) -> None:
    """Write the state after an epoch, then drop those that are no longer needed.

    Args:
        folder: the attempt's checkpoints.
        epoch: 0-based.
        arrays: every variable by its path.
        is_best: whether the epoch is the best so far.
        fork_budget_bytes: how much the states may take that are kept for forks alone.

    Raises:
        StorageError: the disk is full; older checkpoints stay as they were.
    """
    entry = {"epoch": epoch, "best": is_best} | _write(
        folder, f"epoch-{epoch + 1:05d}{_SUFFIX}", arrays
    )
    others = [item for item in list_checkpoints(folder) if item["epoch"] != epoch]
    _keep(folder, _thinned(folder, [*others, entry], fork_budget_bytes))


def save_within_epoch(folder: Path, epoch: int, step: int, arrays: Arrays) -> None:
    """Write the state within an epoch; it takes the place of an earlier one.

    Args:
        folder: the attempt's checkpoints.
        epoch: 0-based, the one that is being trained.
        step: how many of its steps are done, at least 1.
        arrays: every variable by its path.

    Raises:
        StorageError: the disk is full; older checkpoints stay as they were.
    """
    written = _write(folder, f"within-{epoch + 1:05d}-{step}{_SUFFIX}", arrays)
    _keep(folder, [*list_checkpoints(folder), {"epoch": epoch, "step": step} | written])


def list_checkpoints(folder: Path) -> list[Entry]:
    """The kept states after whole epochs, oldest first.

    Returns:
        `file`, `epoch`, `sha256` and `best` (when it was written) of each.
    """
    return [entry for entry in _manifest(folder) if "step" not in entry]


def load_checkpoint(folder: Path, entry: Entry) -> dict[str, np.ndarray]:
    """Read a state back and check it against its sha256.

    Raises:
        StorageError: the file is missing or damaged.
    """
    if not _is_sound(folder, entry):
        raise StorageError(
            f"The checkpoint {folder / entry['file']} is missing or damaged: start the run again."
        )
    with (folder / entry["file"]).open("rb") as file:
        names = np.load(file, allow_pickle=False)
        return {str(name): np.load(file, allow_pickle=False) for name in names}


class States(TypedDict):
    """What training needs to go on, as keywords of its `fit`; each None where there is none.

    Attributes:
        state: after the last epoch.
        best_state: after the best one.
        within_state: within the epoch after the last one, where that was begun.
    """

    state: dict[str, np.ndarray] | None
    best_state: dict[str, np.ndarray] | None
    within_state: dict[str, np.ndarray] | None


def load_states(folder: Path) -> States:
    """The states that training goes on from.

    Raises:
        StorageError: a file is missing or damaged.
    """
    entries = list_checkpoints(folder)
    best = [entry for entry in entries if entry["best"]]
    within = [entry for entry in _manifest(folder) if "step" in entry]
    return {
        "state": load_checkpoint(folder, entries[-1]) if entries else None,
        "best_state": load_checkpoint(folder, best[-1]) if best else None,
        "within_state": load_checkpoint(folder, within[0]) if within else None,
    }


def sound_checkpoints(folder: Path) -> list[Entry]:
    """The kept states that can be read back, oldest first.

    That within an epoch is the last; it counts only where the epoch before it can be read back
    too, because a user who stops the run takes the model of that one.
    """
    sound = [entry for entry in _manifest(folder) if _is_sound(folder, entry)]
    whole = [entry for entry in sound if "step" not in entry]
    last = whole[-1]["epoch"] if whole else -1
    return whole + [entry for entry in sound if "step" in entry and entry["epoch"] == last + 1]


def share_checkpoints(source: Path, entries: list[Entry], target: Path) -> None:
    """Have some checkpoints in another folder too; its manifest comes last.

    A checkpoint never changes, so that the folders can share the file; where the file system has
    no hard links, it is copied.
    """
    for entry in entries:
        share_file(source / entry["file"], target / entry["file"])
    write_json(target / _MANIFEST, entries)


def remove_leftovers(folder: Path) -> None:
    """Remove what a kill has left behind: unfinished files, and those that no manifest names."""
    named = {entry["file"] for entry in _manifest(folder)}
    with disk_errors(folder):
        for file in [*folder.glob(f"*{_SUFFIX}"), *folder.glob(".*.part")]:
            if file.name not in named:
                file.unlink(missing_ok=True)


def _manifest(folder: Path) -> list[Entry]:
    path = folder / _MANIFEST
    return read_json(path) if path.exists() else []


def _write(folder: Path, name: str, arrays: Arrays) -> Entry:
    def write(file: IO[bytes]) -> None:
        for values in (np.array(list(arrays)), *arrays.values()):
            _append(file, np.asarray(values, order="C"))

    write_atomically(folder / name, write)
    return {"file": name, "sha256": _sha256(folder / name)}


def _append(file: IO[bytes], values: np.ndarray) -> None:
    """As `numpy.save`, which doesn't say that a disk is full."""
    npy = np.lib.format
    npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(values))
    file.write(values.reshape(-1).view(np.uint8).data)


def _keep(folder: Path, entries: list[Entry]) -> None:
    before = {entry["file"] for entry in _manifest(folder)}
    write_json(folder / _MANIFEST, entries)
    for name in before - {entry["file"] for entry in entries}:
        (folder / name).unlink(missing_ok=True)


def _thinned(folder: Path, entries: list[Entry], budget_bytes: int) -> list[Entry]:
    """The entries that are kept, evenly spaced where not all of them fit into the budget."""
    best = [entry for entry in entries if entry["best"]][-1:]
    needed = entries[-KEPT_LAST:] + best
    spare = [entry for entry in entries if entry not in needed]
    sizes = {entry["file"]: _size_bytes(folder / entry["file"]) for entry in spare}
    while len(spare) > MOST_FORK_EPOCHS or sum(sizes.values()) > budget_bytes:
        epochs = [-1, *(entry["epoch"] for entry in entries)]
        gaps = dict(zip(epochs[1:], np.subtract(epochs[2:], epochs[:-2]), strict=False))
        dropped = min(spare, key=lambda entry: gaps[entry["epoch"]])
        spare.remove(dropped)
        entries = [entry for entry in entries if entry is not dropped]
        del sizes[dropped["file"]]
    return entries


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_sound(folder: Path, entry: Entry) -> bool:
    path = folder / entry["file"]
    return path.exists() and bool(_sha256(path) == entry["sha256"])


def _sha256(path: Path) -> str:
    with disk_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
