"""Batch norm's statistics belong to the weights that are judged, kept and given away."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from cnnlab.domain.data.split import draw_label_noise
from cnnlab.training.input.data import TrainingData
from cnnlab.training.judging.batch_statistics import BatchStatistics, statistics_subset
from cnnlab.training.judging.evaluate import plain_metrics, predict
from cnnlab.training.judging.reference import float32_clone
from cnnlab.training.loop.fit import fit
from cnnlab.training.loop.kept import build_kept_model
from cnnlab.training.network.model import build_model

NORMED = {"regularization": {"batch_norm": True}}
FAST = {"learning_rate": 0.03}
SIXTY_STEPS = {
    "plain": NORMED
    | {
        "augmentation": {"flip": "horizontal", "contrast_fraction": 0.2},
        "optimizer": FAST,
    },
    "averaged": NORMED | {"optimizer": FAST | {"ema_momentum": 0.9}},
    "averaged, half precision": {
        "architecture": {"preset": "resnet_small", "conv_blocks": 2, "filters": 8},
        "optimizer": FAST | {"ema_momentum": 0.9},
        "regularization": {"stochastic_depth": 0.1},
        "training": {"epochs": 4, "precision": "mixed_bfloat16"},
    },
}


@pytest.fixture(scope="module")
def data():
    """240 training and 200 validation images of 12 px, sorted by class, that are hard to tell."""
    generator = np.random.default_rng(3)
    labels = np.repeat(np.arange(4, dtype=np.int32), 110)
    pixels = generator.normal(120, 50, (440, 12, 12, 3))
    pixels += generator.normal(0, 30, (440, 1, 1, 3))
    pixels[np.arange(440), 3:9] += 60 * (labels % 2)[:, None, None, None]
    pixels[np.arange(440), :, 3:9] += 60 * (labels // 2)[:, None, None, None]
    positions = generator.permutation(440)
    images = np.clip(pixels, 0, 255).astype(np.uint8)
    return TrainingData(
        images, labels, np.sort(positions[:240]), np.sort(positions[240:]), tuple("abcd")
    )


# Averaged weights are what goes wrong most easily; each alone and half precision are by hand.
BY_HAND = dict.fromkeys(("plain", "averaged, half precision"), pytest.mark.exhaustive)


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=BY_HAND.get(name, ())) for name in SIXTY_STEPS]
)
def run(request, data, tiny_config, recorder_stopping_at):
    """Sixty steps with batch norm: what Keras' running averages are far off after."""
    config = tiny_config(
        **{"architecture": {"filters": 8}, "training": {"epochs": 4}} | SIXTY_STEPS[request.param]
    )
    recorder = recorder_stopping_at(None)
    return config, recorder, fit(config, data, recorder)


