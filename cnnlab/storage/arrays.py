"""Arrays in one file, as `numpy.savez` writes them, read so that damage is told as what it is."""

import io
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cnnlab.domain.errors import DamagedError
from cnnlab.files import BROKEN_ZIP, disk_errors

_BROKEN = (
    *BROKEN_ZIP,
    *(OSError, ValueError, KeyError, IndexError, OverflowError, struct.error),
)
"""What parsing the bytes of a damaged file raises; a disk that doesn't answer is told before."""


def read_arrays(
    path: Path, names: Iterable[str] | None = None, *, remedy: str = ""
) -> dict[str, np.ndarray]:
    """Arrays by their names, as many long as they are said to be.

    Each array's checksum is compared before anything is made of its bytes: so no number that fell
    over says how much memory is asked for.

    Args:
        path: of a file written by `numpy.savez` or `numpy.savez_compressed`.
        names: which; all without them.
        remedy: what the user does about it, with which the message ends.

    Raises:
        DamagedError: the file is missing, isn't what was written or has no array of a name.
        StorageError: it can't be read at the moment.
    """
    told = f": {remedy}." if remedy else "."
    with disk_errors(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise DamagedError(f"{path} is missing{told}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as stored:
            members = [f"{name}.npy" for name in names] if names else stored.namelist()
            return {member.removesuffix(".npy"): _array(stored.read(member)) for member in members}
    except _BROKEN as error:
        raise DamagedError(f"{path} is damaged ({error!s:.100}){told}") from error


def of_one_length(path: Path, *arrays: np.ndarray) -> None:
    """Refuse arrays that tell of the same things, but not of equally many.

    Raises:
        DamagedError: they differ in length.
    """
    if len({len(array) for array in arrays}) > 1:
        raise DamagedError(f"{path} is damaged (the arrays differ in length).")


def _array(content: bytes) -> np.ndarray:
    found: np.ndarray = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return found
