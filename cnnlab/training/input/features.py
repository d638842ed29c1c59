"""Features of images: what a frozen part of a network makes of them, computed once and kept."""

from dataclasses import dataclass

import numpy as np

from cnnlab.training.input.images import StoredImages


class FeatureRows:
    """Features of some images of a dataset, taken out by their positions in it.

    Attributes:
        shape: (N, values), N as in the dataset.
        dtype: float32.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, features: np.ndarray, positions: np.ndarray, images: int) -> None:
        """Store them.

        Args:
            features: (M, values) float32.
            positions: (M,) int, of the images that they are of.
            images: how many there are in the dataset.
        """
        self._features = features
        self._rows = np.full(images, -1)
        self._rows[positions] = np.arange(len(positions))
        self.shape = (images, features.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        """Features (M, values) float32 of the images at some positions.

        Raises:
            KeyError: they weren't computed for one of them.
        """
        rows = self._rows[positions]
        if (rows < 0).any():
            raise KeyError(positions[rows < 0][0])
        return self._features[rows]


@dataclass(frozen=True)
class AugmentedFeatures:
    """Features of augmented copies of the training images, and the copies' labels.

    Attributes:
        features: (copies, T, values) float32, by position within the training images.
        labels: (copies, T, classes) float32; a blend of two images has two classes.
    """

    features: np.ndarray
    labels: np.ndarray

    def at(self, turn: int, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What a batch holds: copy 0 in the first turn, and so on, and from the start.

        An image that comes several times in the batch is the next copy each time.

        Args:
            turn: 0-based: the epoch since the copies are read, or the step where an image may come
                several times an epoch.
            positions: (B,) int, within the training images.
        """
        copy = (turn + _earlier(positions)) % len(self.features)
        return self.features[copy, positions], self.labels[copy, positions]


def _earlier(positions: np.ndarray) -> np.ndarray:
    """(B,) int: how many equal positions come before each."""
    order = np.argsort(positions, kind="stable")
    inorder = positions[order]
    earlier = np.empty(len(positions), np.int64)
    earlier[order] = np.arange(len(positions)) - np.searchsorted(inorder, inorder)
    return earlier


Readable = np.ndarray | StoredImages | FeatureRows
"""What an array of positions takes images, or what stands for them, out of."""