def norms_of(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def recalibrate(model, data):
    """Exact statistics of all training images, one layer after the other, by Keras alone."""
    for norm in norms_of(model):
        before = keras.Model(model.inputs, norm.input)
        values = before.predict(data.images[data.train], verbose=0).astype(np.float64)
        axes = tuple(range(values.ndim - 1))
        norm.moving_mean.assign(values.mean(axes))
        norm.moving_variance.assign(values.var(axes))


def validation_metrics(model, data):
    probabilities = predict(model, data.images, data.validation)
    return plain_metrics(probabilities, data.labels[data.validation])


def test_the_kept_model_is_as_right_as_the_exactly_recalibrated_one(run, data, tmp_path):
    _, recorder, outcome = run
    assert recorder.facts["statistics_images"] == 100
    given = float32_clone(outcome.kept_model())
    given.save(tmp_path / "model.keras")
    exported = keras.models.load_model(tmp_path / "model.keras")
    cross_entropy, accuracy = validation_metrics(exported, data)
    assert accuracy > 0.9
    recalibrate(exported, data)
    exact_cross_entropy, exact_accuracy = validation_metrics(exported, data)
    assert accuracy == pytest.approx(exact_accuracy, abs=0.0101)
    assert cross_entropy == pytest.approx(exact_cross_entropy, rel=0.02)


def test_the_kept_model_is_what_was_measured(run, data):
    config, recorder, outcome = run
    states = {epoch: state for epoch, state, _ in recorder.checkpoints}
    built = build_kept_model(
        config,
        data.image_shape,
        data.classes,
        last_state=states[3],
        best_state=states[outcome.kept_epoch],
    )
    record = recorder.epochs[outcome.kept_epoch]
    cross_entropy, accuracy = validation_metrics(built, data)
    assert accuracy == record["val_accuracy"]
    assert cross_entropy == pytest.approx(record["val_cross_entropy"], rel=1e-5)
    for ours, theirs in zip(outcome.kept_model().weights, built.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_no_training_step_depends_on_what_is_measured(run, data, recorder_stopping_at, monkeypatch):
    config, measured, _ = run
    monkeypatch.setattr(BatchStatistics, "measure", lambda self: None)
    stale = recorder_stopping_at(None)
    fit(config, data, stale)
    for (_, ours, _), (_, theirs, _) in zip(stale.checkpoints, measured.checkpoints, strict=True):
        different = [name for name in ours if not np.array_equal(ours[name], theirs[name])]
        assert different and all("/moving_" in name for name in different)
    for ours, theirs in zip(stale.epochs, measured.epochs, strict=True):
        for name in ("loss", "cross_entropy", "accuracy", "penalty", "learning_rate", "weights"):
            assert ours[name] == theirs[name]
        assert ours["val_cross_entropy"] != theirs["val_cross_entropy"]


LAYERS = [
    {"kind": "batch_norm"},
    {"kind": "conv", "filters": 5},
    {"kind": "batch_norm"},
    {"kind": "dropout", "rate": 0.9},
    {"kind": "residual_block", "filters": 6, "strides": 2},
    {"kind": "dense", "units": 7},
    {"kind": "batch_norm"},
    {"kind": "gaussian_noise", "stddev": 0.9},
    {"kind": "dense", "units": 7},
    {"kind": "batch_norm"},
]


def measured_and_exact(config, data, batch):
    """(mean, variance) of each batch norm: as it is measured, and exact."""
    model = build_model(config, data.image_shape, data.classes)
    found = []
    BatchStatistics(model, data.images, data.train, lambda: None, batch).measure()
    for norm in norms_of(model):
        found.append([norm.moving_mean.numpy(), norm.moving_variance.numpy()])
    recalibrate(model, data)
    exact = [[norm.moving_mean.numpy(), norm.moving_variance.numpy()] for norm in norms_of(model)]
    return found, exact


@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [("float32", 5e-4), pytest.param("mixed_bfloat16", 0.02, marks=pytest.mark.exhaustive)],
)
def test_statistics_of_one_pass_are_exact(precision, tolerance, data, tiny_config):
    config = tiny_config(architecture={"layers": LAYERS}, training={"precision": precision})
    found, exact = measured_and_exact(config, data, 240)
    assert len(found) == 7
    for (mean, variance), (exact_mean, exact_variance) in zip(found, exact, strict=True):
        spread = np.sqrt(exact_variance + 1e-3)
        np.testing.assert_allclose(mean / spread, exact_mean / spread, atol=tolerance)
        np.testing.assert_allclose(variance, exact_variance, rtol=tolerance, atol=1e-6)


def test_of_several_passes_each_gets_its_share_of_all_classes(data, tiny_config):
    """Images of one class alone would be normalized to what they share with no other."""
    config = tiny_config(architecture={"layers": LAYERS[:5]})
    found, exact = measured_and_exact(config, data, 80)
    for (mean, variance), (exact_mean, exact_variance) in zip(found, exact, strict=True):
        spread = np.sqrt(exact_variance + 1e-3)
        np.testing.assert_allclose(mean / spread, exact_mean / spread, atol=0.02)
        np.testing.assert_allclose(variance, exact_variance, rtol=0.02)


def test_frozen_batch_norm_keeps_its_statistics(data, tiny_config, recorder):
    config = tiny_config(
        architecture={"layers": LAYERS, "frozen_layers": 3}, training={"epochs": 1}
    )
    fit(config, data, recorder)
    state = recorder.checkpoints[0][1]
    frozen = ["model/block1_batch_norm", "model/block1_batch_norm2"]
    others = {name.rpartition("/")[0] for name in state if name.endswith("/moving_mean")}
    assert {*frozen} < others
    for name in others:
        unchanged = not np.any(state[f"{name}/moving_mean"])
        assert unchanged == (name in frozen)
        assert np.all(state[f"{name}/moving_variance"] == 1) == (name in frozen)


def test_a_fixed_stratified_part_is_measured(data, tiny_config):
    model = build_model(tiny_config(**NORMED), data.image_shape, data.classes)
    chosen = statistics_subset(model, data)
    assert len(chosen) == 100 and {*chosen} < {*data.train}
    counts = np.bincount(data.labels[chosen]) / np.bincount(data.labels[data.train])
    np.testing.assert_allclose(counts, 100 / 240, atol=0.02)
    split = tiny_config(split={"label_noise_fraction": 0.4}).split
    noise = draw_label_noise(data.labels, data.train, data.classes, split)
    noisy = replace(data, labels=noise.applied_to(data.labels), noise=noise)
    np.testing.assert_array_equal(statistics_subset(model, noisy), chosen)


def test_without_batch_norm_nothing_is_measured(data, tiny_config, recorder, monkeypatch):
    monkeypatch.setattr(BatchStatistics, "_assign", None)
    fit(tiny_config(training={"epochs": 1}), data, recorder)
    assert recorder.facts["statistics_images"] == 0
