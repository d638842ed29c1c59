"""Training state after an epoch, on disk: the last two and the best one are kept."""

import contextlib
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.errors import StorageError
from cnnlab.files import read_json, write_atomically, write_json

KEPT_LAST = 2
_MANIFEST = "manifest.json"


def save_checkpoint(
    folder: Path, epoch: int, arrays: dict[str, np.ndarray], *, is_best: bool
) -> None:
    """Write one checkpoint and its sha256, then drop those that are no longer needed.

    The manifest is renamed into place after the file it names, so that whatever it names is whole.

    Args:
        folder: the attempt's checkpoints.
        epoch: 0-based.
        arrays: every variable by its path.
        is_best: whether the epoch is the best so far.

    Raises:
        StorageError: the disk is full; older checkpoints stay as they were.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    content = buffer.getvalue()
    entry = {
        "file": f"epoch-{epoch + 1:05d}.npz",
        "epoch": epoch,
        "sha256": hashlib.sha256(content).hexdigest(),
        "best": is_best,
    }
    write_atomically(folder / entry["file"], lambda file: file.write(content))
    entries = [item for item in list_checkpoints(folder) if item["epoch"] != epoch] + [entry]
    best = [item for item in entries if item["best"]][-1:]
    kept = entries[-KEPT_LAST:]
    kept = [item for item in best if item not in kept] + kept
    write_json(folder / _MANIFEST, kept)
    names = {item["file"] for item in kept}
    for file in folder.glob("epoch-*.npz"):
        if file.name not in names:
            file.unlink()


def list_checkpoints(folder: Path) -> list[dict[str, Any]]:
    """The kept checkpoints, oldest first: `file`, `epoch`, `sha256`, `best` (when written)."""
    path = folder / _MANIFEST
    return read_json(path) if path.exists() else []


def load_checkpoint(folder: Path, entry: dict[str, Any]) -> dict[str, np.ndarray]:
    """Read a checkpoint back and check it against its sha256.

    Raises:
        StorageError: the file is missing or damaged.
    """
    path = folder / entry["file"]
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise StorageError(f"The checkpoint {path} is missing or damaged: start the run again.")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def sound_checkpoints(folder: Path) -> list[dict[str, Any]]:
    """The kept checkpoints that can be read back, oldest first."""
    sound = []
    for entry in list_checkpoints(folder):
        with contextlib.suppress(StorageError):  # a damaged one is passed over, an older one serves
            load_checkpoint(folder, entry)
            sound.append(entry)
    return sound


def copy_checkpoints(source: Path, entries: list[dict[str, Any]], target: Path) -> None:
    """Copy some checkpoints to another folder; its manifest comes last."""
    for entry in entries:
        content = (source / entry["file"]).read_bytes()
        write_atomically(target / entry["file"], lambda file, bytes_=content: file.write(bytes_))
    write_json(target / _MANIFEST, entries)
