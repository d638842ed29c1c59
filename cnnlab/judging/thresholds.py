"""What becomes of a model's answers if an image counts as a class from a probability on."""

from typing import TypedDict

import numpy as np

from cnnlab.domain.metrics import confusion_matrix
from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.shares import wilson


class AtThreshold(TypedDict):
    """One class against the rest from a threshold on.

    Attributes:
        true_positives: images of the class with at least that probability of it.
        false_positives: images of other classes with at least that probability.
        true_negatives: images of other classes below it.
        false_negatives: images of the class below it.
        precision: of the images that count as the class; undefined where none does.
        recall: of the images of the class; undefined without any.
        false_positive_rate: of the other images; undefined without any.
    """

    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    precision: Measured
    recall: Measured
    false_positive_rate: Measured


def at_threshold(
    probabilities: np.ndarray, labels: np.ndarray, label: int, threshold: float
) -> AtThreshold:
    """Count what a threshold makes of one class against the rest.

    Args:
        probabilities: (N, classes) float.
        labels: (N,) int.
        label: of the class.
        threshold: 0..1, from which on (it included) an image counts as the class.
    """
    counted, true = probabilities[:, label] >= threshold, labels == label
    hits, alarms = int((counted & true).sum()), int((counted & ~true).sum())
    positives = int(true.sum())
    negatives = len(labels) - positives
    return {
        "true_positives": hits,
        "false_positives": alarms,
        "true_negatives": negatives - alarms,
        "false_negatives": positives - hits,
        "precision": wilson(hits, hits + alarms),
        "recall": wilson(hits, positives),
        "false_positive_rate": wilson(alarms, negatives),
    }


def confusion_at_threshold(
    probabilities: np.ndarray, labels: np.ndarray, label: int, threshold: float
) -> np.ndarray:
    """The confusion matrix if an image counts as one class from a threshold on.

    Below it the image is taken for the most probable of the other classes.

    Args:
        probabilities: (N, classes) float, at least two classes.
        labels: (N,) int.
        label: of the class with the threshold.
        threshold: 0..1.

    Returns:
        (classes, classes) int64 counts; a row is a true class, a column a predicted one.
    """
    return confusion_matrix(
        predicted_at_threshold(probabilities, label, threshold), labels, probabilities.shape[1]
    )


def predicted_at_threshold(probabilities: np.ndarray, label: int, threshold: float) -> np.ndarray:
    """(N,) int64, the class that each image is then taken for; arguments as above."""
    others = probabilities.copy()
    others[:, label] = -1.0
    counted = probabilities[:, label] >= threshold
    return np.where(counted, label, others.argmax(axis=1))
