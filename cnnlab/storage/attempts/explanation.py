"""Where the model of an attempt looks: the folder of a job, and the checks of the methods.

explanations/KEY/maps.npz        the maps, and the pictures as the network sees them
explanation-check-METHOD-3.json  what came of shuffling the weights, once for each method; the
                                 number is the form of the maps
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.domain.errors import DamagedError
from cnnlab.domain.explaining.methods import MAPS_FORM
from cnnlab.domain.records.explanation import ShuffleCheck
from cnnlab.files import read_json, write_atomically, write_json
from cnnlab.storage.arrays import of_one_length, read_arrays
from cnnlab.storage.job_folder import JobFolder


class StoredMaps(NamedTuple):
    """Maps with their pictures.

    Attributes:
        values: (N, h, w) float32, see `Maps` of `cnnlab.training.explaining`.
        squares: (N, H, W, C) uint8, prepared as for training.
    """

    values: np.ndarray
    squares: np.ndarray


class ExplanationFolder(JobFolder):
    """Paths, state and control files of the job that explains pictures.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.maps = folder / "maps.npz"

    def write_maps(self, maps: StoredMaps) -> None:
        """Keep the maps, with three digits each; on the disk when this returns.

        Raises:
            StorageError: the disk is full.
        """
        most = np.abs(maps.values).max(axis=(1, 2), keepdims=True)
        scale = np.where(most > 0, most, 1)  # a logit may be larger than half precision holds
        write_atomically(
            self.maps,
            lambda file: np.savez_compressed(
                file,
                shares=(maps.values / scale).astype(np.float16),
                scale=scale.astype(np.float32),
                squares=maps.squares,
            ),
        )

    def read_maps(self) -> StoredMaps:
        """The maps.

        Raises:
            DamagedError: the file is missing or isn't what was written.
            StorageError: it can't be read at the moment.
        """
        stored = read_arrays(self.maps, ("shares", "scale", "squares"))
        shares, scale, squares = stored.values()
        of_one_length(self.maps, shares, scale, squares)
        return StoredMaps(shares.astype(np.float32) * scale, squares)


def explanations_folder(attempt: Path) -> Path:
    """Where the jobs that explain pictures with an attempt's model have their folders."""
    return attempt / "explanations"


def write_check(attempt: Path, check: ShuffleCheck) -> None:
    """Keep what came of shuffling the weights.

    Raises:
        StorageError: the disk is full.
    """
    write_json(_check_file(attempt, check["method"]), check)


def read_check(attempt: Path, method: str) -> ShuffleCheck | None:
    """What was kept; None where it has to be made: there is none, or a damaged or an earlier form.

    Raises:
        StorageError: it can't be read at the moment.
    """
    path = _check_file(attempt, method)
    try:
        found: ShuffleCheck | None = read_json(path) if path.exists() else None
    except DamagedError:
        return None
    return found if found and found.keys() >= ShuffleCheck.__required_keys__ else None


def _check_file(attempt: Path, method: str) -> Path:
    return attempt / f"explanation-check-{method}-{MAPS_FORM}.json"
