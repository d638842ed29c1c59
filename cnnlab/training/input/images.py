"""Prepared images that stay on the disk: each is read when it is asked for.

The system keeps in memory what fits there beside everything else, whatever sets the limit
(machine, container or shell), and a set of any size can be trained on. Compared with a memory
map, this takes no address space, reads no neighbours that nobody asked for, and lets other
threads run while it waits for the disk.
"""

import os
import weakref
from pathlib import Path

import numpy as np


class StoredImages:
    """The rows of a `.npy` file of prepared images, taken out by an array of positions.

    Attributes:
        shape: (N, H, W, C).
        dtype: uint8.
    """

    def __init__(self, path: Path) -> None:
        """Read only how large the images are.

        Args:
            path: as `numpy.save` wrote it, of a C-ordered array.
        """
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            self.shape, _, self.dtype = np.lib.format.read_array_header_1_0(file)
            self._offset = file.tell()
        self._row_bytes = int(np.prod(self.shape[1:])) * self.dtype.itemsize
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        """Read the images at some positions.

        Args:
            positions: (M,) int, 0..N-1.

        Returns:
            (M, H, W, C) uint8.

        Raises:
            OSError: the file is shorter than it says, or the disk fails.
        """
        images = np.empty((len(positions), *self.shape[1:]), self.dtype)
        for image, position in zip(images, positions, strict=True):
            if os.preadv(self._descriptor, [image], self._start(position)) != self._row_bytes:
                raise OSError(f"The prepared images end before image {position}.")
        return images

    def _start(self, position: int) -> int:
        return self._offset + int(position) * self._row_bytes
