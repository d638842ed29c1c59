"""What units react to: the pictures that excite each most, and how far it tells classes apart."""

from typing import NamedTuple

import numpy as np

TOP_PICTURES = 8
FEWEST_OF_CLASS = 5
"""With fewer images of each class on average nobody can tell how far a unit tells them apart."""


class UnitTraits(NamedTuple):
    """What U units do on N pictures.

    Attributes:
        pictures: (U, K) int, places of the pictures that excite it most, the most exciting first.
        excitements: (U, K) float32, how far each does.
        separation: (U,) float32, 0..1: the share of the variance of its excitement that lies
            between the classes (eta squared) among these pictures; 0 where it doesn't vary. With
            few pictures of each class it is large by chance: see `share_between_classes`.
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


def share_between_classes(separation: np.ndarray, images: int, classes: int) -> np.ndarray | None:
    """The share of the variance that lies between classes, without what chance adds to it.

    Noise alone has an eta squared of (classes - 1) / (images - 1) on average: 10 % of 1,000 classes
    with 10 images each. Epsilon squared takes that away (Kelley 1935, An unbiased correlation ratio
    measure, PNAS 21, 554-559): 1 - (1 - eta squared) (images - 1) / (images - classes).

    Args:
        separation: (U,) 0..1, eta squared.
        images: that it was measured on.
        classes: that these are of.

    Returns:
        (U,) 0..1, what is below 0 as 0; None where a class has fewer than 5 images on average.
    """
    if images < max(1, FEWEST_OF_CLASS * classes) or images <= classes:
        return None
    share = 1 - (1 - separation.astype(np.float64)) * (images - 1) / (images - classes)
    clipped: np.ndarray = np.clip(share, 0, 1)
    return clipped
