"""Why a GPU isn't used: each reason with its line, on machines that are made up."""

import pytest

from cnnlab import lab
from cnnlab.lab.before_launch import gpu_advice
from cnnlab.lab.before_launch.gpu_advice import GpuFacts, explain
from cnnlab.lab.upkeep import doctor

SOUND = {
    "names": ("NVIDIA H200",),
    "driver": "570.86.15",
    "has_driver": True,
    "has_libraries": True,
    "environment": {},
}


@pytest.mark.parametrize(
    ("facts", "reason", "advice"),
    [
        ({"has_libraries": False}, "libraries aren't installed", "-r .constraints/gpu.txt`"),
        ({"environment": {"CUDA_VISIBLE_DEVICES": ""}}, "''", "unset CUDA_VISIBLE_DEVICES"),
        ({"environment": {"CUDA_VISIBLE_DEVICES": "-1"}}, "'-1'", "unset CUDA_VISIBLE_DEVICES"),
        ({"driver": "470.57"}, "its driver 470.57 is older than 525", "ubuntu-drivers"),
        ({}, "TensorFlow doesn't see it", "list_physical_devices"),
        ({"driver": ""}, "TensorFlow doesn't see it", "list_physical_devices"),
        ({"names": ()}, "`nvidia-smi` doesn't answer", "--gpus all"),
    ],
)
def test_a_gpu_that_is_not_used_is_explained(facts, reason, advice):
    told, line = explain(GpuFacts(**SOUND | facts))
    assert reason in told and advice in line
    assert "`" in line
    assert told.startswith("NVIDIA H200 isn't used: ") or "names" in facts


def test_a_device_that_is_chosen_by_hand_hides_nothing():
    facts = GpuFacts(**SOUND | {"environment": {"CUDA_VISIBLE_DEVICES": "1"}})
    assert "CUDA_VISIBLE_DEVICES" not in explain(facts)[0]


def test_without_a_gpu_there_is_nothing_to_explain():
    assert explain(GpuFacts((), "", False, False, {})) is None


def test_the_doctor_says_it(home, monkeypatch):
    monkeypatch.setattr(doctor, "_DEVICE_PROGRAM", "print('CPU (2 threads)')")
    monkeypatch.setattr(gpu_advice, "nvidia_gpus", lambda: ["NVIDIA T4"])
    monkeypatch.setattr(gpu_advice, "_driver_version", lambda: "550.1")
    monkeypatch.setattr(gpu_advice, "_has_libraries", lambda: False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    check = lab.examine()["device"]
    assert not check.ok
    assert check.found.startswith("CPU (2 threads). NVIDIA T4 isn't used")
    assert "pip install" in check.advice
    monkeypatch.setattr(doctor, "_DEVICE_PROGRAM", "print('GPU NVIDIA T4')")
    assert lab.examine()["device"].ok
