import numpy as np
import pytest

from cnnlab.domain.history import best_epoch, gap
from cnnlab.domain.metrics import (
    calibration,
    classification_report,
    confusion_matrix,
    cross_entropies,
)

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.2, 0.5, 0.3]])
LABELS = np.array([0, 1, 1, 2])


def test_cross_entropy_is_minus_log_of_the_true_class_and_finite_at_zero():
    assert cross_entropies(PROBABILITIES, LABELS)[0] == pytest.approx(-np.log(0.7))
    assert np.isfinite(cross_entropies(np.array([[0.0, 1.0]]), np.array([0]))).all()


def test_confusion_rows_are_true_classes():
    confusion = confusion_matrix(np.array([0, 1, 0, 1]), LABELS, 3)
    assert confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 0]]


def test_report_by_hand():
    report = classification_report(PROBABILITIES, LABELS, ["a", "b", "c"])
    assert report["accuracy"] == 0.5
    by_class = {row["class"]: row for row in report["per_class"]}
    assert by_class["a"]["precision"] == 0.5
    assert by_class["a"]["recall"] == 1
    assert by_class["b"]["f1"] == pytest.approx(0.5)
    assert by_class["c"] == {"class": "c", "images": 1, "precision": 0, "recall": 0, "f1": 0}
    assert report["macro"]["recall"] == pytest.approx((1 + 0.5 + 0) / 3)


def test_calibration_by_hand():
    found = calibration(PROBABILITIES, LABELS)  # 0.7 right, 0.8 right, 0.6 wrong, 0.5 wrong
    filled = {round(row["high"], 1): row for row in found["bins"] if row["images"]}
    assert [row["images"] for row in found["bins"]] == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    assert filled[0.7] == {
        "low": pytest.approx(0.6),
        "high": pytest.approx(0.7),
        "images": 1,
        "confidence": pytest.approx(0.7),
        "accuracy": 1.0,
    }
    assert filled[0.5]["accuracy"] == 0.0
    assert found["bins"][0]["confidence"] is None and found["bins"][0]["accuracy"] is None
    assert found["ece"] == pytest.approx((0.3 + 0.2 + 0.6 + 0.5) / 4)


def test_calibration_weighs_bins_by_their_images():
    probabilities = np.array([[0.94, 0.06]] * 3 + [[0.55, 0.45]])
    found = calibration(probabilities, np.array([0, 0, 1, 0]))
    assert found["ece"] == pytest.approx(0.75 * abs(2 / 3 - 0.94) + 0.25 * abs(1 - 0.55))
    assert found["bins"][9]["images"] == 3


def test_certain_and_right_is_calibrated():
    found = calibration(np.eye(3), np.arange(3))
    assert found["ece"] == 0
    assert found["bins"][9] == {
        "low": 0.9,
        "high": 1.0,
        "images": 3,
        "confidence": 1.0,
        "accuracy": 1.0,
    }
    uniform = calibration(np.full((4, 4), 0.25), np.arange(4))
    assert uniform["ece"] == 0


def _record(epoch, accuracy, cross_entropy):
    return {"epoch": epoch, "val_accuracy": accuracy, "val_cross_entropy": cross_entropy}


@pytest.mark.parametrize(
    ("records", "best"),
    [
        ([], None),
        ([_record(0, 0.5, 1.0), _record(1, 0.7, 1.2)], 1),
        ([_record(0, 0.7, 1.0), _record(1, 0.7, 0.8), _record(2, 0.7, 0.8)], 1),
        ([_record(0, None, None), _record(1, 0.1, None)], 1),
    ],
)
def test_best_epoch(records, best):
    assert best_epoch(records) == best


def test_gap_needs_both_sides():
    assert gap({"clean_accuracy": 0.9, "val_accuracy": 0.7}) == pytest.approx(0.2)
    assert gap({"clean_accuracy": 0.9, "val_accuracy": None}) is None
