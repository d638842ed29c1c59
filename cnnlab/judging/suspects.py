"""Labels that are probably wrong, found by what a model says of images that it never trained on.

Confident learning (Northcutt, Jiang and Chuang 2021, J. Artif. Intell. Res. 70, arXiv:1911.00068)
names the images that the model counts among another class with confidence. Most of a weak model's
errors are among them, so a second question is asked of each: is a wrong label likelier than a model
that errs? That is judged by how often the model errs at each confidence anyway.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Suspect

LEAST_IMAGES = 30
"""Of fewer it can't be told how often a model errs."""

_SURE = 0.8
"""Least probability that a label is wrong rather than the model."""

_CLEARLY_BETTER = 3.84
"""Of a chi-squared variable with one degree of freedom, 5 % is above it. Where wrong labels don't
explain the predictions better than that, none are taken for granted."""

_TEMPERATURES = math.log(0.25), math.log(8.0)
_SEARCH_STEPS, _SHARE_STEPS = 18, 60
_LEAST = 1e-12
_GOLDEN = (math.sqrt(5) - 1) / 2


def find_suspects(predictions: Predictions, class_names: Sequence[str]) -> list[Suspect]:
    """Find the labels that are probably wrong, the most certain first.

    Args:
        predictions: of images that the model wasn't trained on.
        class_names: in the order of the labels.
    """
    labels, probabilities = predictions.labels, predictions.probabilities
    if len(labels) < LEAST_IMAGES or len(class_names) < 2:
        return []
    counted = counted_as(probabilities, labels)
    wrong = wrong_label_probabilities(probabilities, labels)
    rows = np.flatnonzero((counted >= 0) & (counted != labels) & (wrong >= _SURE))
    own = probabilities[rows, labels[rows]]
    other = probabilities[rows, counted[rows]]
    order = np.lexsort((rows, own - other, -wrong[rows]))
    return [
        {
            "position": int(predictions.positions[rows[place]]),
            "label": class_names[labels[rows[place]]],
            "suggested": class_names[counted[rows[place]]],
            "probability": float(other[place]),
            "own_probability": float(own[place]),
        }
        for place in order
    ]


def counted_as(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class among which each image is counted with confidence, -1 for none.

    Equation 1 of the paper: the most probable of the classes whose probability is at least the mean
    that the images labelled so have of it.

    Args:
        probabilities: (N, classes) float, rows sum to 1.
        labels: (N,) int.
    """
    classes = probabilities.shape[1]
    images = np.bincount(labels, minlength=classes)
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    sums = np.bincount(labels, weights=own, minlength=classes)
    thresholds = np.where(images > 0, sums / np.maximum(images, 1), np.inf)
    # Means of equal numbers must not be above them by rounding.
    confident = probabilities >= thresholds - 1e-9
    found = np.where(confident, probabilities, -1.0).argmax(axis=1)
    return np.where(confident.any(axis=1), found, -1)


def wrong_label_probabilities(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probability that each label is wrong, by two numbers fitted to all of them.

    A label is drawn from the probabilities with a temperature, or, with a small chance, from all
    classes alike. The most likely temperature and chance are searched; the temperature says how
    often the model errs at each confidence, the chance which errors are more than it would make.

    Args:
        probabilities: (N, classes) float, rows sum to 1.
        labels: (N,) int.

    Returns:
        (N,) float64; all 0 where the chance explains nothing that the temperature doesn't.
    """
    logs = np.log(np.maximum(probabilities, _LEAST)).astype(np.float32)
    by_chance = 1.0 / probabilities.shape[1]
    fit = _most_likely(logs, labels, by_chance)
    without = _most_likely(logs, labels, by_chance, can_be_wrong=False)
    if 2 * (fit.likelihood - without.likelihood) < _CLEARLY_BETTER:
        return np.zeros(len(labels))
    by_flip = fit.share * by_chance
    found: np.ndarray = by_flip / (by_flip + (1 - fit.share) * fit.own)
    return found


class _Fit(NamedTuple):
    """What explains the labels at a temperature.

    Attributes:
        likelihood: its logarithm.
        share: of the labels that are drawn from all classes alike, 0..1.
        own: (N,) float64, probability of each label with the temperature.
    """

    likelihood: float
    share: float
    own: np.ndarray


def _most_likely(
    logs: np.ndarray, labels: np.ndarray, by_chance: float, *, can_be_wrong: bool = True
) -> _Fit:
    """The best fit of all temperatures, by golden sections (Kiefer 1953)."""

    def at(place: float) -> _Fit:
        scaled = logs / np.float32(math.exp(place))
        scaled -= scaled.max(axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        own = scaled[np.arange(len(labels)), labels].astype(np.float64) / scaled.sum(axis=1)
        share = _share(own, by_chance) if can_be_wrong else 0.0
        mixed = (1 - share) * own + share * by_chance
        return _Fit(float(np.log(np.maximum(mixed, _LEAST)).sum()), share, own)

    low, high = _TEMPERATURES
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = at(left), at(right)
    for _ in range(_SEARCH_STEPS):
        if at_left.likelihood > at_right.likelihood:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = at(right)
    return max(at_left, at_right, key=lambda fit: fit.likelihood)


def _share(own: np.ndarray, by_chance: float) -> float:
    """Most likely share of labels drawn from all classes alike (EM; Dempster et al. 1977)."""
    share = 0.05
    for _ in range(_SHARE_STEPS):
        by_flip = share * by_chance
        share = float(np.mean(by_flip / (by_flip + (1 - share) * own + _LEAST)))
    return share
