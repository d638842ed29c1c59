"""The folder of a look at augmented images: that of its job, with examples of what was found.

pictures.npz  by `FINDING-PAIR`: (M, 3, H, W, C) uint8, see `GuardFolder.write_pictures`
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cnnlab.files import write_atomically
from cnnlab.storage.arrays import read_arrays
from cnnlab.storage.job_folder import JobFolder


class GuardFolder(JobFolder):
    """Paths, state and control files of the job, and its pictures.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.pictures = folder / "pictures.npz"

    def write_pictures(self, pictures: Mapping[tuple[int, int], np.ndarray]) -> None:
        """Keep examples of every pair of every finding; on the disk when this returns.

        Args:
            pictures: by the numbers of a finding and of its pair (M, 3, H, W, C) uint8: images, the
                same augmented, and one of the class that they are taken for.

        Raises:
            StorageError: the disk is full.
        """
        named = {f"{finding}-{pair}": shown for (finding, pair), shown in pictures.items()}
        write_atomically(
            self.pictures, lambda file: np.savez_compressed(file, allow_pickle=False, **named)
        )

    def read_pictures(self, finding: int, pair: int) -> np.ndarray:
        """The examples of one pair, (M, 3, H, W, C) uint8.

        Raises:
            DamagedError: the file is missing, isn't what was written, or has no such pair.
            StorageError: it can't be read at the moment.
        """
        name = f"{finding}-{pair}"
        return read_arrays(self.pictures, (name,))[name]
