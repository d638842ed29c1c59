"""The folder of what was found inside a net: that of its job, and the arrays beside it.

arrays.npz  by their names
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.files import write_atomically
from cnnlab.storage.arrays import read_arrays
from cnnlab.storage.job_folder import JobFolder


class ArraysFolder(JobFolder):
    """Paths, state and control files of a job of which arrays come.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.arrays = folder / "arrays.npz"

    def write_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays; on the disk when this returns.

        Raises:
            StorageError: the disk is full.
        """
        named: dict[str, Any] = dict(arrays)
        write_atomically(self.arrays, lambda file: np.savez(file, **named))

    def read_arrays(self) -> dict[str, np.ndarray]:
        """The arrays by their names.

        Raises:
            DamagedError: the file is missing or isn't what was written.
            StorageError: it can't be read at the moment.
        """
        return read_arrays(self.arrays)
