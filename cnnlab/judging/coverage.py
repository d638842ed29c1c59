"""How right a model is if it may say that it doesn't know."""

import numpy as np

from cnnlab.domain.records.judgement import CoveragePoint
from cnnlab.judging.intervals.shares import wilson

STEPS = 20
"""From all images to the surest twentieth."""


def coverage_points(probabilities: np.ndarray, labels: np.ndarray) -> list[CoveragePoint]:
    """Accuracy on the surest images, from all of them to the surest twentieth.

    Images of equal confidence are answered together: where many are equal there are fewer points.
    El-Yaniv and Wiener 2010 (J. Mach. Learn. Res. 11) for the curve.

    Args:
        probabilities: (N, classes) float, rows sum to 1, N at least 1.
        labels: (N,) int.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence, kind="stable")
    falling, hits = confidence[order], np.cumsum(right[order])
    images = len(labels)
    wanted = np.ceil(np.arange(STEPS, 0, -1) * images / STEPS).astype(np.int64)
    answered = np.searchsorted(-falling, -falling[wanted - 1], side="right")
    return [
        {
            "coverage": count / images,
            "threshold": float(falling[count - 1]),
            "accuracy": wilson(int(hits[count - 1]), count),
        }
        for count in sorted(set(answered.tolist()), reverse=True)
    ]
