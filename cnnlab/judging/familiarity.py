"""Whether a picture is like those that a model was trained on, by the model's own features.

A picture whose features are far from those of its nearest training images (Sun et al. 2022,
*Out-of-Distribution Detection with Deep Nearest Neighbors*, ICML) is unlike them: what the model
says of it means little, however sure it is. From where on that is far, the validation images say:
the limit is set so that of such pictures about one in twenty is called unlike by mistake.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from cnnlab.domain.records.prediction import FamiliarityLimit
from cnnlab.judging.intervals import CONFIDENCE

FALSE_ALARMS = 0.05
"""Share of the pictures that are like the training images and yet are called unlike."""

MOST_TRAINING, MOST_VALIDATION = 1000, 2000
"""No more images are looked at: more cost time and tell little."""

MOST_FEATURES = 1024
_NEIGHBOURS, _IMAGES_PER_NEIGHBOUR = 10, 20
_SEED = 0
_TINY = 1e-12


@dataclass(frozen=True)
class Familiar:
    """What is known of the training images, and from where on a picture is unlike them.

    Attributes:
        known: (M, F) float32, features of training images, each of length 1.
        neighbours: the distance is that to the so-many-th nearest of them.
        rank: the limit is the so-many-th smallest distance of a validation image, from 1.
        limit: what is farther is unlike; 0..2.
        farther: how many validation images are.
        images: of how many.
    """

    known: np.ndarray
    neighbours: int
    rank: int
    limit: float
    farther: int
    images: int

    def distances(self, features: np.ndarray) -> np.ndarray:
        """(N,) float32 distances, 0..2, of pictures with these features (N, F)."""
        return _distances(self.known, _directions(features), self.neighbours)

    @property
    def record(self) -> FamiliarityLimit:
        """The limit, and how often it calls a picture unlike by mistake.

        Of new pictures like the validation images, the share beyond the `rank`-th of `images`
        distances has a beta distribution, whatever that of the distances is (Vovk 2012,
        *Conditional validity of inductive conformal predictors*): the interval is exact.
        """
        beyond, rest = self.images - self.rank + 1, (1 - CONFIDENCE) / 2
        low, high = betaincinv(beyond, self.rank, [rest, 1 - rest])
        return {
            "limit": self.limit,
            "false_alarms": self.farther / self.images,
            "low": float(low),
            "high": float(high),
            "images": self.images,
        }


def learn_familiarity(training: np.ndarray, validation: np.ndarray) -> Familiar:
    """Learn what a model's training images are like.

    Args:
        training: (M, F) float, features before the last layer, M at least 1.
        validation: (N, F) float, of the validation images, N at least 1. With fewer than 19 the
            limit is the farthest of them, and more than one in twenty is called unlike.
    """
    known = _directions(training)
    neighbours = max(1, min(_NEIGHBOURS, len(known) // _IMAGES_PER_NEIGHBOUR))
    distances = np.sort(_distances(known, _directions(validation), neighbours))
    rank = min(math.ceil((1 - FALSE_ALARMS) * (len(distances) + 1)), len(distances))
    limit = float(distances[rank - 1])
    farther = int(np.sum(distances > limit))
    return Familiar(known, neighbours, rank, limit, farther, len(distances))


def spread_over_classes(labels: np.ndarray, positions: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the images, as equally many of each class as there are; always the same.

    Args:
        labels: (N,) int, of all images.
        positions: (M,) int, those to choose from.
        most: how many.

    Returns:
        (at most `most`,) int, some of the positions, in order.
    """
    if len(positions) <= most:
        return positions
    shuffled = np.random.default_rng(_SEED).permutation(positions)
    turns = np.empty(len(shuffled), int)  # the first image of each class, then the second, ...
    for label in np.unique(labels[shuffled]):
        own = np.flatnonzero(labels[shuffled] == label)
        turns[own] = np.arange(len(own))
    chosen: np.ndarray = np.sort(shuffled[np.argsort(turns, kind="stable")[:most]])
    return chosen


def _directions(features: np.ndarray) -> np.ndarray:
    """(N, F) float32 features of length 1: how strong a picture is says nothing of its kind."""
    values = _fewer(features.astype(np.float32))
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    directions: np.ndarray = values / np.maximum(lengths, _TINY)
    return directions


def _fewer(features: np.ndarray) -> np.ndarray:
    """Features added up with random signs where they are many; angles stay about the same.

    Charikar et al. 2002, *Finding frequent items in data streams* (count sketch).
    """
    count = features.shape[1]
    if count <= MOST_FEATURES:
        return features
    generator = np.random.default_rng(_SEED)
    order, signs = (
        generator.permutation(count),
        generator.choice(np.array([-1, 1], np.float32), count),
    )
    rows = -(-count // MOST_FEATURES)
    padded = np.zeros((len(features), rows * MOST_FEATURES), np.float32)
    padded[:, :count] = features[:, order] * signs
    sums: np.ndarray = padded.reshape(len(features), rows, MOST_FEATURES).sum(axis=1)
    return sums


def _distances(known: np.ndarray, directions: np.ndarray, neighbours: int) -> np.ndarray:
    """(N,) float32 distances to the nearest but `neighbours` - 1."""
    closeness = directions @ known.T  # cosines
    nearest = -np.partition(-closeness, neighbours - 1, axis=1)[:, neighbours - 1]
    distances: np.ndarray = np.sqrt(np.maximum(2 - 2 * nearest, 0)).astype(np.float32)
    return distances
