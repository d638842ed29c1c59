import os
import subprocess

import pytest

from cnnlab.runner.executors import this_machine
from cnnlab.runner.executors.oom_kills import count_oom_kills
from cnnlab.runner.executors.this_machine import list_gpus


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """Writes an `nvidia-smi` that runs a line of shell, on a machine with CUDA's libraries."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(this_machine, "_has_cuda", lambda: True)

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
    monkeypatch.setattr(this_machine, "_LIST_SECONDS", 0.2)
    nvidia_smi(line)
    assert list_gpus() == ()


def test_without_a_driver_or_cuda_there_is_no_gpu(nvidia_smi, monkeypatch):
    nvidia_smi(LISTED)
    with monkeypatch.context() as patch:
        patch.setattr(this_machine, "_has_cuda", lambda: False)
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
