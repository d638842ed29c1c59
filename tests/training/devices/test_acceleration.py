"""What is decided from simulated facts of GPUs, and the measuring itself on this CPU."""

import re
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.training.devices import acceleration
from cnnlab.training.devices.acceleration import (
    Acceleration,
    Situation,
    decide,
    is_worth_compiling,
    is_worth_timing,
    measure_steps,
    rate_changes_within_epoch,
)
from cnnlab.training.devices.device import Device
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit
from cnnlab.training.loop.trial import Trial
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.model import build_model

CPU = Device("CPU:0", "CPU (2 threads)", 2)
A100 = Device("GPU:0", "GPU: NVIDIA A100", 8, compute_capability=(8, 0))
V100 = Device("GPU:0", "GPU: NVIDIA V100", 8, compute_capability=(7, 0))
P100 = Device("GPU:0", "GPU: NVIDIA P100", 8, compute_capability=(6, 0))
TWO = Device("GPU:0", "2 GPUs: NVIDIA A100", 8, ("GPU:0", "GPU:1"), (8, 0))
PLAIN = Situation(
    device=A100,
    deterministic=True,
    precision="float32",
    rate_changes=False,
    boundaries=[80],
    plain_seconds=0.005,
)


def test_nothing_pays_on_a_cpu():
    decision = decide(replace(PLAIN, device=CPU, deterministic=False, xla_seconds=0.001))
    assert decision == Acceleration()
    assert (decision.steps_per_execution, decision.xla) == (1, False)


@pytest.mark.parametrize(
    ("boundaries", "steps"),
    [([80], 8), ([84], 4), ([86], 2), ([81], 1), ([80, 44], 4), ([80, 80, 13], 1), ([1], 1)],
)
def test_an_execution_runs_past_no_boundary(boundaries, steps):
    assert decide(replace(PLAIN, boundaries=boundaries)).steps_per_execution == steps


@pytest.mark.parametrize(("seconds", "steps"), [(0.02, 8), (0.04, 4), (0.09, 2), (0.11, 1)])
def test_no_stop_and_no_dial_waits_longer_than_a_fifth_of_a_second(seconds, steps):
    assert decide(replace(PLAIN, plain_seconds=seconds)).steps_per_execution == steps


def test_a_rate_that_changes_at_each_step_needs_single_steps():
    decision = decide(replace(PLAIN, rate_changes=True))
    assert decision.steps_per_execution == 1
    assert "the learning rate changes at each" in decision.words


def test_a_step_whose_time_is_not_known_is_made_alone():
    assert decide(replace(PLAIN, plain_seconds=None)).steps_per_execution == 1


@pytest.mark.parametrize(
    ("xla_seconds", "xla", "words"),
    [
        (0.003, True, "XLA on: 3 ms a step with it, 5 ms without"),
        (0.006, False, "XLA off: 6 ms a step with it, 5 ms without"),
        (None, False, "XLA off: it wasn't tried or failed"),
    ],
)
def test_the_faster_way_is_taken(xla_seconds, xla, words):
    decision = decide(replace(PLAIN, deterministic=False, xla_seconds=xla_seconds))
    assert decision.xla is xla and words in decision.words


def test_exactness_comes_before_xla():
    decision = decide(replace(PLAIN, deterministic=True, xla_seconds=0.001))
    assert not decision.xla and "deterministic" in decision.words


def test_several_gpus_go_step_by_step_without_xla():
    decision = decide(replace(PLAIN, device=TWO, deterministic=False, xla_seconds=0.001))
    assert (decision.steps_per_execution, decision.xla) == (1, False)


@pytest.mark.parametrize(
    ("device", "precision", "words"),
    [
        (A100, "mixed_bfloat16", "mixed_bfloat16."),
        (A100, "mixed_float16", "mixed_float16, though mixed_bfloat16 suits this GPU better."),
        (V100, "mixed_float16", "mixed_float16."),
        (V100, "mixed_bfloat16", "mixed_bfloat16, though mixed_float16 suits this GPU better."),
        (P100, "mixed_float16", "mixed_float16 isn't known to be faster than float32 on this GPU."),
        (replace(A100, compute_capability=(12, 0)), "mixed_bfloat16", "; mixed_bfloat16."),
        (A100, "float32", "; float32, though mixed_bfloat16 may be faster on this GPU."),
        (P100, "float32", "deterministic kernels."),
        (replace(A100, compute_capability=None), "mixed_float16", "deterministic kernels."),
        (CPU, "float32", "on a CPU neither pays."),
        (CPU, "mixed_bfloat16", "on a CPU neither pays; mixed_bfloat16."),  # measured elsewhere
        (CPU, "mixed_float16", "on a CPU neither pays; mixed_float16."),
    ],
)
def test_the_precision_is_the_configs_and_commented_on(device, precision, words):
    assert decide(replace(PLAIN, device=device, precision=precision)).words.endswith(words)


def test_xla_is_tried_only_where_it_can_pay():
    able = replace(PLAIN, deterministic=False)
    assert is_worth_compiling(able, steps_left=100_000)
    assert not is_worth_compiling(able, steps_left=1_000)
    assert not is_worth_compiling(PLAIN, steps_left=100_000)
    assert not is_worth_compiling(replace(able, plain_seconds=None), steps_left=100_000)


