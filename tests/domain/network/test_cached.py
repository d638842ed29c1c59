"""Which layers of a network are computed once, for how many copies, in how much memory."""

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.course.dials import DialTurn, dials_of, turned, turned_by
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.cached import (
    MOST_BYTES,
    augments_once,
    cached_features,
    last_fixed_layer,
    trains_head_alone,
)
from cnnlab.domain.network.planner import plan_network

POOLED = ({"kind": "conv"}, {"kind": "max_pool"}, {"kind": "global_average_pool"})


def config_of(*layers, frozen, **parts):
    architecture = {"layers": list(layers), "frozen_layers": frozen}
    return load_config({"architecture": architecture, **parts})


def last_of(*layers, frozen, **parts):
    config = config_of(*layers, frozen=frozen, **parts)
    plan = plan_network(config, config.image.shape, 3)
    found = last_fixed_layer(plan, plan.trained_layers(frozen))
    return found and found.name


def found_of(frozen=1, *, train=100, other=20, epochs=20, **parts):
    config = config_of(*POOLED, frozen=frozen, **parts)
    plan = plan_network(config, config.image.shape, 3)
    trained = plan.trained_layers(frozen)
    images = {"train_images": train, "other_images": other}
    return cached_features(config, plan, trained, epochs, **images)


def test_it_is_the_last_flat_layer_behind_which_something_trains():
    assert last_of(*POOLED, frozen=1) == "global_average_pool"
    assert last_of(*POOLED, {"kind": "batch_norm"}, frozen=1) == "global_average_pool"
    assert last_of(*POOLED, {"kind": "batch_norm"}, frozen=2) == "batch_norm"
    assert last_of({"kind": "conv"}, {"kind": "conv"}, frozen=2) == "flatten"
    assert last_of({"kind": "conv"}, {"kind": "conv"}, frozen=1) is None
    assert last_of({"kind": "flatten"}, {"kind": "dense"}, frozen=0) is None


def test_what_draws_or_may_be_made_to_by_a_dial_is_not_computed_once():
    dense = ({"kind": "dense"}, {"kind": "dense"})
    assert last_of(*POOLED, *dense, frozen=2) == "global_average_pool"  # dropout is a dial at 0
    for drawing in ({"gaussian_noise": 0.1}, {"spatial_dropout": 0.1}):
        assert last_of(*POOLED, frozen=1, regularization=drawing) is None
    skipped = ({"kind": "residual_block", "strides": 2}, {"kind": "global_average_pool"})
    assert last_of(*skipped, frozen=6) == "global_average_pool"
    assert last_of(*skipped, frozen=6, regularization={"stochastic_depth": 0.2}) is None
    assert last_of(*POOLED, {"kind": "dropout"}, {"kind": "activation"}, frozen=1) == (
        "global_average_pool"
    )
    off = {"kind": "dropout", "rate": 0}
    assert last_of(*POOLED, off, {"kind": "activation"}, frozen=1) == "activation"


def test_copies_are_made_where_images_are_augmented_as_many_as_epochs_and_memory_allow():
    rotated = {"augmentation": {"rotation_degrees": 10}}
    plain = found_of()
    assert (plain.copies, plain.bytes) == (0, 4 * 32 * 120)
    assert plain.words == "The frozen layers are computed once: 32 features of each image."
    assert found_of(epochs=3, **rotated).copies == 3
    many = found_of(**rotated)
    assert many.copies == 8 and many.augmented_bytes == 4 * 8 * (32 + 3) * 100
    assert "and of 8 augmented copies of each training image" in many.words
    fitting = MOST_BYTES // (4 * (32 + 6 * 35))
    assert found_of(train=fitting, other=0, **rotated).copies == 6
    assert found_of(train=2 * fitting, other=0, **rotated) is None
    assert found_of(train=2 * fitting, other=0).copies == 0
    assert found_of(train=10**8) is None
    assert found_of(frozen=0) is None


def test_augmentations_that_are_made_once_are_no_dials():
    rotated = {"augmentation": {"rotation_degrees": 10}}
    free, once = (config_of(*POOLED, frozen=frozen, **rotated) for frozen in (0, 1))
    assert not augments_once(free) and "augmentation.rotation_degrees" in dials_of(free)
    assert augments_once(once) and set(dials_of(free)) - set(dials_of(once)) == {
        "augmentation.rotation_degrees"
    }
    with pytest.raises(ConfigError, match="may have seen the augmented images once"):
        turned(once, {"augmentation.rotation_degrees": 5})
    assert not augments_once(config_of(*POOLED, frozen=1))


def test_a_turn_of_an_augmentation_that_an_earlier_version_made_holds_on():
    rotation, rate = "augmentation.rotation_degrees", "optimizer.learning_rate"
    config = config_of(*POOLED, frozen=1, augmentation={"rotation_degrees": 10})
    turns = [DialTurn(1, 3, {rotation: 5}), DialTurn(2, 4, {rate: 0.1})]
    assert turned_by(config, turns).augmentation.rotation_degrees == 5
    assert rotation in dials_of(config, turns) and rotation not in dials_of(config, turns[1:])
    assert turned(config, {rotation: 2}, turns).augmentation.rotation_degrees == 2
    with pytest.raises(ConfigError, match="training.epochs can't be changed"):
        turned_by(config, [DialTurn(1, 3, {"training.epochs": 3})])


def test_the_head_trains_alone_where_no_phase_trains_what_comes_before():
    first, second = {"epochs": 2, "trainable_blocks": 0}, {"epochs": 2}
    assert not trains_head_alone(config_of(*POOLED, frozen=0))
    assert trains_head_alone(config_of(*POOLED, frozen=1))
    for phases, is_alone in (([first], True), ([first, second], False)):
        architecture = {"layers": list(POOLED), "phases": phases}
        assert trains_head_alone(load_config({"architecture": architecture})) is is_alone
