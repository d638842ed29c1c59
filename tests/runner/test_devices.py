import dataclasses
import os
import subprocess

import pytest

from cnnlab.domain.run import Run, Status
from cnnlab.runner import devices
from cnnlab.runner.devices import Machine, assign, in_queue_order, list_gpus
from cnnlab.runner.oom_kills import count_oom_kills

TWO_GPUS = Machine(("gpu:0", "gpu:1"), cpu_slots=1)


def runs(*wanted):
    return [
        Run(str(number), "", "d", {"training": {"device": device}}, Status.QUEUED)
        for number, device in enumerate(wanted)
    ]


def assigned(wanted, machine, occupied=()):
    given = assign(runs(*wanted.split()), occupied, machine)
    return " ".join(given.get(str(number), "-") for number in range(len(wanted.split())))


@pytest.mark.parametrize(
    ("wanted", "occupied", "given"),
    [
        ("auto auto auto", [], "gpu:0 gpu:1 -"),
        ("auto gpu gpu", ["gpu:0"], "gpu:1 - -"),
        ("gpu:1 gpu:1 auto", [], "gpu:1 - gpu:0"),
        ("auto cpu cpu auto", ["gpu:1"], "gpu:0 cpu - -"),
        ("gpu:0 auto", ["gpu:0"], "- gpu:1"),  # who waits lets others pass
        ("all_gpus auto cpu", [], "all_gpus - cpu"),
        ("all_gpus auto gpu:1 cpu", ["gpu:0"], "- - - cpu"),  # or it would wait for ever
        ("auto all_gpus", [], "gpu:0 -"),
        ("auto gpu:0 cpu", ["all_gpus"], "- - cpu"),
        ("gpu:7 auto", [], "gpu:7 gpu:0"),  # its worker says best that there is none
    ],
)
def test_one_run_on_each_gpu(wanted, occupied, given):
    assert assigned(wanted, TWO_GPUS, occupied) == given


def test_where_no_gpu_is_known_all_share_the_cpu():
    wanted = "auto gpu:0 all_gpus cpu"
    assert assigned(wanted, Machine()) == "cpu - - -"
    assert assigned(wanted, Machine(cpu_slots=3), ["cpu"]) == "cpu cpu - -"
    assert assigned("auto", Machine(), ["cpu", "cpu"]) == "-"  # fewer slots than before


def test_runs_of_studies_share_the_cpu_and_nobody_is_passed_for_ever():
    waiting = [
        dataclasses.replace(run, study=study)
        for run, study in zip(runs("cpu", "cpu", "cpu", "cpu"), ["s", "s", None, "s"], strict=True)
    ]
    machine = Machine(cpu_slots=1, study_slots=2)
    assert list(assign(waiting, [], machine)) == ["0", "1"]
    assert list(assign(waiting, ["cpu"], machine)) == ["0"]
    assert list(assign(waiting[2:], ["cpu"], machine)) == []
    assert list(assign(waiting[2:], [], machine)) == ["2", "3"]


def test_a_config_without_a_device_means_any():
    assert assign([Run("a", "", "d", {}, Status.QUEUED)], [], TWO_GPUS) == {"a": "gpu:0"}


def test_first_come_first_served():
    came = [Run(name, "", "d", {}, Status.QUEUED, created_at=at) for name, at in ("b1", "a1", "c0")]
    assert [run.id for run in in_queue_order(came)] == ["c", "a", "b"]


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """Writes an `nvidia-smi` that runs a line of shell, on a machine with CUDA's libraries."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices, "_has_cuda", lambda: True)

    def write(line):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)

    return write


LISTED = (
    "echo 'GPU 0: NVIDIA A100 (UUID: GPU-1)'; echo '  MIG 1g.5gb Device 0: (UUID: MIG-1)'; "
    "echo 'GPU 1: NVIDIA A100 (UUID: GPU-2)'"
)


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [
        (None, ("gpu:0", "gpu:1")),
        ("1", ("gpu:0",)),  # TensorFlow counts what it sees
        ("GPU-2, GPU-1", ("gpu:0", "gpu:1")),
        ("0,-1,1", ("gpu:0",)),
        ("-1", ()),
        ("", ()),
    ],
)
def test_gpus_are_listed_as_tensorflow_sees_them(nvidia_smi, monkeypatch, visible, gpus):
    nvidia_smi(LISTED)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert list_gpus() == gpus


@pytest.mark.parametrize("line", ["exit 9", "exec sleep 60", "echo No devices were found"])
def test_a_driver_that_does_not_answer_means_no_gpu(nvidia_smi, monkeypatch, line):
    monkeypatch.setattr(devices, "_LIST_SECONDS", 0.2)
    nvidia_smi(line)
    assert list_gpus() == ()


def test_without_a_driver_or_cuda_there_is_no_gpu(nvidia_smi, monkeypatch):
    nvidia_smi(LISTED)
    with monkeypatch.context() as patch:
        patch.setattr(devices, "_has_cuda", lambda: False)
        assert list_gpus() == ()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(subprocess, "run", None)
    assert list_gpus() == ()


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"proc/vmstat": "pgfault 7\noom_kill 3\n"}, 3),
        ({"proc/vmstat": "oom_kill 3\n", "proc/self/cgroup": "0::/\n"}, 3),
        (
            {
                "proc/vmstat": "oom_kill 3\n",
                "proc/self/cgroup": "4:memory:/x\n0::/lab.slice/app\n",
                "sys/fs/cgroup/lab.slice/app/memory.events": "oom 2\noom_kill 1\n",
            },
            1,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.events": "oom_kill 5\n"}, 5),
        ({}, 0),
    ],
)
def test_the_kernel_counts_what_it_ended_for_memory(tmp_path, files, count):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert count_oom_kills(tmp_path) == count
