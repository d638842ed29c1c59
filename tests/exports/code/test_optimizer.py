"""A program's optimizer takes the steps that training takes."""

from typing import get_args

import keras
import numpy as np
import pytest

from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.code.optimizer import fused_optimizer
from cnnlab.training.network import fused

NAMES = get_args(Optimizer.model_fields["name"].annotation)


def of_program(name):
    return fused_optimizer(load_config({"optimizer": {"name": name}}))


def after_steps(optimizer):
    """A weight that was moved thrice."""
    weight = keras.Variable(np.linspace(-1, 1, 7, dtype=np.float32))
    for turn in range(3):
        optimizer.apply([np.linspace(0.3, turn - 0.7, 7, dtype=np.float32)], [weight])
    return weight.numpy()


def test_what_training_computes_otherwise_than_keras_a_program_does_too():
    told = {one[0] for one in map(of_program, NAMES) if one is not None}
    own = (one for one in vars(fused).values() if isinstance(one, type))
    assert told == {one.__name__ for one in own if issubclass(one, keras.Optimizer)} != set()


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_its_steps_are_trainings_to_the_last_bit(name):
    class_name, text = of_program(name)
    exec(text, program := {})
    given = {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.1}
    moved = [after_steps(one[class_name](**given)) for one in (program, vars(fused))]
    np.testing.assert_array_equal(*moved)
    usual = after_steps(getattr(keras.optimizers, class_name)(**given))
    np.testing.assert_allclose(moved[0], usual, rtol=1e-5)
