"""What is installed on which machine, with another nvidia-smi and no installing."""

import os
import platform
import sys

import pytest

from cnnlab import environment
from cnnlab.environment import APP, APP_ON_GPU


@pytest.fixture
def started(tmp_path, monkeypatch, capfd):
    """Starts the app with options on a machine; returns what is installed, run and said.

    `smi` is what nvidia-smi does, in shell; None is a machine without it.
    """

    def start(*options, smi=None, free_gb=100.0, machine="x86_64"):
        done = {}
        program = tmp_path / "nvidia-smi"
        if smi is not None:
            program.write_text(f"#!/bin/sh\n{smi}\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(platform, "machine", lambda: machine)
        monkeypatch.setattr(environment, "FOLDER", tmp_path)
        usage = type("Usage", (), {"free": free_gb * 1e9})
        monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: usage)
        monkeypatch.setattr(
            environment, "ensure_environment", lambda pinned: done.update(pinned=pinned)
        )
        monkeypatch.setattr(os, "execv", lambda path, words: done.update(words=words))
        environment.start([*options, "--no-browser"])
        return done["pinned"], done["words"][5:], capfd.readouterr().err

    return start


GPU = "echo NVIDIA H200"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="CUDA libraries are for Linux")


def test_without_a_gpu_the_small_one_is_installed_in_silence(started):
    assert started("--server.port", "8600") == (APP, ["--server.port", "8600"], "")


def test_for_a_gpu_its_libraries_are_installed_and_their_size_is_told_first(started):
    pinned, _, said = started(smi=GPU)
    assert pinned == APP_ON_GPU
    assert said.startswith("NVIDIA H200 is there")
    assert "2.8 GB" in said and "start --cpu" in said


def test_what_is_installed_already_is_told_no_more(started, tmp_path):
    (tmp_path / "installed-gpu").touch()
    assert started(smi=GPU, free_gb=1.0) == (APP_ON_GPU, [], "")


def test_cpu_keeps_the_small_one_and_streamlit_hears_nothing_of_it(started):
    assert started("--cpu", "--server.port", "1", smi=GPU) == (APP, ["--server.port", "1"], "")


def test_too_little_disk_is_told_and_the_cpu_is_taken(started):
    pinned, _, said = started(smi=GPU, free_gb=3.0)
    assert pinned == APP
    assert "need 8 GB of disk, and 3.0 GB are free" in said


@pytest.mark.parametrize(
    ("smi", "machine"),
    [
        ("echo 'NVIDIA-SMI has failed'; exit 9", "x86_64"),
        ("exit 0", "x86_64"),
        (GPU, "aarch64"),
    ],
)
def test_a_gpu_that_does_not_answer_or_has_no_libraries_is_none(started, smi, machine):
    assert started(smi=smi, machine=machine)[0] == APP
