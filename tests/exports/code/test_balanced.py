"""A program draws classes equally and optimizes the loss as its run does."""

import keras
import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.code.optimizer import compile_lines
from cnnlab.training.network.compiling import build_loss
from tests.exports.code.made import FOCAL, loaded, recipe
from tests.exports.code.test_network import executed


def test_classes_are_drawn_equally_beyond_the_orders_that_lie_beside_it(tmp_path):
    balanced_order = loaded(recipe(FOCAL), tmp_path)["balanced_order"]
    labels, rng = np.repeat([0, 1, 3], [20, 6, 3]), np.random.default_rng(0)
    for _ in range(5):
        order = balanced_order(labels, rng)
        assert len(order) == len(labels)
        assert sorted(np.bincount(labels[order])) == [0, 9, 10, 10]
        assert set(np.bincount(order, minlength=29)[20:26]) <= {1, 2}  # taking turns
        assert set(np.bincount(order, minlength=29)[26:]) <= {3, 4}
        for start in range(0, 27, 9):
            assert set(np.bincount(labels[order[start : start + 9]])[[0, 1, 3]]) == {3}


@pytest.mark.parametrize("loss", ["cross_entropy", "focal"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_the_run(loss, smoothing):
    config = load_config(
        {"training": {"loss": loss}, "regularization": {"label_smoothing": smoothing}}
    )
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    known = executed(compile_lines(config), keras=keras, model=model, Adam=keras.optimizers.Adam)
    assert known["loss"].get_config() == build_loss(config).get_config()
