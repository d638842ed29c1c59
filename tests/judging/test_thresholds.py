"""What a threshold does to the answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from cnnlab.domain.metrics import confusion_matrix
from cnnlab.judging.thresholds import at_threshold, confusion_at_threshold
from tests.made_judgements import made_predictions

MADE = made_predictions(200, 4, seed=5)


@given(st.integers(0, 3), st.floats(0, 1))
def test_counts_are_those_of_scikit_learn(label, threshold):
    found = at_threshold(MADE.probabilities, MADE.labels, label, threshold)
    true, counted = MADE.labels == label, MADE.probabilities[:, label] >= threshold
    expected = metrics.confusion_matrix(true, counted, labels=[False, True])
    assert [
        [found["true_negatives"], found["false_positives"]],
        [found["false_negatives"], found["true_positives"]],
    ] == expected.tolist()
    recall = metrics.recall_score(true, counted)
    assert found["recall"]["value"] == pytest.approx(recall)
    if counted.any():
        precision = metrics.precision_score(true, counted)
        assert found["precision"]["value"] == pytest.approx(precision)
    else:
        assert found["precision"]["value"] is None


@given(st.integers(0, 3), st.floats(0, 1))
def test_the_matrix_has_the_class_from_the_threshold_on(label, threshold):
    matrix = confusion_at_threshold(MADE.probabilities, MADE.labels, label, threshold)
    found = at_threshold(MADE.probabilities, MADE.labels, label, threshold)
    assert matrix.sum(axis=1).tolist() == [50] * 4
    assert matrix[:, label].sum() == found["true_positives"] + found["false_positives"]
    assert matrix[label, label] == found["true_positives"]
    # Whoever is taken for another class is so for the most probable of the others.
    for row in np.flatnonzero(MADE.probabilities[:, label] < threshold)[:3]:
        others = np.delete(MADE.probabilities[row], label).max()
        expected = int(np.flatnonzero(MADE.probabilities[row] == others)[0])
        assert matrix[MADE.labels[row], expected] > 0


def test_at_the_ends_all_images_count_or_only_sure_ones():
    sure = np.array([[1.0, 0.0], [0.6, 0.4], [0.0, 1.0]], np.float32)
    labels = np.array([0, 1, 1])
    assert confusion_at_threshold(sure, labels, 0, 0.0).tolist() == [[1, 0], [2, 0]]
    assert confusion_at_threshold(sure, labels, 0, 1.0).tolist() == [[1, 0], [0, 2]]
    assert at_threshold(sure, labels, 0, 1.0)["false_positive_rate"]["value"] == 0.0


def test_two_classes_at_a_half_are_the_plain_matrix():
    made = made_predictions(100, 2)
    plain = confusion_matrix(made.probabilities.argmax(axis=1), made.labels, 2)
    for label in (0, 1):
        found = confusion_at_threshold(made.probabilities, made.labels, label, 0.5)
        assert found.tolist() == plain.tolist()
