"""A judgement against plain scikit-learn, and what has no answer."""

import json

import numpy as np
import pytest
from sklearn import metrics

from cnnlab.domain.predictions import Predictions
from cnnlab.judging.judge import judge
from tests.made_judgements import made_judgement, made_predictions


def unequal(images=400, classes=7):
    """Predictions with classes of unlike size."""
    made = made_predictions(images, classes, seed=3, skill=1.5)
    kept = np.random.default_rng(0).random(images) < 1 / (1 + made.labels / 2)
    return Predictions(made.positions[kept], made.labels[kept], made.probabilities[kept])


@pytest.fixture(scope="module")
def predictions():
    return unequal()


@pytest.fixture(scope="module")
def judgement(predictions):
    return made_judgement(predictions=predictions)


def test_measures_are_those_of_scikit_learn(predictions, judgement):
    labels, probabilities = predictions.labels, predictions.probabilities
    predicted = probabilities.argmax(axis=1)
    expected = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
        "matthews": metrics.matthews_corrcoef(labels, predicted),
        "kappa": metrics.cohen_kappa_score(labels, predicted),
        "cross_entropy": metrics.log_loss(labels, probabilities),
        "brier": metrics.brier_score_loss(labels, probabilities, scale_by_half=False),
    }
    for average in ("macro", "weighted"):
        for name in ("precision", "recall", "f1"):
            score = getattr(metrics, f"{name}_score")
            expected[f"{average}_{name}"] = score(labels, predicted, average=average)
    for k in (2, 3, 4, 5):
        expected[f"top_{k}"] = metrics.top_k_accuracy_score(labels, probabilities, k=k)
    assert set(judgement["measures"]) == set(expected)
    for name, value in expected.items():
        found = judgement["measures"][name]
        assert found["value"] == pytest.approx(value, abs=1e-6), name
        assert found["low"] < found["value"] <= found["high"], name


def test_it_is_json_without_nan(judgement):
    assert json.loads(json.dumps(judgement, allow_nan=False)) == judgement


def test_a_class_without_images_is_said_and_undefined():
    made = made_predictions(60, 4)
    kept = made.labels != 2
    there = Predictions(made.positions[kept], made.labels[kept], made.probabilities[kept])
    found = judge(there, "abcd", split="test", model_epoch=None)
    json.dumps(found, allow_nan=False)
    assert found["missing_classes"] == ["c"]
    row = found["per_class"][2]
    assert row["images"] == 0
    for name in ("recall", "f1", "roc_area", "average_precision"):
        assert row[name] == {"value": None, "low": None, "high": None}
    assert found["curves"][2] == {"class": "c", "roc": None, "precision_recall": None}
