"""From which confidence on a model that is taken along is right often enough."""

import numpy as np
import pytest

from cnnlab.domain.errors import DamagedError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.temperature import scaled
from cnnlab.jobs.state import JobState, Stage
from cnnlab.judging.intervals.shares import wilson
from cnnlab.lab.exporting import calibration
from cnnlab.lab.exporting.calibration import RIGHT_ENOUGH, answering_threshold
from tests.made_judgements import made_judgement

TEMPERATURE = 2.0


def said(images, wrong_below):
    """Two classes, confidence from .5 to 1; below `wrong_below` every other answer is wrong."""
    sure = np.linspace(0.5, 0.999, images)
    labels = np.where((sure < wrong_below) & (np.arange(images) % 2 == 0), 1, 0)
    return Predictions(np.arange(images), labels, np.stack([sure, 1 - sure], 1).astype(np.float32))


@pytest.fixture
def judged(monkeypatch):
    """Has a run of this name be judged by these predictions."""

    def has(predictions):
        state = JobState(Stage.FINISHED, answer=made_judgement(predictions=predictions))
        monkeypatch.setattr(calibration, "evaluation_state", lambda run, split: state)
        monkeypatch.setattr(calibration, "evaluated_predictions", lambda run, split: predictions)
        return predictions

    return has


def test_from_the_threshold_on_enough_answers_are_right_and_below_it_too_few(judged):
    predictions = judged(said(400, 0.8))
    threshold = answering_threshold("r")
    sure, right = predictions.probabilities[:, 0], predictions.labels == 0
    assert 0.7 < threshold < 0.85
    answered = sure >= threshold
    assert wilson(int(right[answered].sum()), int(answered.sum()))["low"] >= RIGHT_ENOUGH
    more = sure >= np.quantile(sure, (sure < threshold).mean() - 0.05)  # a twentieth more
    assert wilson(int(right[more].sum()), int(more.sum()))["low"] < RIGHT_ENOUGH


def test_of_a_calibrated_file_it_is_one_of_the_calibrated_probabilities(judged):
    predictions = judged(said(400, 0.8))
    plain, calibrated = answering_threshold("r"), answering_threshold("r", TEMPERATURE)
    assert calibrated == pytest.approx(scaled(np.array([plain, 1 - plain]), TEMPERATURE)[0])
    assert calibrated in scaled(predictions.probabilities, TEMPERATURE)[:, 0]


@pytest.mark.parametrize("predictions", [said(72, 0), said(400, 1)])
def test_there_is_none_where_too_few_images_or_answers_are_right(judged, predictions):
    judged(predictions)
    assert answering_threshold("r") is None


def test_73_images_without_an_error_are_enough(judged):
    judged(said(73, 0))
    assert answering_threshold("r") == pytest.approx(0.5)


def test_there_is_none_where_nobody_has_evaluated_or_the_file_is_gone(judged, monkeypatch):
    judged(said(400, 0.8))

    def gone(run, split):
        raise DamagedError("gone")

    monkeypatch.setattr(calibration, "evaluated_predictions", gone)
    assert answering_threshold("r", TEMPERATURE) is None
    for state in (None, JobState(Stage.RUNNING)):
        monkeypatch.setattr(calibration, "evaluation_state", lambda run, split, state=state: state)
        assert answering_threshold("r") is None
