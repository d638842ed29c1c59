"""What a pre-flight finds on tiny networks: facts, times, warnings and problems."""

import json

import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model
from cnnlab.training.preflight import preflight as module
from cnnlab.training.preflight.conclusions import loss_problem, without_randomness
from cnnlab.training.preflight.once import Times
from cnnlab.training.preflight.preflight import preflight

SECONDS = (
    "compile_seconds",
    "seconds_per_step",
    "evaluation_seconds",
    "seconds_per_epoch",
    "total_seconds",
)


class Listener:
    def __init__(self):
        self.phases, self.beats = [], 0

    def phase(self, text):
        self.phases.append(text)

    def beat(self):
        self.beats += 1


@pytest.fixture(scope="module", autouse=True)
def a_calm_machine():
    """However busy this one is, these networks don't count as large ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SCARCE_AFTER_SECONDS", 600.0)
        yield


KNOWN = {"precision": "mixed_bfloat16", "seconds_per_step_now": 2.0, "seconds_per_step": 1.0}


@pytest.fixture
def look(tiny_data, tiny_config):
    """Pre-flights of a config with the given parts, for which the other precision is known: to time
    it, a second network is built and compiled."""

    def start(known_precision=KNOWN, **parts):
        config = tiny_config(**parts)
        return preflight(config, tiny_data, Listener(), known_precision=known_precision)

    return start


def kinds(outcome):
    return [warning["kind"] for warning in outcome["warnings"]]


@pytest.fixture(scope="module")
def ordinary(tiny_data, tiny_config):
    """A pre-flight with much switched on, and who listened to it."""
    config = tiny_config(
        augmentation={"flip": "horizontal", "rotation_degrees": 10},
        regularization={"dropout": 0.5, "l2": 1e-4, "batch_norm": True},
        optimizer={"schedule": "cosine", "ema_momentum": 0.9},
        training={"class_weights": "balanced", "epochs": 3},
    )
    listener = Listener()
    return config, listener, preflight(config, tiny_data, listener)


def test_an_ordinary_network_has_no_problem(ordinary):
    _, listener, outcome = ordinary
    json.dumps(outcome, allow_nan=False)
    assert outcome["problem"] is None and outcome["warnings"] == []
    assert listener.phases == [
        "Building the model",
        "Timing some steps",
        "Seeing whether the loss falls",
        "Trying mixed_bfloat16",
    ]
    assert listener.beats >= 10


def test_the_network_is_described(ordinary, tiny_data):
    config, _, outcome = ordinary
    model = build_model(config, tiny_data.image_shape, 3)
    assert outcome["layers"][-1] == {
        "name": "probabilities",
        "kind": "Dense",
        "output_shape": [3],
        "parameters": 27,
    }
    assert outcome["parameters"] == model.count_params()
    assert (
        outcome["trainable_parameters"] < outcome["parameters"]
    )  # batch norm's means and variances
    assert outcome["batch_size"] == 16 and outcome["steps_per_epoch"] == 4
    assert outcome["memory"]["total_bytes"] < outcome["memory"]["limit_bytes"]
    assert outcome["device"].startswith("CPU (")


def test_times_add_up(ordinary):
    _, _, outcome = ordinary
    assert all(outcome[name] > 0 for name in SECONDS)
    epoch = 4 * outcome["seconds_per_step"] + outcome["evaluation_seconds"]
    assert outcome["seconds_per_epoch"] == pytest.approx(epoch)
    assert outcome["total_seconds"] == pytest.approx(outcome["compile_seconds"] + 3 * epoch)
    assert outcome["features_seconds"] == 0


def test_frozen_layers_are_timed_once_and_their_head_at_every_step(look):
    outcome = look(
        architecture={"frozen_layers": 2},
        augmentation={"rotation_degrees": 10},
        training={"epochs": 5},
    )
    assert all(outcome[name] > 0 for name in (*SECONDS, "features_seconds"))
    epoch = 4 * outcome["seconds_per_step"] + outcome["evaluation_seconds"]
    before = outcome["compile_seconds"] + outcome["features_seconds"]
    assert outcome["total_seconds"] == pytest.approx(before + 5 * epoch)
    values, head = 72, 72 * 8 + 8 + 8 * 3 + 3
    kept = 4 * 52 * (values + 3)
    assert outcome["memory"]["features_bytes"] == 5 * kept + 4 * values * 72
    assert outcome["trainable_parameters"] == head
    assert outcome["loss"]["values"][-1] < outcome["loss"]["values"][0]


def test_each_phase_counts_with_its_own_times(look, monkeypatch):
    head, whole = Times(1.0, 0.01, 0.001, image=0.1), Times(2.0, 0.1, 0.01)
    monkeypatch.setattr(module, "measure_once", lambda *_: head)
    monkeypatch.setattr(module._Preflight, "_times_of_steps", lambda _: whole)
    phases = [{"epochs": 100, "trainable_blocks": 0}, {"epochs": 2}]
    outcome = look(architecture={"phases": phases})
    assert outcome["compile_seconds"] == 3
    assert outcome["features_seconds"] == pytest.approx(72 * 0.1)
    assert outcome["seconds_per_epoch"] == pytest.approx(4 * 0.1 + 72 * 0.01)  # of the last phase
    own = 100 * (4 * 0.01 + 72 * 0.001) + 2 * (4 * 0.1 + 72 * 0.01)
    assert outcome["total_seconds"] == pytest.approx(3 + 72 * 0.1 + own)


def test_the_loss_falls_on_one_batch(ordinary):
    _, _, outcome = ordinary
    values = outcome["loss"]["values"]
    assert values[-1] < values[0] and len(values) >= 4


def test_a_run_does_not_depend_on_a_pre_flight(ordinary, tiny_data, recorder_stopping_at):
    config, _, _ = ordinary
    before, after = recorder_stopping_at(1), recorder_stopping_at(1)
    fit(config, tiny_data, before)
    preflight(config, tiny_data, Listener())
    fit(config, tiny_data, after)
    assert after.facts["init_checksum"] == before.facts["init_checksum"]


@pytest.mark.parametrize(
    ("precision", "other"),
    [
        ("float32", "mixed_bfloat16"),
        pytest.param("mixed_bfloat16", "float32", marks=pytest.mark.exhaustive),
    ],
)
def test_the_step_in_the_precision_that_may_be_faster_is_timed(
    precision, other, tiny_data, tiny_config
):
    config = tiny_config(regularization={"dropout": 0.5}, training={"precision": precision})
    listener = Listener()
    found = preflight(config, tiny_data, listener)["other_precision"]
    assert found.pop("precision") == other
    assert sorted(found) == ["seconds_per_step", "seconds_per_step_now"]
    assert min(found.values()) > 0
    assert listener.phases[-1] == f"Trying {other}"


FROZEN = {
    "layers": [{"kind": "conv"}, {"kind": "global_average_pool"}, {"kind": "dense"}],
    "frozen_layers": 1,
}


def test_no_other_precision_is_timed_where_it_would_take_long(look, monkeypatch):
    monkeypatch.setattr(module, "_SCARCE_AFTER_SECONDS", 0.0)
    assert look(known_precision=None)["other_precision"] is None


@pytest.mark.parametrize(
    ("parts", "is_told"),
    [
        ({}, True),
        ({"architecture": FROZEN}, False),  # a step computes the head alone
        ({"optimizer": {"learning_rate": 1e-8}}, False),  # another run is wanted
    ],
)
def test_a_known_gain_is_told_where_it_says_something_of_the_run(
    parts, is_told, tiny_data, tiny_config
):
    listener = Listener()
    outcome = preflight(tiny_config(**parts), tiny_data, listener, known_precision=KNOWN)
    assert outcome["other_precision"] == (KNOWN if is_told else None)
    assert (outcome["problem"] is None) is ("optimizer" not in parts)
    assert "Trying mixed_bfloat16" not in listener.phases


@pytest.mark.exhaustive
def test_no_room_for_another_precision_is_no_problem_of_the_run(look, monkeypatch):
    monkeypatch.setattr(module, "measure_steps", lambda *_: None)
    outcome = look(known_precision=None)
    assert outcome["other_precision"] is None and outcome["problem"] is None
    assert outcome["total_seconds"] > 0


def test_too_large_a_network_is_told_and_not_tried(look):
    outcome = look(
        architecture={"layers": [{"kind": "flatten"}, *[{"kind": "dense", "units": 8192}] * 125]}
    )
    assert "too large for CPU" in outcome["problem"]
    assert all(outcome[name] is None for name in (*SECONDS, "loss"))
    assert outcome["layers"] and outcome["memory"]["weights_bytes"] > 30 * 10**9
    assert look()["problem"] is None  # nothing of the large one is left


def test_memory_that_runs_out_is_told(look, monkeypatch):
    def exhausted(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(module, "training_batches", exhausted)
    outcome = look()
    assert "lower training.batch_size (now 16)" in outcome["problem"]
    assert outcome["seconds_per_step"] is None and outcome["loss"] is None


def test_a_loss_that_explodes_is_told_with_advice(look):
    outcome = look(
        optimizer={"name": "sgd", "learning_rate": 10.0, "momentum": 0.99},
        regularization={"l2": 1.0},
    )
    json.dumps(outcome, allow_nan=False)
    assert "lower optimizer.learning_rate (now 10), to 1 for example" in outcome["problem"]


def test_a_loss_that_hardly_moves_is_told_with_the_usual_rate(look):
    outcome = look(optimizer={"learning_rate": 1e-8})
    assert "raise optimizer.learning_rate (now 1e-08; usual for adam: 0.001)" in outcome["problem"]


@pytest.mark.exhaustive
def test_a_large_network_is_looked_at_with_dropout_on(look, monkeypatch):
    monkeypatch.setattr(module, "_SCARCE_AFTER_SECONDS", 0.0)
    outcome = look(regularization={"dropout": 0.5}, optimizer={"learning_rate": 1e-8})
    assert outcome["loss"]["with_dropout"] and outcome["problem"] is None
    assert not look()["loss"]["with_dropout"]  # there is none to switch off


@pytest.mark.parametrize(
    ("values", "with_dropout", "problem"),
    [
        ([1.1, 1.0, 0.9, 0.8], False, None),
        ([1.1, 1.4, 1.2, 1.0], False, None),
        ([1.1, 1.2, 1.3, 1.4], False, None),
        ([1.1, 4.2, 5.3, 6.4], False, "The loss rises, from 1.1 to 4.2 in 3 steps"),
        ([1.1, *[1.4] * 7, 1.2], False, "The loss rises, from 1.1 to 1.2 in 8 steps"),
        ([1.1, 1.2, 1.3, 1.4], True, None),
        ([1.1, *[1.0999] * 8], False, "The loss hardly falls"),
        ([1.1, 1.2, None, 1.0], True, "no longer finite"),
        ([None, None, None, None], False, "no longer finite"),
    ],
)
def test_losses_are_judged(values, with_dropout, problem):
    found = loss_problem({"values": values, "with_dropout": with_dropout}, RunConfig())
    assert (found is None) if problem is None else (problem in found)


def test_nothing_random_is_left_and_the_initial_weights_are_the_same(tiny_config):
    layers = [
        {"kind": "gaussian_noise"},
        {"kind": "conv", "filters": 4},
        {"kind": "spatial_dropout"},
        {"kind": "max_pool"},
        {"kind": "dropout"},
        {"kind": "conv", "filters": 4},
    ]
    config = tiny_config(
        architecture={"layers": layers},
        regularization={"dropout": 0.5, "spatial_dropout": 0.1, "gaussian_noise": 0.1},
        optimizer={"gradient_accumulation_steps": 4},
    )
    quiet = without_randomness(config)
    assert quiet.optimizer.gradient_accumulation_steps == 1
    ours, theirs = (build_model(each, (12, 12, 3), 3) for each in (quiet, config))
    assert len(ours.variables) == len(ours.weights)  # no state of a random layer
    for own, other in zip(ours.weights, theirs.weights, strict=True):
        assert own.path == other.path
        np.testing.assert_array_equal(own.value.numpy(), other.value.numpy())


def test_warnings(look):
    outcome = look(
        architecture={"preset": "resnet_small", "filters": 4},
        training={"batch_size": 8},
    )
    assert kinds(outcome) == ["batch_norm", "few_pixels"]
    assert "batches of 8" in outcome["warnings"][0]["message"]
    assert "2 × 2 px are left" in outcome["warnings"][1]["message"]


def test_a_batch_larger_than_the_set_is_a_warning(look):
    outcome = look(training={"batch_size": 64})
    assert kinds(outcome) == ["batch_larger_than_set"]
    assert outcome["steps_per_epoch"] == 1 and outcome["seconds_per_step"] > 0


def test_a_last_layer_with_nearly_all_parameters_is_a_warning(look):
    outcome = look(architecture={"layers": [{"kind": "conv", "filters": 4}, {"kind": "flatten"}]})
    assert kinds(outcome) == ["last_layer"]


def test_auto_becomes_a_number(look):
    outcome = look(training={"batch_size": "auto", "device": "all_gpus"})
    assert outcome["batch_size"] == 32 and outcome["steps_per_epoch"] == 2
    assert "suits a CPU" in outcome["batch_size_words"]
    assert kinds(outcome) == ["device"]  # no GPU is here


def test_an_impossible_network_is_a_config_error(look):
    with pytest.raises(ConfigError, match="Max pooling"):
        look(architecture={"layers": [{"kind": "max_pool"}] * 4})


def test_one_image_per_step_and_a_single_step(tiny_config):
    images = np.random.default_rng(0).integers(0, 255, (3, 12, 12, 3), np.uint8)
    data = TrainingData(
        images, np.array([0, 1, 0], np.int32), np.array([0, 1]), np.array([2]), ("a", "b")
    )
    config = load_config(
        {
            "image": {"size": 12},
            "architecture": {"preset": "tiny_cnn", "filters": 4},
            "training": {"epochs": 1, "batch_size": 1},
        }
    )
    assert preflight(config, data, Listener())["steps_per_epoch"] == 2
