"""All 14 optimizers with every common option."""

from typing import get_args

import keras
import numpy as np
import pytest

from cnnlab.domain.config.optimizer import OptimizerName
from cnnlab.domain.config.run_config import load_config
from cnnlab.training.network.optimizer import build_optimizer


def optimizer_of(name, weight_decay=0.0, **fields):
    return build_optimizer(
        load_config(
            {
                "optimizer": {"name": name, **fields},
                "regularization": {"weight_decay": weight_decay},
            }
        )
    )


@pytest.mark.parametrize("name", get_args(OptimizerName))
def test_optimizer_steps_and_its_rate_can_be_set(name):
    optimizer = optimizer_of(name, learning_rate=0.01, clip_norm=1.0, ema_momentum=0.9)
    weight = keras.Variable(np.ones((3, 2), np.float32), name="kernel")
    optimizer.build([weight])
    optimizer.learning_rate = 0.5
    optimizer.apply([np.full((3, 2), 0.1, np.float32)])
    assert np.all(np.isfinite(weight.numpy())) and not np.allclose(weight.numpy(), 1)
    assert float(optimizer.learning_rate) == 0.5


# Keras' Ftrl and ScheduleFreeAdamW compute the weight anew from their own state at the first step.
@pytest.mark.parametrize(
    "name", sorted({*get_args(OptimizerName)} - {"ftrl", "schedule_free_adamw"})
)
def test_weight_decay_shrinks_weights_without_gradient(name):
    changed = {}
    for decay in (0.0, 0.1):
        weight = keras.Variable(np.ones((3, 2), np.float32), name="kernel")
        optimizer = optimizer_of(name, weight_decay=decay, learning_rate=0.1)
        optimizer.build([weight])
        optimizer.apply([np.zeros((3, 2), np.float32)])
        changed[decay] = weight.numpy().copy()
    np.testing.assert_allclose(changed[0.1], changed[0.0] * 0.99, rtol=1e-5)


def test_gradient_accumulation_updates_every_nth_step():
    optimizer = optimizer_of("sgd", gradient_accumulation_steps=2, learning_rate=1.0, momentum=0)
    weight = keras.Variable(np.zeros(1, np.float32))
    optimizer.build([weight])
    optimizer.apply([np.array([1.0], np.float32)])
    assert float(weight[0]) == 0
    optimizer.apply([np.array([3.0], np.float32)])
    assert float(weight[0]) == -2
