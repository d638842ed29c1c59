"""Curves of one class against the rest, thinned for drawing."""

import numpy as np

from cnnlab.domain.records.judgement import ClassCurves, Curve
from cnnlab.judging.ranking import Ranking

MOST_POINTS = 200
"""Of one curve; what a screen of that width can show."""
FEWEST_POINTS = 40
_ALL_POINTS = 8_000
"""Of all curves together: with more classes each has fewer points."""
_DIGITS = 6


def class_curves(name: str, ranking: Ranking, classes: int) -> ClassCurves:
    """Both curves of a class; None where the class or the rest has no image.

    Args:
        name: of the class.
        ranking: of the images by its probability.
        classes: how many there are in all.
    """
    if not ranking.positives or not ranking.negatives:
        return {"class": name, "roc": None, "precision_recall": None}
    points = max(FEWEST_POINTS, min(MOST_POINTS, _ALL_POINTS // (2 * classes)))
    recall = ranking.hits / ranking.positives
    return {
        "class": name,
        "roc": _curve(ranking.false_alarms / ranking.negatives, recall, ranking, 0.0, points),
        "precision_recall": _curve(recall, ranking.precision, ranking, 1.0, points),
    }


def _curve(x: np.ndarray, y: np.ndarray, ranking: Ranking, y_of_none: float, points: int) -> Curve:
    """A curve from where no image counts as the class to where all do.

    Args:
        x: (T,) of each threshold, rising.
        y: (T,) likewise.
        ranking: whose thresholds they are.
        y_of_none: where no image counts; x is 0 there, and the threshold given as 1.
        points: that are kept at most: such that those that follow each other are equally far apart
            along the curve.
    """
    x, y = np.concatenate([[0.0], x]), np.concatenate([[y_of_none], y])
    thresholds = np.concatenate([ranking.thresholds.dtype.type([1.0]), ranking.thresholds])
    if len(x) > points:
        length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
        kept = np.searchsorted(length, np.linspace(0, length[-1], points), side="left")
        kept = np.unique(np.minimum(kept, len(x) - 1))
        kept[-1] = len(x) - 1
        x, y, thresholds = x[kept], y[kept], thresholds[kept]
    # As few digits as name the probability: rounded ones would leave out the image that it is of.
    exact = [float(str(threshold)) for threshold in thresholds]
    return {"x": _rounded(x), "y": _rounded(y), "threshold": exact}


def _rounded(values: np.ndarray) -> list[float]:
    found: list[float] = np.round(values.astype(np.float64), _DIGITS).tolist()
    return found
