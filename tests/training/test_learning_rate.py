"""Our pure schedules against Keras' schedule classes."""

import keras
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.config.schedule import learning_rate_at

schedules = keras.optimizers.schedules
STEPS, EPOCHS, RATE = 10, 8, 0.1
TOTAL = STEPS * EPOCHS


def ours(step, **schedule):
    config = load_config({"optimizer": {"learning_rate": RATE, "schedule": schedule}})
    return learning_rate_at(config.optimizer, step, steps_per_epoch=STEPS, epochs=EPOCHS)


@pytest.mark.parametrize(
    ("schedule", "keras_schedule"),
    [
        ({"name": "cosine", "final_fraction": 0.1}, schedules.CosineDecay(RATE, TOTAL, 0.1)),
        (
            {"name": "cosine_restarts", "first_period_epochs": 2, "restart_factor": 0.5},
            schedules.CosineDecayRestarts(RATE, 2 * STEPS, 2.0, 0.5),
        ),
        (
            {"name": "exponential", "factor": 0.8, "every_epochs": 2},
            schedules.ExponentialDecay(RATE, 2 * STEPS, 0.8),
        ),
        (
            {"name": "step", "factor": 0.5, "every_epochs": 3},
            schedules.ExponentialDecay(RATE, 3 * STEPS, 0.5, staircase=True),
        ),
        (
            {"name": "polynomial", "power": 2, "final_fraction": 0.2},
            schedules.PolynomialDecay(RATE, TOTAL, 0.2 * RATE, 2),
        ),
        ({"name": "inverse_time", "decay": 0.7}, schedules.InverseTimeDecay(RATE, STEPS, 0.7)),
    ],
)
def test_schedule_is_that_of_keras(schedule, keras_schedule):
    for step in range(0, TOTAL, 7):
        expected = float(keras_schedule(step))
        assert ours(step, **schedule) == pytest.approx(expected, rel=1e-4, abs=1e-7)
