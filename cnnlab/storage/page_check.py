"""What the model says of the images by which an offline page is compared, kept beside the page.

expected.npz  positions, labels and probabilities of the images, and how many there are in all
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.files import write_atomically
from cnnlab.storage.arrays import of_one_length, read_arrays

_FILE = "expected.npz"


@dataclass(frozen=True)
class Expected:
    """What a page is compared with.

    Attributes:
        positions: (N,) int64, rows of the dataset.
        labels: (N,) int32.
        probabilities: (N, classes) float32, of the model in float32.
        of_images: how many validation images there are.
    """

    positions: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    of_images: int


def keep_expected(folder: Path, expected: Expected) -> None:
    """Write it; on the disk when this returns.

    Raises:
        StorageError: the disk is full.
    """
    write_atomically(
        folder / _FILE,
        lambda file: np.savez(
            file,
            positions=expected.positions.astype(np.int64),
            labels=expected.labels.astype(np.int32),
            probabilities=expected.probabilities.astype(np.float32),
            of_images=np.int64(expected.of_images),
        ),
    )


def holds_expected(folder: Path) -> bool:
    """Whether there is something to check a page by."""
    return (folder / _FILE).exists()


def read_expected(folder: Path) -> Expected:
    """Read it again.

    Raises:
        DamagedError: it is missing or isn't what was written.
        StorageError: it can't be read at the moment.
    """
    path = folder / _FILE
    names = ("positions", "labels", "probabilities", "of_images")
    stored = read_arrays(path, names, remedy="prepare the page again")
    of_images = stored.pop("of_images").item()
    of_one_length(path, *stored.values())
    return Expected(**stored, of_images=of_images)
