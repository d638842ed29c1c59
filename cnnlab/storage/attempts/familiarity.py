"""What the training images of an attempt's model are like: one file of the attempt, made once."""

from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.errors import DamagedError
from cnnlab.files import write_atomically
from cnnlab.judging.familiarity import Familiar, Scale
from cnnlab.storage.arrays import read_arrays

_FILE = "familiarity.npz"
_SCALE = ("centre", "spread", "sizes")
_NUMBERS = ("neighbours", "rank", "limit", "farther", "images")


def write_familiarity(attempt: Path, familiar: Familiar) -> None:
    """Keep it with the attempt.

    Raises:
        StorageError: the disk is full.
    """
    arrays: dict[str, Any] = {name: np.array(getattr(familiar, name)) for name in _NUMBERS}
    arrays |= {name: getattr(familiar.scale, name) for name in _SCALE}
    arrays["known"] = familiar.known.astype(np.float16)  # half the bytes; two digits are enough
    write_atomically(attempt / _FILE, lambda file: np.savez(file, **arrays))


def read_familiarity(attempt: Path) -> Familiar | None:
    """What was kept; None where there is nothing, or it is damaged and has to be made again.

    Raises:
        StorageError: it can't be read at the moment.
    """
    path = attempt / _FILE
    try:
        stored = read_arrays(path, (*_SCALE, *_NUMBERS, "known"))
    except DamagedError:
        return None
    scale = Scale(*(stored[name] for name in _SCALE))
    numbers = {name: stored[name].item() for name in _NUMBERS}
    return Familiar(scale, stored["known"].astype(np.float32), **numbers)
