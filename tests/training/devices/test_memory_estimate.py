"""The memory estimate: its parts, its refusals, and against what a real training takes."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnlab.domain.errors import TrainingError
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.training.devices import memory_estimate as memory
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.memory_estimate import (
    ESTIMATE_FACTOR,
    MemoryEstimate,
    build_fitting,
    discard_sketches,
    estimate_memory,
    largest_estimate,
    memory_limit_bytes,
    memory_problem,
    sketched,
)
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model

CPU = Device("CPU:0", "CPU (2 threads)", 2)
GPU = Device("GPU:0", "GPU: NVIDIA A100", 8, memory_bytes=40 * 10**9)
HUGE = {"layers": [{"kind": "flatten"}, *[{"kind": "dense", "units": 8192}] * 125]}
PARTS = MemoryEstimate(*range(1, 11), features=0)


@pytest.fixture
def build(tiny_config):
    def with_parts(**parts):
        config = tiny_config(**parts)
        return config, lambda: build_model(config, (12, 12, 3), 3)

    return with_parts


def test_a_sketch_has_shapes_and_takes_no_memory(build, tiny_config):
    config = tiny_config(architecture=HUGE)
    model = sketched(lambda: build_model(config, (12, 12, 3), 3))
    try:
        assert model.count_params() > 8 * 10**9
        estimate = estimate_memory(model, config, CPU, process_bytes=0)
        assert estimate.weights == 4 * model.count_params()
    finally:
        discard_sketches()


@pytest.mark.parametrize("preset", ["tiny_cnn", "resnet_small"])
def test_a_model_that_was_sketched_first_is_the_same_to_the_bit(preset, build):
    config, plain = build(
        architecture={"preset": preset}, regularization={"dropout": 0.3, "batch_norm": True}
    )
    expected, model = plain(), build_fitting(plain, config, CPU)
    assert [v.path for v in model.weights] == [v.path for v in expected.weights]
    for ours, theirs in zip(model.variables, expected.variables, strict=True):
        np.testing.assert_array_equal(ours.value.numpy(), theirs.value.numpy(), err_msg=ours.path)


def test_the_parts_are_those_of_the_formula(build):
    config, plain = build()
    model = plain()
    estimate = estimate_memory(model, config, CPU, process_bytes=7)
    parameters = model.count_params()
    assert estimate.weights == estimate.gradients == 4 * parameters
    assert estimate.optimizer == 2 * 4 * parameters  # Adam
    assert estimate.states == 3 * (estimate.weights + estimate.optimizer)
    outputs = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers[1:])
    assert estimate.activations == 16 * 4 * outputs
    assert estimate.process == 7
    assert estimate.to_json()["total_bytes"] == estimate.total == sum(vars(estimate).values())


@pytest.mark.parametrize(
    ("optimizer", "values"),
    [
        ({"name": "sgd", "momentum": 0}, 0),
        ({"name": "sgd"}, 1),
        ({"name": "adam", "ema_momentum": 0.9}, 3),
        ({"name": "adamw", "gradient_accumulation_steps": 2}, 3),
    ],
)
def test_the_optimizer_counts_as_it_is(optimizer, values, build):
    config, plain = build(optimizer=optimizer)
    estimate = estimate_memory(plain(), config, CPU)
    assert estimate.optimizer == values * estimate.gradients


def test_frozen_layers_need_no_gradients(build):
    config, plain = build(architecture={"frozen_layers": 2})
    estimate = estimate_memory(plain(), config, CPU)
    assert estimate.gradients < estimate.weights
    shared = estimate.weights - estimate.gradients  # no batch norm: what isn't trained is frozen
    assert estimate.states == shared + 3 * (estimate.gradients + estimate.optimizer)


def test_what_is_behind_the_frozen_layers_alone_is_kept_and_less_where_they_are_computed_once(
    build,
):
    config, plain = build(architecture={"frozen_layers": 2, "conv_blocks": 2})
    model, whole = plain(), build()[1]()
    free = estimate_memory(whole, build()[0], CPU)
    anew = estimate_memory(model, config, CPU)
    once = CachedFeatures("flatten", 36, 8, augmented_bytes=5000, plain_bytes=700)
    cached = estimate_memory(model, config, CPU, cached=once)
    assert cached.activations < anew.activations < free.activations
    head = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers[-4:])
    assert cached.activations == 16 * 4 * head
    assert cached.features == 5700 and anew.features == 0


def test_features_that_one_phase_alone_keeps_are_counted_in_it(build):
    config, plain = build(architecture={"conv_blocks": 2})
    model = plain()
    once = CachedFeatures("flatten", 36, 8, augmented_bytes=2 * 10**8, plain_bytes=0)
    found = largest_estimate(model, config, CPU, [once, None])
    assert found.features == 2 * 10**8
    anew = estimate_memory(model, config, CPU)
    assert found.activations < anew.activations  # no step computes what is before them
    few = CachedFeatures("flatten", 36, 0, augmented_bytes=0, plain_bytes=1)
    assert largest_estimate(model, config, CPU, [few, None]).features == 0


def test_half_precision_halves_the_activations(build):
    estimates = []
    for precision in ("float32", "mixed_bfloat16"):
        config, plain = build(training={"precision": precision})
        estimates.append(estimate_memory(plain(), config, CPU))
    assert 0.5 < estimates[1].activations / estimates[0].activations < 0.7
    assert estimates[1].weights == estimates[0].weights


def test_several_devices_share_a_batch(build):
    config, plain = build()
    two = replace(GPU, replicas=("GPU:0", "GPU:1"))
    whole, shared = (estimate_memory(plain(), config, device) for device in (GPU, two))
    assert shared.activations == whole.activations / 2
    assert shared.weights == whole.weights


def test_a_gpu_holds_only_its_part():
    assert PARTS.total == 55
    assert PARTS.device == 1 + 2 + 3 + 4 + 5 + 6


def test_the_limit_is_that_of_the_device(monkeypatch):
    monkeypatch.setattr(memory, "free_memory_bytes", lambda: 5)
    monkeypatch.setattr(memory, "resident_bytes", lambda: 3)
    assert memory_limit_bytes(CPU) == 8
    assert memory_limit_bytes(GPU) == 40 * 10**9
    assert memory_limit_bytes(replace(GPU, memory_bytes=None)) is None


def test_only_what_surely_does_not_fit_is_refused(tiny_config):
    config = tiny_config()
    assert memory_problem(PARTS, None, config, GPU) is None
    assert memory_problem(PARTS, 28, config, CPU) is None  # less than the estimate of 55
    assert "lower training.batch_size (now 16)" in memory_problem(PARTS, 27, config, CPU)
    assert "image.size (now 12 px)" in memory_problem(PARTS, 27, config, CPU)
    assert memory_problem(PARTS, 11, config, GPU) is None  # 21 of these are the GPU's
    assert "won't suffice" in memory_problem(PARTS, 10, config, GPU)
    assert "weights and their optimizer alone" in memory_problem(PARTS, 5, config, GPU)


def test_a_batch_of_one_image_can_not_be_lowered(tiny_config):
    problem = memory_problem(PARTS, 27, tiny_config(training={"batch_size": 1}), CPU)
    assert "batch_size" not in problem and "lower image.size" in problem


def test_a_network_that_can_not_fit_is_refused_before_it_is_built(tiny_config):
    config = tiny_config(architecture=HUGE)
    with pytest.raises(
        TrainingError, match=r"too large for GPU: NVIDIA A100: its weights"
    ) as error:
        build_fitting(lambda: build_model(config, (12, 12, 3), 3), config, GPU)
    assert error.value.cause == "memory"
    build_model(tiny_config(), (12, 12, 3), 3)  # nothing of it is left to be initialized


def test_a_run_that_can_not_fit_ends_before_its_first_step(build, tiny_data, recorder, monkeypatch):
    config, _ = build()
    monkeypatch.setattr(memory, "memory_limit_bytes", lambda device: 10**6)
    with pytest.raises(
        TrainingError, match=r"won't suffice: .* lower training.batch_size"
    ) as error:
        fit(config, tiny_data, recorder)
    assert error.value.cause == "memory" and recorder.facts is None


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from there")
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(
            {"architecture": {"preset": "resnet_small"}, "image": {"size": 48}},
            marks=pytest.mark.exhaustive,
        ),
        {
            "architecture": {"preset": "small_cnn", "dense_units": 2048},
            "image": {"size": 48},
            "training": {"epochs": 2, "batch_size": 32},
        },
        *(
            pytest.param(
                {
                    "architecture": {"preset": "resnet_small", "frozen_layers": frozen},
                    "image": {"size": 96},
                    "augmentation": {"rotation_degrees": 10},
                },
                marks=pytest.mark.exhaustive,
            )
            for frozen in (10, 19)
        ),
    ],
)
def test_a_real_training_takes_what_was_estimated(parts):
    values = {"training": {"epochs": 2, "batch_size": 128}} | parts
    here = Path(__file__)
    answer = subprocess.run(
        [sys.executable, here.with_name("peak_memory.py"), json.dumps(values)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(here.parents[3])},
    )
    found = json.loads(answer.stdout)
    assert found["peak"] / ESTIMATE_FACTOR < found["estimate"] < found["peak"] * ESTIMATE_FACTOR
