"""What units react to: the pictures that excite each most, and how far it tells classes apart."""

from typing import NamedTuple

import numpy as np

TOP_PICTURES = 8


class UnitTraits(NamedTuple):
    """What U units do on N pictures.

    Attributes:
        pictures: (U, K) int, places of the pictures that excite it most, the most exciting first.
        excitements: (U, K) float32, how far each does.
        separation: (U,) float32, 0..1: the share of the variance of its excitement that lies
            between the classes (eta squared); 0 where it doesn't vary.
        favourite: (U,) int, the class that excites it most on average.
        mean: (U,) float32, of its excitement.
    """

    pictures: np.ndarray
    excitements: np.ndarray
    separation: np.ndarray
    favourite: np.ndarray
    mean: np.ndarray


def unit_traits(excitement: np.ndarray, labels: np.ndarray) -> UnitTraits:
    """What units react to.

    Args:
        excitement: (N, U) float32, the strongest value of each unit anywhere on each picture.
        labels: (N,) int, the true classes.
    """
    values = excitement.astype(np.float64)
    order = np.argsort(-values, axis=0, kind="stable")[:TOP_PICTURES]
    classes, of, counts = np.unique(labels, return_inverse=True, return_counts=True)
    sums = np.zeros((len(classes), values.shape[1]))
    np.add.at(sums, of, values)
    means, mean = sums / counts[:, None], values.mean(axis=0)
    between = (counts[:, None] * (means - mean) ** 2).sum(axis=0)
    total = ((values - mean) ** 2).sum(axis=0)
    separation = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    return UnitTraits(
        pictures=order.T,
        excitements=np.take_along_axis(values, order, axis=0).T.astype(np.float32),
        separation=np.clip(separation, 0, 1).astype(np.float32),
        favourite=classes[means.argmax(axis=0)],
        mean=mean.astype(np.float32),
    )
