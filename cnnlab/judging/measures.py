"""All measures of a part, each with its interval."""

import numpy as np

from cnnlab.domain.metrics import confusion_matrix, cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Measured
from cnnlab.judging.intervals import wilson
from cnnlab.judging.label_measures import counts_of, label_measures
from cnnlab.judging.means import mean_with_interval, percentile_interval
from cnnlab.judging.resampling import resampled_label_measures

_LONGEST_LIST = 5
"""Of guesses among which the right one may be: top-5."""


def all_measures(predictions: Predictions, classes: int) -> dict[str, Measured]:
    """By the names that stand in `Judgement`; accuracy and top-k with Wilson's interval.

    The others have a bootstrap interval.
    """
    labels, probabilities = predictions.labels, predictions.probabilities
    predicted = probabilities.argmax(axis=1)
    images = len(labels)
    found = {"accuracy": wilson(int((predicted == labels).sum()), images)}
    values = label_measures(counts_of(confusion_matrix(predicted, labels, classes)))
    drawn = resampled_label_measures(labels, predicted, classes)
    found |= {
        name: percentile_interval(float(value), drawn[name]) for name, value in values.items()
    }
    ranks = ranks_of_truth(probabilities, labels)
    for length in range(2, min(_LONGEST_LIST + 1, classes)):
        found[f"top_{length}"] = wilson(int((ranks < length).sum()), images)
    for name, of_image in (
        ("cross_entropy", cross_entropies(probabilities, labels)),
        ("brier", brier_scores(probabilities, labels)),
    ):
        found[name] = mean_with_interval(of_image, labels)
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
