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


def certain(labels, predicted, classes):
    """Predictions with probabilities of exactly 0 and 1."""
    labels = np.asarray(labels)
    probabilities = np.eye(classes, dtype=np.float32)[np.asarray(predicted)]
    return Predictions(np.arange(len(labels)), labels, probabilities)


EXTREMES = {
    "all right": certain([0, 1, 2] * 20, [0, 1, 2] * 20, 3),
    "all wrong": certain([0, 1, 2] * 20, [1, 2, 0] * 20, 3),
    "all taken for one": certain([0, 1, 2] * 20, [1] * 60, 3),
    "constant": Predictions(
        np.arange(40), np.arange(40) % 4, np.full((40, 4), 0.25, dtype=np.float32)
    ),
    "an image of each class": made_predictions(5, 5),
    "one image in a class": certain([0] * 30 + [1], [0] * 29 + [1] * 2, 2),
    "one class only": certain([1] * 10, [1] * 9 + [0], 3),
    "one class only, all right": certain([1] * 10, [1] * 10, 2),
    "one image": certain([0], [1], 2),
    "two images": certain([0, 1], [1, 1], 2),
    "two classes": made_predictions(80, 2),
    "more classes than images": made_predictions(7, 30),
}


def numbers(value):
    """All measured numbers in a judgement."""
    if isinstance(value, dict):
        if set(value) == {"value", "low", "high"}:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from numbers(part)


@pytest.mark.parametrize("case", EXTREMES)
def test_extremes_are_judged(case):
    made = EXTREMES[case]
    found = made_judgement(predictions=made)
    json.dumps(found, allow_nan=False)
    assert found["images"] == len(made.labels)
    for number in numbers(found):
        if number["value"] is None:
            assert number["low"] is number["high"] is None
        else:
            assert number["low"] <= number["value"] <= number["high"]
            assert number["high"] <= max(2, found["measures"]["cross_entropy"]["high"])


def test_a_perfect_model_isnt_said_to_be_surely_perfect():
    measures = made_judgement(predictions=EXTREMES["all right"])["measures"]
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "kappa", "matthews"):
        assert measures[name]["value"] == measures[name]["high"] == 1
        assert 0.9 < measures[name]["low"] < 0.96, name


def test_the_same_predictions_are_judged_the_same(predictions, judgement):
    again = made_judgement(predictions=predictions)
    assert {**again, "seconds": 0} == {**judgement, "seconds": 0}


def test_the_worst_images_come_first(predictions, judgement):
    own = predictions.probabilities[np.arange(len(predictions.labels)), predictions.labels]
    worst = np.argsort(own, kind="stable")[:24]
    assert [row["position"] for row in judgement["top_losses"]] == [
        predictions.positions[row] for row in worst
    ]
    first = judgement["top_losses"][0]
    assert first["cross_entropy"] == pytest.approx(-np.log(own[worst[0]]))
    assert judgement["classes"].index(first["true"]) == predictions.labels[worst[0]]


def test_a_class_is_judged_as_by_scikit_learn(predictions, judgement):
    labels, probabilities = predictions.labels, predictions.probabilities
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, images = metrics.precision_recall_fscore_support(labels, predicted)
    for label, row in enumerate(judgement["per_class"]):
        true = labels == label
        assert row["images"] == images[label]
        assert row["predicted"] == (predicted == label).sum()
        expected = {
            "precision": precision[label],
            "recall": recall[label],
            "f1": f1[label],
            "roc_area": metrics.roc_auc_score(true, probabilities[:, label]),
            "average_precision": metrics.average_precision_score(true, probabilities[:, label]),
        }
        for name, value in expected.items():
            assert row[name]["value"] == pytest.approx(value, abs=1e-6), (label, name)
    matrix = metrics.confusion_matrix(labels, predicted)
    assert judgement["confusion"] == matrix.tolist()
    assert judgement["chance"] == pytest.approx(np.bincount(labels).max() / len(labels))


def test_only_validation_is_calibrated(predictions):
    assert made_judgement(predictions=predictions)["calibration"] is not None
    for split in ("train", "test"):
        assert made_judgement(split, predictions)["calibration"] is None


@pytest.mark.parametrize("classes", [10, 200])
def test_ten_thousand_images_take_about_a_second(classes):
    """0.2 and 0.9 s of CPU on the machine that this was written on."""
    seconds = made_judgement(predictions=made_predictions(10_000, classes))["seconds"]
    assert seconds < 5
