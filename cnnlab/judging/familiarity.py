"""Whether a picture is like those that a model was trained on, by the model's own features.

A picture whose features are far from those of its nearest training images (Sun et al. 2022,
*Out-of-Distribution Detection with Deep Nearest Neighbors*, ICML) is unlike them: what the model
says of it means little, however sure it is. From where on that is far, the validation images say:
the limit is set so that of such pictures about one in twenty is called unlike by mistake.

The features before the last layer know only what tells the classes apart, so that a strange picture
may look like one of them there. The strength of every filter on the way, over the whole picture,
counts as much: it tells noise, drawings and other cameras.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from cnnlab.domain.records.prediction import FamiliarityLimit
from cnnlab.judging.intervals.shares import CONFIDENCE

FALSE_ALARMS = 0.05
"""Share of the pictures that are like the training images and yet are called unlike."""

MOST_TRAINING, MOST_VALIDATION = 1000, 2000
"""No more images are looked at: more cost time and tell little."""

MOST_FEATURES = 1024
_NEIGHBOURS, _IMAGES_PER_NEIGHBOUR = 5, 20
_SEED = 0
_TINY = 1e-6
_LEAST_SPREAD = 0.01
"""Of a filter, compared with the mean of all."""


class Features(NamedTuple):
    """What a network makes of N pictures.

    Attributes:
        last: (N, F) float, before the last layer.
        filters: (N, C) float, the mean of every filter of the layers before over the picture; C may
            be 0.
    """

    last: np.ndarray
    filters: np.ndarray


@dataclass(frozen=True)
class Scale:
    """What makes features of the training images comparable with each other.

    Attributes:
        centre: (C,) float32, mean of every filter.
        spread: (C,) float32, standard deviation.
        sizes: (2,) float32, root mean square distance between two training images by the last
            features alone, and by the filters alone.
    """

    centre: np.ndarray
    spread: np.ndarray
    sizes: np.ndarray

    def points(self, features: Features) -> np.ndarray:
        """(N, F + C) float32; both halves count alike."""
        halves = _directions(features.last), (features.filters - self.centre) / self.spread
        scaled = [half / size for half, size in zip(halves, self.sizes, strict=True)]
        return np.concatenate(scaled, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Familiar:
    """What is known of the training images, and from where on a picture is unlike them.

    Attributes:
        scale: of the features.
        known: (M, F + C) float32, the training images.
        neighbours: the distance is that to the so-many-th nearest of them; about 1 between two
            training images.
        rank: the limit is the so-many-th smallest distance of a validation image, from 1.
        limit: what is farther is unlike.
        farther: how many validation images are.
        images: of how many.
    """

    scale: Scale
    known: np.ndarray
    neighbours: int
    rank: int
    limit: float
    farther: int
    images: int

    def distances(self, features: Features) -> np.ndarray:
        """(N,) float32 distances of pictures with these features."""
        return _distances(self.known, self.scale.points(features), self.neighbours)

    @property
    def record(self) -> FamiliarityLimit:
        """The limit, and how often it calls a picture unlike by mistake.

        Of new pictures like the validation images, the share beyond the `rank`-th of `images`
        distances has a beta distribution, whatever that of the distances is (Vovk 2012,
        *Conditional validity of inductive conformal predictors*): the interval is exact.
        """
        beyond, rest = self.images - self.rank + 1, (1 - CONFIDENCE) / 2
        low, high = scipy.special.betaincinv(beyond, self.rank, [rest, 1 - rest])
        return {
            "limit": self.limit,
            "false_alarms": self.farther / self.images,
            "low": float(low),
            "high": float(high),
            "images": self.images,
        }


def learn_familiarity(training: Features, validation: Features) -> Familiar:
    """Learn what a model's training images are like.

    Args:
        training: of M images, at least 1.
        validation: of N images, at least 1. With fewer than 19 the limit is the farthest of them,
            and nothing is called unlike, see `cnnlab.domain.data.familiarity`.
    """
    scale = _scale(training)
    known = scale.points(training)
    neighbours = max(1, min(_NEIGHBOURS, len(known) // _IMAGES_PER_NEIGHBOUR))
    distances = np.sort(_distances(known, scale.points(validation), neighbours))
    rank = min(math.ceil((1 - FALSE_ALARMS) * (len(distances) + 1)), len(distances))
    limit = float(distances[rank - 1])
    farther = int(np.sum(distances > limit))
    return Familiar(scale, known, neighbours, rank, limit, farther, len(distances))


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


def _scale(training: Features) -> Scale:
    centre = training.filters.mean(axis=0).astype(np.float32)
    spread = training.filters.std(axis=0)
    # A filter that is silent on all of them would make anything else infinitely far.
    least = _LEAST_SPREAD * max(_TINY, float(spread.mean()) if spread.size else 0.0)
    spread = np.maximum(spread, least).astype(np.float32)
    halves = _directions(training.last), (training.filters - centre) / spread
    sizes = [np.sqrt(2 * np.sum(half.var(axis=0))) for half in halves]
    return Scale(centre, spread, np.maximum(sizes, _TINY).astype(np.float32))


def _directions(features: np.ndarray) -> np.ndarray:
    """(N, F) float32 features of length 1: how strong they are says nothing of their kind."""
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
    order = generator.permutation(count)
    signs = generator.choice(np.array([-1, 1], np.float32), count)
    rows = -(-count // MOST_FEATURES)
    padded = np.zeros((len(features), rows * MOST_FEATURES), np.float32)
    padded[:, :count] = features[:, order] * signs
    sums: np.ndarray = padded.reshape(len(features), rows, MOST_FEATURES).sum(axis=1)
    return sums


def _distances(known: np.ndarray, points: np.ndarray, neighbours: int) -> np.ndarray:
    """(N,) float32 distances to the nearest but `neighbours` - 1."""
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(known**2, axis=1) - 2 * points @ known.T
    nearest = np.partition(squares, neighbours - 1, axis=1)[:, neighbours - 1]
    distances: np.ndarray = np.sqrt(np.maximum(nearest, 0)).astype(np.float32)
    return distances
