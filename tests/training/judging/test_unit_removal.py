"""Units removed: against networks whose redundancy is known by how they were made."""

import keras
import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.units import last_unit_layers, unit_layers
from cnnlab.training.judging.evaluate import predict
from cnnlab.training.judging.unit_removal import (
    LastUnitRemoval,
    UnitRemoval,
    masks_without,
    removal_order,
    take_weights,
)
from cnnlab.training.network.model import build_model

CLASSES = 8
SHAPE = (1, CLASSES, 1)
"""One bright pixel, whose place is the class."""


def network(copies):
    """Each class is seen by so many units of its own, which share its weight to the output."""
    image = keras.Input(SHAPE, name="image")
    values = keras.layers.Rescaling(1 / 255)(image)
    values = keras.layers.Flatten()(values)
    dense = keras.layers.Dense(CLASSES * copies, name="dense")
    values = keras.layers.Activation("relu", name="dense_activation")(dense(values))
    output = keras.layers.Dense(CLASSES, activation="softmax", name="probabilities")
    model = keras.Model(image, output(values))
    seen = np.repeat(np.eye(CLASSES), copies, axis=1)
    dense.set_weights([seen, np.zeros(CLASSES * copies)])
    output.set_weights([8 / copies * seen.T, np.zeros(CLASSES)])
    return model


@pytest.fixture(scope="module")
def pictures():
    labels = np.arange(10 * CLASSES) % CLASSES
    images = np.zeros((len(labels), *SHAPE), np.uint8)
    images[np.arange(len(labels)), 0, labels, 0] = 255
    return images, labels


def accuracy_without(model, pictures, share, draws=20):
    """Mean over draws."""
    images, labels = pictures
    removal = UnitRemoval(model, ["dense_activation"])
    found = [
        removal(images, masks_without(removal.units, share, 0, draw)).argmax(axis=1) == labels
        for draw in range(draws)
    ]
    return float(np.mean(found))


def test_a_network_that_holds_all_it_knows_five_times_keeps_it_and_one_that_does_not_loses_it(
    pictures,
):
    once, five_times = network(1), network(5)
    assert accuracy_without(once, pictures, 0.0, 1) == 1
    assert accuracy_without(five_times, pictures, 0.0, 1) == 1
    # Half of eight units are gone; argmax names the first class where nothing is seen.
    assert accuracy_without(once, pictures, 0.5) == pytest.approx(0.5, abs=0.13)
    assert accuracy_without(five_times, pictures, 0.5) > 0.95
    assert accuracy_without(five_times, pictures, 0.9) < 0.7


def test_a_removed_unit_gives_what_it_gives_with_no_weight_behind_it(pictures):
    images, _ = pictures
    model = network(2)
    removal = UnitRemoval(model, ["dense_activation"])
    masks = masks_without(removal.units, 0.5, 3, 1)
    said = removal(images, masks)
    kernel, bias = model.get_layer("probabilities").get_weights()
    model.get_layer("probabilities").set_weights(
        [kernel * masks["dense_activation"][:, None], bias]
    )
    np.testing.assert_allclose(said, predict(model, images, np.arange(len(images))), atol=1e-6)


@pytest.fixture(scope="module", params=["small_cnn", "resnet_small"])
def real(request):
    """A network of the program with batch norm or without, its layers and some images."""
    config = load_config({"dataset": "d", "architecture": {"preset": request.param, "filters": 8}})
    plan = plan_network(config, (16, 16, 3), 3)
    model = build_model(config, (16, 16, 3), 3)
    images = np.random.default_rng(0).integers(0, 256, (30, 16, 16, 3), np.uint8)
    return model, plan, images


def test_without_removed_units_it_says_what_the_model_says(real):
    model, plan, images = real
    removal = UnitRemoval(model, unit_layers(plan))
    said = removal(images, masks_without(removal.units, 0.0, 0, 0))
    np.testing.assert_allclose(said, predict(model, images, np.arange(30)), atol=1e-6)
    fewer = removal(images, masks_without(removal.units, 0.5, 0, 0))
    assert np.abs(fewer - said).max() > 1e-3


def test_the_last_layers_alone_give_the_same_as_the_whole_network_with_their_masks(real):
    model, plan, images = real
    whole = UnitRemoval(model, unit_layers(plan))
    last = LastUnitRemoval(model, last_unit_layers(plan))
    masks = masks_without(last.units, 0.5, 0, 0)
    all_masks = masks_without(whole.units, 0.0, 0, 0) | masks
    said = last(last.prepared(images), masks)
    np.testing.assert_allclose(said, whole(images, all_masks), atol=1e-6)


def test_other_weights_are_taken_by_what_is_compiled(real):
    model, plan, images = real
    removal = UnitRemoval(model, unit_layers(plan))
    masks = masks_without(removal.units, 0.3, 0, 0)
    before = removal(images, masks)
    own = {variable.path: variable.numpy() for variable in model.weights}
    take_weights(model, {path: 1.3 * values for path, values in own.items()})
    other = removal(images, masks)
    take_weights(model, own)
    assert not np.allclose(before, other)
    np.testing.assert_allclose(removal(images, masks), before, atol=1e-7)


def test_a_larger_share_removes_the_same_units_and_more_and_leaves_some():
    units = {"a": 16, "b": 3}
    removed = [
        {name: set(np.flatnonzero(mask == 0)) for name, mask in masks.items()}
        for masks in (masks_without(units, share, 1, 0) for share in (0.0, 0.3, 0.5, 0.9))
    ]
    assert [len(one["a"]) for one in removed] == [0, 4, 8, 14]
    assert [len(one["b"]) for one in removed] == [0, 0, 1, 2]
    for fewer, more in zip(removed, removed[1:], strict=False):
        assert fewer["a"] <= more["a"] and fewer["b"] <= more["b"]


def test_the_choice_depends_on_seed_draw_and_layer_and_on_nothing_of_the_arm():
    first = removal_order(0, 0, "dense", 64)
    np.testing.assert_array_equal(first, removal_order(0, 0, "dense", 64))
    for other in ((1, 0, "dense"), (0, 1, "dense"), (0, 0, "conv")):
        assert not np.array_equal(first, removal_order(*other, 64))
    assert sorted(first) == list(range(64))
