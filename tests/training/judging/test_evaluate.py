"""Predictions and the final evaluation."""

import json

import numpy as np
import pytest

from cnnlab.domain.metrics import calibration, cross_entropies
from cnnlab.training.judging.evaluate import Predictor, final_evaluation, predict
from cnnlab.training.network.model import build_model


def test_predictions_are_those_of_keras_whatever_the_batch(tiny_data, tiny_config):
    model = build_model(tiny_config(), tiny_data.image_shape, 3)
    ours = Predictor(model, batch=7)(tiny_data.images, tiny_data.validation)
    expected = model.predict(tiny_data.images[tiny_data.validation], verbose=0)
    np.testing.assert_allclose(ours, expected, atol=1e-6)


def test_final_evaluation_names_the_worst_images(tiny_data, tiny_config):
    model = build_model(tiny_config(), tiny_data.image_shape, 3)
    evaluation = final_evaluation(model, tiny_data, best_epoch=4)
    json.dumps(evaluation)
    labels = tiny_data.labels[tiny_data.validation]
    losses = cross_entropies(predict(model, tiny_data.images, tiny_data.validation), labels)
    worst = evaluation["top_losses"][0]
    assert evaluation["best_epoch"] == 4
    assert len(evaluation["top_losses"]) == 20  # there are no 24 validation images
    assert worst["position"] == tiny_data.validation[np.argmax(losses)]
    assert worst["true"] == tiny_data.class_names[tiny_data.labels[worst["position"]]]
    assert np.sum(evaluation["confusion"]) == 20


def test_final_evaluation_tells_right_from_wrong_image_by_image(tiny_data, tiny_config):
    model = build_model(tiny_config(), tiny_data.image_shape, 3)
    beats = []
    evaluation = final_evaluation(model, tiny_data, 0, lambda: beats.append(1))
    labels = tiny_data.labels[tiny_data.validation]
    probabilities = predict(model, tiny_data.images, tiny_data.validation)
    right = probabilities.argmax(axis=1) == labels
    assert evaluation["val_correct"] == "".join("1" if value else "0" for value in right)
    assert evaluation["val_correct"].count("1") / 20 == pytest.approx(evaluation["accuracy"])
    assert evaluation["calibration"] == calibration(probabilities, labels)
    assert len(evaluation["robustness"]) == 15 and evaluation["robustness_images"] == 20
    assert evaluation["robustness_undistorted"] == evaluation["accuracy"]
    assert len(beats) == 1 + 15  # as they are, then with each distortion
