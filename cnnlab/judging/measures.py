"""All measures of a part, each with its interval."""

import numpy as np

from cnnlab.domain.metrics import MOST_CROSS_ENTROPY, confusion_matrix, cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.measured import Measured
from cnnlab.judging.intervals.label_intervals import label_measures_with_intervals
from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.means import mean_with_interval

_LONGEST_LIST = 5
"""Of guesses among which the right one may be: top-5."""
_MOST_BRIER = 2.0


def all_measures(predictions: Predictions, classes: int) -> dict[str, Measured]:
    """By the names that stand in `Judgement`.

    Accuracy and top-k have Wilson's interval, the other measures of labels that of
    `label_intervals`, cross-entropy and Brier score one by the bootstrap.
    """
    labels, probabilities = predictions.labels, predictions.probabilities
    predicted = probabilities.argmax(axis=1)
    images = len(labels)
    found = label_measures_with_intervals(confusion_matrix(predicted, labels, classes))
    found["accuracy"] = wilson(int((predicted == labels).sum()), images)
    # The same number by another way.
    found["weighted_recall"] = found["accuracy"]
    ranks = ranks_of_truth(probabilities, labels)
    for length in range(2, min(_LONGEST_LIST + 1, classes)):
        found[f"top_{length}"] = wilson(int((ranks < length).sum()), images)
    losses, scores = cross_entropies(probabilities, labels), brier_scores(probabilities, labels)
    found["cross_entropy"] = mean_with_interval(losses, labels, 0.0, MOST_CROSS_ENTROPY)
    found["brier"] = mean_with_interval(scores, labels, 0.0, _MOST_BRIER)
    return found


def ranks_of_truth(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,) int, how many classes the model would say before the right one.

    Of equally probable ones the first counts as more probable, as for the class that is predicted.
    """
    own = probabilities[np.arange(len(labels)), labels][:, None]
    is_before = np.arange(probabilities.shape[1]) < labels[:, None]
    found: np.ndarray = ((probabilities > own) | ((probabilities == own) & is_before)).sum(axis=1)
    return found


def brier_scores(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,) float64, 0..2: squared distance of the probabilities from 1 for the truth, 0 else.

    Brier 1950, Mon. Weather Rev. 78: the sum over the classes, not half of it.
    """
    exact = probabilities.astype(np.float64)
    own = exact[np.arange(len(labels)), labels]
    found: np.ndarray = (exact**2).sum(axis=1) - own**2 + (1 - own) ** 2
    return found
