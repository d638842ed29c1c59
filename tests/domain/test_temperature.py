"""What a temperature makes of probabilities, and which one is applied."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import special

from cnnlab.domain.temperature import helpful_temperature, scaled
from tests.made_judgements import made_predictions


@given(st.floats(0.2, 100))
@example(1.0)
def test_scaling_changes_no_prediction(temperature):
    made = made_predictions(50, seed=1)
    found = scaled(made.probabilities, temperature)
    assert found.sum(axis=1) == pytest.approx(1)
    assert (found.argmax(axis=1) == made.probabilities.argmax(axis=1)).all()
    logits = np.log(made.probabilities.astype(float))
    assert found == pytest.approx(special.softmax(logits / temperature, axis=1), abs=1e-6)
    assert scaled(made.probabilities[0], temperature) == pytest.approx(found[0])


def test_probabilities_of_0_and_1_are_scaled():
    sure = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]], np.float32)
    assert scaled(sure, 1.0) == pytest.approx(sure, abs=1e-12)
    assert np.isfinite(scaled(sure, 50.0)).all()
    assert 0.3 < scaled(sure, 100.0)[0, 0] < 0.6


def test_only_a_temperature_that_helps_is_applied():
    calibration = {"temperature": 1.7, "helps": True}
    assert helpful_temperature(calibration) == 1.7
    assert helpful_temperature(calibration | {"helps": False}) is None
    assert helpful_temperature(None) is None
