"""The choice of a device among GPUs that aren't there, and the check whether one computes."""

import sys

import pytest
import tensorflow as tf

from cnnlab.domain.errors import ConfigError
from cnnlab.training.devices import device as devices
from cnnlab.training.devices import gpu_check
from cnnlab.training.devices.device import Device, choose_device, describe, exactness


class FakeGpu:
    def __init__(self, number):
        self.name = f"/physical_device:GPU:{number}"


CHIPS = {
    "/physical_device:GPU:0": {"device_name": "NVIDIA A100", "compute_capability": (8, 0)},
    "/physical_device:GPU:1": {"device_name": "NVIDIA V100", "compute_capability": (7, 0)},
}


@pytest.fixture
def gpus(monkeypatch):
    """Pretends that there are so many GPUs; what was asked of TensorFlow is in the dictionary."""
    asked = {"growth": [], "visible": None, "checked": [], "problem": None}

    def check(names, words):
        asked["checked"].append((tuple(names), words))
        return asked["problem"]

    def pretend(count, problem=None):
        there = [FakeGpu(number) for number in range(count)]
        asked["problem"] = problem
        config = tf.config
        monkeypatch.setattr(config, "list_physical_devices", lambda kind: there)
        monkeypatch.setattr(config, "get_visible_devices", lambda kind: there)
        monkeypatch.setattr(
            config, "set_visible_devices", lambda wanted, kind: asked.update(visible=wanted)
        )
        monkeypatch.setattr(
            config.experimental, "set_memory_growth", lambda gpu, on: asked["growth"].append(gpu)
        )
        monkeypatch.setattr(
            config.experimental, "get_device_details", lambda gpu: CHIPS.get(gpu.name, {})
        )
        monkeypatch.setattr(devices, "gpu_problem", check)
        monkeypatch.setattr(devices, "_memory_bytes", lambda index: (40 - index) * 10**9)
        return there, asked

    return pretend


def test_auto_takes_a_gpu_that_computes(gpus):
    there, asked = gpus(2)
    device = choose_device("auto")
    assert (device.name, device.words, device.is_gpu) == ("GPU:0", "GPU: NVIDIA A100", True)
    assert device.replicas == () and device.note == ""
    assert asked["visible"] == there[:1] and asked["growth"] == there[:1]
    assert asked["checked"] == [(("GPU:0",), "NVIDIA A100 (8, 0)")]
    facts = describe(device)
    assert facts["compute_capability"] == "8.0"
    assert facts["device_memory_bytes"] == 40 * 10**9


def test_a_numbered_gpu_is_the_only_visible_one(gpus):
    there, asked = gpus(2)
    device = choose_device("gpu:1")
    assert (device.name, device.words) == ("GPU:0", "GPU: NVIDIA V100")
    assert device.memory_bytes == 39 * 10**9  # of the second GPU as CUDA counts
    assert asked["visible"] == there[1:]


def test_auto_falls_back_to_the_cpu_and_says_why(gpus):
    _, asked = gpus(1, problem="had not finished one step after 120 s")
    device = choose_device("auto")
    assert device.name == "CPU:0" and asked["visible"] == []
    assert device.note == (
        "NVIDIA A100 had not finished one step after 120 s, so this run computes on the CPU."
    )
    assert describe(device)["device_note"] == device.note


def test_a_gpu_that_was_asked_for_and_fails_is_an_error(gpus):
    gpus(1, problem="failed at one step (no kernel image)")
    with pytest.raises(ConfigError, match=r"NVIDIA A100 failed at one step .* auto or cpu"):
        choose_device("gpu:0")


def test_all_gpus_share_the_batches(gpus):
    there, asked = gpus(2)
    device = choose_device("all_gpus")
    assert device.replicas == ("GPU:0", "GPU:1")
    assert device.words == "2 GPUs: NVIDIA A100"
    assert device.compute_capability == (7, 0) and device.memory_bytes == 39 * 10**9
    assert asked["growth"] == there
    assert asked["checked"] == [(("GPU:0", "GPU:1"), "NVIDIA A100 (8, 0), NVIDIA V100 (7, 0)")]
    assert exactness(device, depthwise=False).startswith("Not exact")


@pytest.mark.parametrize(("count", "seen", "name"), [(0, "no GPU", "CPU:0"), (1, "1 GPU", "GPU:0")])
def test_all_gpus_is_like_auto_where_there_are_fewer_than_two(count, seen, name, gpus):
    gpus(count)
    device = choose_device("all_gpus")
    assert device.name == name and device.replicas == ()
    assert f"TensorFlow sees {seen}" in device.note


def test_cpu_hides_every_gpu_and_checks_none(gpus):
    _, asked = gpus(2)
    assert choose_device("cpu").name == "CPU:0"
    assert asked["visible"] == [] and asked["checked"] == []


def test_tensorflow_keeps_to_the_share_of_a_container(monkeypatch, caplog):
    wanted = []

    def refuse(threads):
        wanted.append(threads)
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(devices, "cpu_threads", lambda: 1)
    monkeypatch.setattr(devices, "allowed_cpus", lambda: 8)
    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", refuse)
    with caplog.at_level("INFO"):
        assert choose_device("cpu").threads == 1
    assert wanted == [1] and "1 were right" in caplog.text


def test_deterministic_kernels_are_for_a_single_gpu(monkeypatch):
    switched = []
    enable = lambda: switched.append(True)  # noqa: E731
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", enable)
    gpu = Device("GPU:0", "GPU: NVIDIA A100", 8, compute_capability=(8, 0))
    assert exactness(gpu, depthwise=True).startswith("Not exact") and not switched
    assert exactness(gpu, depthwise=False).startswith("Exact on this GPU") and switched


def test_a_step_works_on_the_cpu():
    assert gpu_check.try_step("CPU:0") > 0


@pytest.mark.exhaustive
def test_a_device_that_is_not_there_fails_in_the_other_process(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    problem = gpu_check.gpu_problem(["GPU:7"], "no chip")
    assert problem.startswith("failed at one step (") and "GPU:7" in problem
    assert list(tmp_path.iterdir()) == []


def test_a_success_is_remembered(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(gpu_check, "step_problem", lambda command, _: commands.append(command))
    for chip in ("A100", "A100", "V100"):
        assert gpu_check.gpu_problem(["GPU:0"], chip) is None
    assert len(commands) == 2
    assert commands[0] == [sys.executable, "-m", "cnnlab.training.devices.gpu_check", "GPU:0"]


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("pass", None),
        ("import sys; sys.exit('no kernel image')", "failed at one step (no kernel image)"),
        ("import os; os._exit(7)", "failed at one step (exit code 7)"),
        ("import time; time.sleep(60)", "had not finished one step after 0.5 s"),
    ],
)
def test_how_a_step_went_is_told(program, problem):
    seconds = 0.5 if "sleep" in program else 60.0
    assert gpu_check.step_problem([sys.executable, "-c", program], seconds) == problem
