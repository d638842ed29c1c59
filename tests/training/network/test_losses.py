"""The loss: focal, smoothed, of blended labels and weighted, against its formula by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.course.dials import DialTurn
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.input.data import class_weights, training_batches, weigher
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network.compiling import build_loss, compile_model
from cnnlab.training.network.model import build_model

PROBABILITIES = np.random.default_rng(0).dirichlet(np.ones(3), 8).astype(np.float32)
LABELS = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2, 0, 1]]


def by_hand(labels, probabilities, *, smoothing=0.0, gamma=0.0, weights=None):
    """Mean over the images of the sum over classes of y (1 - p)^gamma (-log p)."""
    smoothed = labels * (1 - smoothing) + smoothing / labels.shape[1]
    losses = (smoothed * (1 - probabilities) ** gamma * -np.log(probabilities)).sum(axis=1)
    return float(np.mean(losses * (1 if weights is None else weights)))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 10.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_focal_loss_is_its_formula_with_and_without_dials(gamma, smoothing, tiny_config):
    config = tiny_config(
        training={"loss": "focal", "focal_gamma": gamma},
        regularization={"label_smoothing": smoothing},
    )
    weights = np.arange(1.0, 9.0)
    expected = by_hand(LABELS, PROBABILITIES, smoothing=smoothing, gamma=gamma, weights=weights)
    for loss in (build_loss(config), DialBoard(config).loss()):
        told = float(loss(LABELS, PROBABILITIES, sample_weight=weights))
        assert told == pytest.approx(expected, rel=1e-5)


def test_without_gamma_it_is_cross_entropy(tiny_config):
    focal, plain = (
        build_loss(tiny_config(training=fields))
        for fields in ({"loss": "focal", "focal_gamma": 0}, {"focal_gamma": 5})
    )
    assert isinstance(plain, keras.losses.CategoricalCrossentropy)
    assert float(focal(LABELS, PROBABILITIES)) == pytest.approx(
        float(plain(LABELS, PROBABILITIES)), rel=1e-6
    )


def test_gamma_is_a_dial_of_focal_loss(tiny_config):
    config = tiny_config(training={"loss": "focal"})
    board = DialBoard(config, [DialTurn(1, 3, {"training.focal_gamma": 1.0})])
    loss = board.loss()
    for step, gamma in ((0, 2.0), (3, 1.0)):
        board.apply_due(step)
        assert float(loss(LABELS, PROBABILITIES)) == pytest.approx(
            by_hand(LABELS, PROBABILITIES, gamma=gamma), rel=1e-5
        )


@pytest.mark.parametrize("blend", ["mixup_alpha", "cutmix_alpha"])
def test_blended_labels_are_smoothed_and_weighed_as_the_formula_says(blend, tiny_data, tiny_config):
    """MixUp's label, then smoothing, then focal loss, each image with its blended class weight."""
    config = tiny_config(
        augmentation={blend: 0.4},
        regularization={"label_smoothing": 0.2},
        training={"loss": "focal", "focal_gamma": 1.5, "class_weights": "balanced"},
    )
    images, blended, weights = next(iter(training_batches(config, tiny_data, 0, 1)))
    plain = next(iter(training_batches(tiny_config(), tiny_data, 0, 1)))[1]
    assert np.any((blended.numpy() > 0) & (blended.numpy() < 1))
    _, same = Augmenter(config.augmentation, 0)(images, plain, tf.constant(0, tf.int64))
    np.testing.assert_array_equal(blended, same)
    np.testing.assert_allclose(weights, blended.numpy() @ class_weights(tiny_data), rtol=1e-6)
    targets = blended.numpy() * 0.8 + 0.2 / 3
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    probabilities = np.random.default_rng(1).dirichlet(np.ones(3), len(blended))
    told = DialBoard(config).loss()(blended, probabilities.astype(np.float32), weights)
    expected = np.mean(
        np.sum(targets * (1 - probabilities) ** 1.5 * -np.log(probabilities), axis=1)
        * weights.numpy()
    )
    assert float(told) == pytest.approx(float(expected), rel=1e-5)


def test_a_step_optimizes_the_loss_and_tells_plain_cross_entropy(tiny_data, tiny_config):
    config = tiny_config(
        training={"loss": "focal", "class_weights": "balanced"},
        regularization={"label_smoothing": 0.1},
        optimizer={"learning_rate": 0.01},
    )
    board = DialBoard(config)
    model = build_model(config, (12, 12, 3), 3, board)
    compile_model(model, config, board=board)
    images, labels, weights = (
        part.numpy() for part in next(iter(training_batches(config, tiny_data, 0, 1)))
    )
    said = model(images, training=True).numpy().astype(float)
    logs = model.train_on_batch(images, labels, weights, return_dict=True)
    assert float(logs["loss"]) == pytest.approx(
        by_hand(labels, said, smoothing=0.1, gamma=2.0, weights=weights), rel=1e-4
    )
    assert float(logs["cross_entropy"]) == pytest.approx(by_hand(labels, said), rel=1e-4)


def test_each_value_of_a_gradient_is_clipped_by_itself(tiny_config):
    from cnnlab.training.network.optimizer import build_optimizer  # noqa: PLC0415

    optimizer = build_optimizer(
        tiny_config(optimizer={"name": "sgd", "momentum": 0, "learning_rate": 1, "clip_value": 0.5})
    )
    weight = keras.Variable([0.0, 0.0, 0.0])
    optimizer.apply([tf.constant([3.0, -0.2, -9.0])], [weight])
    np.testing.assert_allclose(weight, [-0.5, 0.2, 0.5], rtol=1e-6)


def test_weights_are_those_of_the_labels_that_the_run_is_told(tiny_data, tiny_config):
    weigh = weigher(tiny_config(training={"class_weights": "balanced"}), tiny_data)
    *_, weights = weigh(tf.zeros((3, 1)), tf.eye(3))
    counts = np.bincount(tiny_data.train_labels)
    np.testing.assert_allclose(weights, 52 / (3 * counts), rtol=1e-6)
