"""Plain classification metrics from class probabilities: no penalty, no smoothing."""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.records.result import (
    CalibrationBin,
    CalibrationRecord,
    ClassificationReport,
    Scores,
)

_EPSILON = 1e-7
MOST_CROSS_ENTROPY = float(-np.log(_EPSILON))
"""Nats of one image: Keras takes no probability to be less than 1e-7."""


def cross_entropies(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy of each image in nats (as Keras SparseCategoricalCrossentropy).

    Args:
        probabilities: (N, classes) float, rows sum to 1.
        labels: (N,) int.

    Returns:
        (N,) float64.
    """
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses: np.ndarray = -np.log(np.clip(chosen, _EPSILON, 1.0 - _EPSILON))
    return losses


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Share of the images whose most probable class is the right one, 0..1."""
    return float(np.mean(np.argmax(probabilities, axis=1) == labels))


def confusion_matrix(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes) int64 counts; the row is the true class, the column the predicted one."""
    pairs = labels.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def calibration(probabilities: np.ndarray, labels: np.ndarray, bins: int = 10) -> CalibrationRecord:
    """How far the confidence of a model is from how often it is right.

    Images are sorted into equal-width bins of the probability p of the predicted class, low < p <=
    high, and the expected calibration error is the mean over the images of |accuracy - confidence|
    of their bin (Guo et al. 2017, arXiv:1706.04599, equations 2 and 3). It depends on the number
    of bins and is too large on few images, so compare it between runs on the same images only.

    Args:
        probabilities: (N, classes) float, rows sum to 1, N at least 1.
        labels: (N,) int.
        bins: number of bins.

    Returns:
        JSON values: `ece` (0..1), `bins` [{`low`, `high`, `images`, `confidence` (mean p),
        `accuracy`}], the last two None where a bin has no images.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = np.argmax(probabilities, axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    number = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    counts = np.bincount(number, minlength=bins)
    sums = [np.bincount(number, values, bins) for values in (confidence, right)]
    rows: list[CalibrationBin] = [
        {
            "low": float(edges[index]),
            "high": float(edges[index + 1]),
            "images": int(count),
            "confidence": float(sums[0][index] / count) if count else None,
            "accuracy": float(sums[1][index] / count) if count else None,
        }
        for index, count in enumerate(counts)
    ]
    error = float(np.sum(np.abs(sums[1] - sums[0])) / len(labels))
    return {"ece": error, "bins": rows}


def classification_report(
    probabilities: np.ndarray, labels: np.ndarray, class_names: Sequence[str]
) -> ClassificationReport:
    """Accuracy, cross-entropy, confusion matrix, and precision, recall and F1 of every class.

    Precision of a class that was never predicted, and recall of a class without images, is 0; the
    macro means run over the classes that have images (as scikit-learn with zero_division=0).

    Args:
        probabilities: (N, classes) float.
        labels: (N,) int.
        class_names: names in the order of the labels.

    Returns:
        JSON values: `accuracy`, `cross_entropy`, `macro` {precision, recall, f1}, `per_class`
        [{class, images, precision, recall, f1}], `confusion` (rows: true class).
    """
    confusion = confusion_matrix(np.argmax(probabilities, axis=1), labels, len(class_names))
    hits = np.diag(confusion).astype(float)
    predicted, support = confusion.sum(axis=0), confusion.sum(axis=1)
    precision = np.divide(hits, predicted, out=np.zeros_like(hits), where=predicted > 0)
    recall = np.divide(hits, support, out=np.zeros_like(hits), where=support > 0)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(hits), where=total > 0)
    present = support > 0
    return {
        "accuracy": accuracy(probabilities, labels),
        "cross_entropy": float(np.mean(cross_entropies(probabilities, labels))),
        "macro": _scores(*(np.mean(values[present]) for values in (precision, recall, f1))),
        "per_class": [
            {"class": name, "images": int(images), **_scores(*of_class)}
            for name, images, *of_class in zip(
                class_names, support, precision, recall, f1, strict=True
            )
        ],
        "confusion": confusion.tolist(),
    }


def _scores(precision: np.floating, recall: np.floating, f1: np.floating) -> Scores:
    return {"precision": float(precision), "recall": float(recall), "f1": float(f1)}
