"""A run whose frozen layers are computed once, against one that computes them at every step."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.data.split import LabelNoise
from cnnlab.domain.network import cached
from cnnlab.training.loop.feed import FeatureFeed, plan_cache
from cnnlab.training.loop.fit import fit
from cnnlab.training.loop.writer import QueuedRecorder
from cnnlab.training.network.model import build_model
from tests.training.loop.test_fit import timeless

FROZEN = {
    "architecture": {
        "layers": [
            {"kind": "conv", "filters": 6},
            {"kind": "max_pool"},
            {"kind": "conv", "filters": 8},
            {"kind": "global_average_pool"},
            {"kind": "dense", "units": 8, "activation": "linear"},
            {"kind": "batch_norm"},
            {"kind": "activation"},
        ],
        "frozen_layers": 4,
    },
    "regularization": {"batch_norm": True, "dropout": 0.2, "l2": 0.01},
    "training": {"epochs": 3, "class_weights": "balanced"},
}
AUGMENTED = {"rotation_degrees": 10, "mixup_alpha": 0.2}
MEASURED = (
    "loss",
    "cross_entropy",
    "clean_cross_entropy",
    "val_cross_entropy",
    "penalty",
    "clean_accuracy",
    "memorized",
)


@pytest.fixture(scope="module")
def noisy_data(tiny_data):
    """The first eight training images have a wrong label."""
    positions = tiny_data.train[:8]
    true = tiny_data.labels[positions]
    noise = LabelNoise(positions, true, (true + 1) % 3)
    return replace(tiny_data, labels=noise.applied_to(tiny_data.labels), noise=noise)


@pytest.fixture(
    scope="module",
    params=[pytest.param({}, marks=pytest.mark.exhaustive), AUGMENTED],
    ids=["plain", "augmented"],
)
def whole(request, noisy_data, tiny_config, recorder_stopping_at):
    """A run with its states after every step; augmented, its third epoch repeats the first."""
    config = tiny_config(**FROZEN, augmentation=request.param, optimizer={"ema_momentum": 0.9})
    recorder = recorder_stopping_at(None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cached, "MOST_COPIES", 2)
        patch.setattr(cached, "LEAST_COPIES", 2)
        yield config, recorder, fit(config, noisy_data, recorder, checkpoint_seconds=0)


def test_curves_are_those_of_a_run_that_computes_everything_anew(
    whole, noisy_data, recorder, monkeypatch
):
    config, seen, _ = whole
    monkeypatch.setattr(cached, "MOST_BYTES", 0)
    outcome = fit(config, noisy_data, recorder)
    assert recorder.facts["cached_features"] == ""
    assert "8 features of each image" in seen.facts["cached_features"]
    is_augmented = config.augmentation.is_on
    assert ("2 augmented copies" in seen.facts["cached_features"]) == is_augmented
    compared = outcome.history[: 2 if is_augmented else 3]
    for ours, theirs in zip(seen.epochs, compared, strict=False):
        for metric in MEASURED:
            assert ours[metric] == pytest.approx(theirs[metric], abs=1e-4), metric
    for layer in ("block1_conv/kernel", "block2_conv_norm/moving_mean"):
        name = f"model/{layer}"
        np.testing.assert_array_equal(
            seen.checkpoints[-1][1][name], recorder.checkpoints[0][1][name]
        )


def test_resumed_after_and_within_an_epoch_it_is_the_whole_run_to_the_bit(
    whole, noisy_data, recorder
):
    config, seen, outcome = whole
    history = json.loads(json.dumps(seen.epochs))
    (within,) = [state for epoch, step, state in seen.within if (epoch, step) == (1, 2)]
    state = seen.checkpoints[0][1]
    resumed = fit(config, noisy_data, recorder, history=history, state=state, within_state=within)
    assert timeless(recorder.epochs) == timeless(seen.epochs[1:])
    assert resumed.weights_checksum == outcome.weights_checksum
    assert resumed.kept_epoch == outcome.kept_epoch


def test_a_stop_while_features_are_computed_ends_politely(whole, noisy_data, recorder_stopping_at):
    config, seen, _ = whole
    stopping = recorder_stopping_at(1)
    outcome = fit(config, noisy_data, stopping)
    assert outcome.status == "stopped" and outcome.best_epoch is None and not stopping.epochs
    assert stopping.phases[-1].startswith("Computing features of")
    again = recorder_stopping_at(1)
    state, history = seen.checkpoints[0][1], json.loads(json.dumps(seen.epochs))
    outcome = fit(config, noisy_data, again, history=history, state=state)
    assert outcome.status == "stopped" and outcome.best_epoch == 0
    assert len(outcome.history) == 1


def test_a_run_whose_augmentation_an_earlier_version_turned_makes_its_images_anew(
    tiny_config, tiny_data, recorder
):
    config = tiny_config(**FROZEN | {"training": {"epochs": 1}}, augmentation=AUGMENTED)
    turn = DialTurn(1, 1, {"augmentation.rotation_degrees": 0.0})
    assert fit(config, tiny_data, recorder, turns=[turn]).status == "finished"
    assert recorder.facts["cached_features"] == ""


def test_classes_that_are_drawn_equally_take_another_copy_each_time(
    tiny_config, tiny_data, recorder
):
    rare = tiny_data.train[tiny_data.train_labels == 2]
    train = np.setdiff1d(tiny_data.train, rare[3:])  # three of the rare class are left
    data = replace(tiny_data, train=train)
    training = {"training": {"epochs": 4, "sampling": "balanced"}}
    config = tiny_config(**FROZEN | training, augmentation={"rotation_degrees": 10})
    model = build_model(config, data.image_shape, data.classes)
    with QueuedRecorder(recorder) as told:
        feed = FeatureFeed(model, config, data, plan_cache(config, data)).make(
            data.validation, told, 2
        )
        batches = list(feed.batches(0, 0))
        again = list(feed.batches(1, 1))
    steps = -(-len(train) // 16)
    assert len(batches) == 4 * steps and len(again) == 3 * steps - 1
    features, labels = (
        np.concatenate([part[kind].numpy() for part in batches[:steps]]) for kind in (0, 1)
    )
    drawn = labels.sum(axis=0)
    assert len(labels) == len(train) and max(drawn) - min(drawn) <= 1
    rows = features[labels[:, 2] == 1]
    assert 3 < len(np.unique(rows, axis=0)) <= len(rows)
    for ours, theirs in zip(batches[steps + 1 :], again, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