def test_a_step_is_timed_only_where_that_can_gain_anything():
    assert is_worth_timing(PLAIN, steps_left=1_000)
    assert not is_worth_timing(PLAIN, steps_left=999)
    assert not is_worth_timing(replace(PLAIN, device=CPU), steps_left=100_000)
    assert not is_worth_timing(replace(PLAIN, device=TWO), steps_left=100_000)
    fixed = replace(PLAIN, rate_changes=True)
    assert not is_worth_timing(fixed, steps_left=100_000)
    assert is_worth_timing(replace(fixed, deterministic=False), steps_left=100_000)


def test_a_dial_waits_for_whole_executions():
    assert Acceleration(8).whole_executions(5) == 8
    assert Acceleration(8).whole_executions(16) == 16
    assert Acceleration().whole_executions(5) == 5


@pytest.mark.parametrize(
    ("schedule", "changes"),
    [
        (None, False),
        ({"name": "step"}, False),
        ({"name": "step", "every_epochs": 1.5}, True),
        ({"name": "step", "warmup_epochs": 1}, True),
        ({"name": "reduce_on_plateau"}, False),
        ({"name": "cosine"}, True),
        ({"name": "one_cycle"}, True),
    ],
)
def test_schedules_that_change_within_an_epoch(schedule, changes):
    config = load_config({"optimizer": {"schedule": schedule}})
    assert rate_changes_within_epoch(config.optimizer) is changes


def test_both_ways_are_compiled_and_measured_and_the_faster_one_is_taken(tiny_config, caplog):
    """On the CPU that TensorFlow computes with here, whatever GPU the facts pretend.

    Which one is faster there is the machine's: 44 against 44.3 ms were seen.
    """
    config = tiny_config(
        image={"size": 32}, architecture={"filters": 16}, training={"batch_size": 32}
    )
    images = np.random.default_rng(0).integers(0, 255, (64, 32, 32, 3), np.uint8)
    labels = np.arange(64, dtype=np.int32) % 3
    data = TrainingData(images, labels, np.arange(48), np.arange(48, 64), ("a", "b", "c"))
    trial = Trial(config, data, A100)
    situation = replace(PLAIN, deterministic=False, boundaries=[2], plain_seconds=None)
    with caplog.at_level("INFO"):
        decision = trial.accelerate(situation, steps_left=10**9)
    assert decision.words in caplog.messages
    told = re.search(
        r"XLA (on|off): ([\d.]+) ms a step with it, ([\d.]+) ms without", decision.words
    )
    assert told is not None
    assert decision.xla is (told[1] == "on")
    with_it, without = float(told[2]), float(told[3])
    assert with_it == without or decision.xla is (with_it < without)  # as rounded


def test_of_layers_that_are_computed_once_the_head_is_measured(tiny_config, tiny_data):
    config = tiny_config(architecture={"frozen_layers": 2})
    head = CachedFeatures("flatten", 72, copies=0, augmented_bytes=0, plain_bytes=1)
    situation = replace(PLAIN, deterministic=False, boundaries=[2], plain_seconds=None)
    decision = Trial(config, tiny_data, A100).accelerate(situation, 10**9, head)
    assert "ms a step with it" in decision.words
    of_images = replace(head, layer="image")  # its head would take pictures, not 72 features
    decision = Trial(config, tiny_data, A100).accelerate(situation, 10**9, of_images)
    assert "it wasn't tried or failed" in decision.words


def test_a_step_that_fails_counts_as_not_measured():
    def build():
        raise tf.errors.UnimplementedError(None, None, "no kernel")

    assert measure_steps(build, ()) is None


def test_a_decision_is_what_the_model_is_compiled_with(tiny_config, monkeypatch):
    monkeypatch.setattr(acceleration, "_STEPS", (2,))
    config = tiny_config()
    model = build_model(config, (12, 12, 3), 3)
    compile_model(model, config, decide(replace(PLAIN, boundaries=[4])))
    assert model.steps_per_execution == 2 and model.jit_compile is False


def test_two_steps_per_execution_train_the_same_run(
    tiny_config, tiny_data, recorder_stopping_at, monkeypatch
):
    """Four steps an epoch, a dial turned on the way: nothing but the callbacks' rhythm differs."""
    config = tiny_config(
        augmentation={"flip": "horizontal"},
        regularization={"dropout": 0.2},
        training={"batch_size": 13, "epochs": 3},
    )
    single, double, again = (recorder_stopping_at(None) for _ in range(3))
    expected = fit(config, tiny_data, single)
    monkeypatch.setattr(Trial, "accelerate", lambda *_: Acceleration(2))
    outcome = fit(config, tiny_data, double)
    assert [record["epoch"] for record in double.epochs] == [0, 1, 2]
    for ours, theirs in zip(outcome.model.weights, expected.model.weights, strict=True):
        np.testing.assert_allclose(ours.value.numpy(), theirs.value.numpy(), atol=1e-6)
    again.asked = [{"number": 1, "values": {"regularization.dropout": 0.5}}]
    fit(config, tiny_data, again)
    assert [turn.step % 2 for turn in again.turns] == [0]
