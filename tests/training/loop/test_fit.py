"""Whole runs on tiny data: what is recorded, exactness, resuming, stopping, failing."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from cnnlab.domain.data.split import draw_label_noise
from cnnlab.domain.errors import TrainingError
from cnnlab.training.judging.evaluate import plain_metrics, predict
from cnnlab.training.loop.checkpoint import load_weights
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model
from cnnlab.training.seeds import checksum

EVERYTHING = {
    "augmentation": {"flip": "horizontal", "rotation_degrees": 10, "contrast_fraction": 0.1},
    "regularization": {"dropout": 0.3, "l2": 1e-3, "batch_norm": True, "label_smoothing": 0.1},
    "optimizer": {"schedule": {"name": "cosine", "warmup_epochs": 1}, "ema_momentum": 0.9},
    "training": {"epochs": 4, "class_weights": "balanced"},
}


def timeless(records):
    return [
        {
            name: value
            for name, value in record.items()
            if name not in ("seconds", "evaluation_seconds", "images_per_second")
        }
        for record in records
    ]


@pytest.fixture(scope="module")
def whole_run(tiny_data, tiny_config, recorder_stopping_at):
    """A run of four epochs with much switched on; the other tests are held against it."""
    recorder = recorder_stopping_at(None)
    config = tiny_config(**EVERYTHING)
    return config, recorder, fit(config, tiny_data, recorder)


def test_everything_is_told(whole_run, tiny_data):
    _, recorder, outcome = whole_run
    assert recorder.phases == ["Building the model", "Compiling", "Training"]
    json.dumps(recorder.facts)
    assert recorder.facts["steps_per_epoch"] == 4  # 52 images in batches of 16: the rest is kept
    assert recorder.facts["device"].startswith("CPU (")
    assert recorder.facts["clean_images"] == 52 and not recorder.facts["clean_is_subset"]
    assert [record["epoch"] for record in recorder.epochs] == [0, 1, 2, 3]
    assert recorder.steps[0] | {"epoch": 0, "step": 0} == recorder.steps[0]
    assert [epoch for epoch, _, _ in recorder.checkpoints] == [0, 1, 2, 3]
    assert recorder.checkpoints[0][2]
    best = [epoch for epoch, _, is_best in recorder.checkpoints if is_best][-1]
    assert outcome.best_epoch == best
    assert outcome.status == "finished" and not outcome.stopped_early
    json.dumps(outcome.history)


def test_metrics_are_honest(whole_run, tiny_data):
    """Of the averaged weights: plain cross-entropy, and their penalty apart from it."""
    _, recorder, outcome = whole_run
    last = recorder.epochs[-1]
    labels = tiny_data.labels[tiny_data.validation]
    probabilities = predict(outcome.model, tiny_data.images, tiny_data.validation)
    expected = -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))
    assert last["val_cross_entropy"] == pytest.approx(expected, rel=1e-4)
    assert last["val_accuracy"] == np.mean(probabilities.argmax(axis=1) == labels)
    said = recorder.said[3]
    np.testing.assert_array_equal(said.positions, tiny_data.validation)
    np.testing.assert_array_equal(said.labels, labels)
    np.testing.assert_allclose(said.probabilities, probabilities, rtol=1e-4)
    for record in recorder.epochs:
        said = recorder.said[record["epoch"]]
        assert plain_metrics(said.probabilities, labels)[1] == record["val_accuracy"]
    kernels = [layer.kernel.numpy() for layer in outcome.model.layers if hasattr(layer, "kernel")]
    squares = sum(np.sum(np.square(kernel, dtype=np.float64)) for kernel in kernels)
    assert last["penalty"] == pytest.approx(1e-3 * squares, rel=1e-5)
    assert last["loss"] > last["cross_entropy"]
    assert outcome.weights_checksum == checksum(outcome.model.weights)


def test_loss_is_objective_plus_penalty(tiny_data, tiny_config, recorder):
    config = tiny_config(regularization={"l2": 0.01}, training={"epochs": 1})
    fit(config, tiny_data, recorder)
    record = recorder.epochs[0]
    penalty = record["loss"] - record["cross_entropy"]
    assert penalty == pytest.approx(record["penalty"], rel=0.05)


def test_weights_of_each_epoch_are_those_that_are_evaluated(whole_run):
    """Averaged weights, as this run keeps them."""
    _, recorder, outcome = whole_run
    kernels = {
        layer.name: layer.kernel.numpy()
        for layer in outcome.model.layers
        if hasattr(layer, "kernel")
    }
    rows = {row["layer"]: row for row in recorder.epochs[-1]["weights"]}
    assert list(rows) == list(kernels)
    for name, kernel in kernels.items():
        assert rows[name]["norm"] == pytest.approx(np.linalg.norm(kernel.ravel()), rel=1e-6)
        assert rows[name]["near_zero"] == np.mean(np.abs(kernel) < 1e-3)


def test_without_label_noise_nothing_is_memorized(whole_run):
    _, recorder, _ = whole_run
    assert {record["memorized"] for record in recorder.epochs} == {None}
    assert {record["rescued"] for record in recorder.epochs} == {None}
    assert recorder.facts["flipped_labels"] == 0


@pytest.fixture(scope="module")
def noisy_run(tiny_data, tiny_config, recorder_stopping_at):
    """Long and fast enough to learn the right labels first and the wrong ones by heart after."""
    config = tiny_config(
        split={"label_noise_fraction": 0.25},
        optimizer={"learning_rate": 0.01},
        training={"epochs": 40},
        architecture={"preset": "tiny_cnn", "filters": 8, "dense_units": 64},
    )
    noise = draw_label_noise(tiny_data.labels, tiny_data.train, 3, config.split)
    data = replace(tiny_data, labels=noise.applied_to(tiny_data.labels), noise=noise)
    recorder = recorder_stopping_at(None)
    return data, recorder, fit(config, data, recorder)


def test_wrong_labels_are_rescued_or_memorized(noisy_run):
    data, recorder, outcome = noisy_run
    assert recorder.facts["flipped_labels"] == 13
    predicted = predict(outcome.model, data.images, data.noise.positions).argmax(axis=1)
    last = recorder.epochs[-1]
    assert last["memorized"] == np.mean(predicted == data.noise.given_labels)
    assert last["rescued"] == np.mean(predicted == data.noise.true_labels)
    assert max(record["rescued"] for record in recorder.epochs) > 0.8  # colour tells the truth
    assert last["memorized"] > min(record["memorized"] for record in recorder.epochs)


def test_clean_metrics_judge_by_the_labels_that_were_trained_on(noisy_run):
    data, recorder, outcome = noisy_run
    predicted = predict(outcome.model, data.images, data.train).argmax(axis=1)
    expected = np.mean(predicted == data.labels[data.train])
    assert recorder.epochs[-1]["clean_accuracy"] == expected


NEW_KEYS = ("memorized", "rescued", "weights")


def test_a_history_of_an_earlier_version_is_gone_on_from(whole_run, tiny_data, recorder):
    config, whole, outcome = whole_run
    old = [
        {name: value for name, value in record.items() if name not in NEW_KEYS}
        for record in whole.epochs
    ]
    resumed = fit(config, tiny_data, recorder, history=old, state=whole.checkpoints[1][1])
    assert timeless(resumed.history[:2]) == timeless(old[:2])
    assert timeless(recorder.epochs) == timeless(whole.epochs[2:])
    assert resumed.weights_checksum == outcome.weights_checksum


def test_two_runs_are_equal_to_the_bit(whole_run, tiny_data, recorder):
    config, first, outcome = whole_run
    again = fit(config, tiny_data, recorder)
    assert timeless(recorder.epochs) == timeless(first.epochs)
    assert again.weights_checksum == outcome.weights_checksum
    assert recorder.facts["init_checksum"] == first.facts["init_checksum"]


def test_resumed_run_is_the_whole_run_to_the_bit(whole_run, tiny_data, recorder):
    config, whole, outcome = whole_run
    epoch, state, _ = whole.checkpoints[1]
    history = json.loads(json.dumps(whole.epochs))
    resumed = fit(config, tiny_data, recorder, history=history, state=state)
    assert timeless(resumed.history) == timeless(whole.epochs)
    assert [record["epoch"] for record in recorder.epochs] == [2, 3]
    assert resumed.weights_checksum == outcome.weights_checksum
    for name, values in whole.checkpoints[-1][1].items():
        np.testing.assert_array_equal(values, recorder.checkpoints[-1][1][name], err_msg=name)


@pytest.mark.parametrize(
    "changes",
    [
        {
            "augmentation": {"mixup_alpha": 0.2},
            "training": {"precision": "mixed_float16"},
            "optimizer": {"schedule": {"name": "reduce_on_plateau", "patience_epochs": 1}},
        },
        pytest.param(
            {"optimizer": {"name": "muon", "gradient_accumulation_steps": 3}},
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            {
                "architecture": {"preset": "resnet_small", "conv_blocks": 2},
                "regularization": {"stochastic_depth": 0.2},
            },
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_other_runs_resume_to_the_bit(changes, tiny_data, tiny_config, recorder_stopping_at):
    config = tiny_config(**changes)
    whole, resumed = recorder_stopping_at(None), recorder_stopping_at(None)
    expected = fit(config, tiny_data, whole)
    _, state, _ = whole.checkpoints[0]
    outcome = fit(config, tiny_data, resumed, history=whole.epochs, state=state)
    assert timeless(outcome.history) == timeless(whole.epochs)
    assert outcome.weights_checksum == expected.weights_checksum


def test_resuming_a_finished_run_trains_no_more(whole_run, tiny_data, recorder):
    config, whole, outcome = whole_run
    state = whole.checkpoints[-1][1]
    again = fit(config, tiny_data, recorder, history=whole.epochs, state=state)
    assert recorder.epochs == [] and again.status == "finished"
    assert again.weights_checksum == outcome.weights_checksum


def test_dropout_leaves_the_initial_weights(tiny_data, tiny_config, recorder_stopping_at):
    facts = []
    for dropout in (0.0, 0.5):
        recorder = recorder_stopping_at(1)
        fit(tiny_config(regularization={"dropout": dropout}), tiny_data, recorder)
        facts.append(recorder.facts)
    assert facts[0]["init_checksum"] == facts[1]["init_checksum"]
    assert facts[0]["layer_checksums"] == facts[1]["layer_checksums"]
    assert facts[0]["batch_order_checksum"] == facts[1]["batch_order_checksum"]


def test_stop_within_an_epoch_leaves_no_trace_of_it(whole_run, tiny_data, recorder_stopping_at):
    config, whole, _ = whole_run
    recorder = recorder_stopping_at(6)
    outcome = fit(config, tiny_data, recorder)
    assert outcome.status == "stopped"
    assert timeless(recorder.epochs) == timeless(whole.epochs[:1])
    state = recorder.checkpoints[-1][1]
    resumed = fit(
        config, tiny_data, recorder_stopping_at(None), history=outcome.history, state=state
    )
    assert timeless(resumed.history) == timeless(whole.epochs)


def test_stop_at_the_last_step_of_an_epoch_keeps_it(tiny_config, tiny_data, recorder_stopping_at):
    outcome = fit(tiny_config(), tiny_data, recorder_stopping_at(4))
    assert outcome.status == "stopped" and len(outcome.history) == 1


def test_stop_before_the_first_epoch_ended_leaves_no_model(
    tiny_config, tiny_data, recorder_stopping_at
):
    outcome = fit(tiny_config(), tiny_data, recorder_stopping_at(1))
    assert outcome.best_epoch is None
    with pytest.raises(TrainingError, match="No epoch was finished"):
        outcome.kept_model()


def test_kept_model_is_that_of_the_best_epoch(whole_run, tiny_data):
    config, recorder, outcome = whole_run
    states = {epoch: state for epoch, state, _ in recorder.checkpoints}
    model = build_model(config, tiny_data.image_shape, tiny_data.classes)
    load_weights(model, states[outcome.best_epoch])
    probabilities = predict(model, tiny_data.images, tiny_data.validation)
    accuracy = np.mean(probabilities.argmax(axis=1) == tiny_data.labels[tiny_data.validation])
    assert accuracy == recorder.epochs[outcome.best_epoch]["val_accuracy"]


def test_early_stopping_ends_a_run(tiny_data, tiny_config, recorder):
    config = tiny_config(
        optimizer={"learning_rate": 1e-9},
        regularization={"early_stopping": {"patience_epochs": 2, "monitor": "val_accuracy"}},
        training={"epochs": 9},
    )
    outcome = fit(config, tiny_data, recorder)
    assert outcome.stopped_early and outcome.status == "finished"
    assert len(outcome.history) == 3


@pytest.mark.parametrize(
    "loss", ["cross_entropy", pytest.param("focal", marks=pytest.mark.exhaustive)]
)
def test_nan_ends_the_run_with_advice(loss, tiny_data, tiny_config, recorder):
    config = tiny_config(
        optimizer={"name": "sgd", "learning_rate": 10.0, "momentum": 0.99},
        regularization={"l2": 1.0},
        training={"epochs": 50, "loss": loss},
    )
    with pytest.raises(
        TrainingError, match=r"no longer finite at epoch \d+, step \d+: lower optimizer"
    ):
        fit(config, tiny_data, recorder)
    assert all(math.isfinite(record["loss"]) for record in recorder.epochs)
    assert len(recorder.checkpoints) == len(recorder.epochs)


def test_recorder_that_fails_ends_the_run(tiny_data, tiny_config, recorder):
    def full_disk(*_):
        raise OSError("disk full")

    recorder.checkpoint = full_disk
    with pytest.raises(OSError, match="disk full"):
        fit(tiny_config(training={"epochs": 30}), tiny_data, recorder)
    assert len(recorder.epochs) < 30


def test_foreign_checkpoint_is_refused(whole_run, tiny_data, tiny_config, recorder):
    _, whole, _ = whole_run
    _, state, _ = whole.checkpoints[0]
    with pytest.raises(TrainingError, match="not of this config"):
        fit(tiny_config(), tiny_data, recorder, history=whole.epochs, state=state)
    with pytest.raises(TrainingError, match="history ends before"):
        fit(tiny_config(), tiny_data, recorder, history=[], state=state)


def test_learning_rate_follows_its_schedule(tiny_data, tiny_config, recorder):
    schedule = {"name": "step", "factor": 0.5, "every_epochs": 1}
    config = tiny_config(optimizer={"learning_rate": 0.008, "schedule": schedule})
    fit(config, tiny_data, recorder)
    assert [record["learning_rate"] for record in recorder.epochs] == [0.008, 0.004]
