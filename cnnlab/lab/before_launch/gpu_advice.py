"""Why an NVIDIA GPU that is in this machine isn't used, and the line that mends it."""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnnlab.environment import APP_ON_GPU, ROOT, nvidia_gpus

LEAST_DRIVER = 525
"""NVIDIA's libraries for CUDA 12 need this version of the driver or a newer one
(https://docs.nvidia.com/deploy/cuda-compatibility/)."""

_LIBRARIES = "nvidia-cudnn-cu12"
_SIGNS = (Path("/proc/driver/nvidia/version"), Path("/dev/nvidia0"), Path("/dev/dxg"))
"""What a driver leaves: on Linux, there too, and in WSL2."""

_SECONDS = 20


@dataclass(frozen=True)
class GpuFacts:
    """What is known of the NVIDIA GPU of a machine on which TensorFlow sees none.

    Attributes:
        names: of the GPUs, as `nvidia-smi` tells them.
        driver: version of the driver, empty where `nvidia-smi` doesn't say.
        has_driver: whether the system shows signs of a driver.
        has_libraries: whether CUDA's libraries are installed beside TensorFlow.
        environment: the variables of this process.
    """

    names: tuple[str, ...]
    driver: str
    has_driver: bool
    has_libraries: bool
    environment: Mapping[str, str]


def why_no_gpu() -> tuple[str, str] | None:
    """Why a GPU that is here isn't used and what to do; None where there is no GPU."""
    names = tuple(nvidia_gpus())
    return explain(
        GpuFacts(
            names,
            _driver_version() if names else "",
            any(sign.exists() for sign in _SIGNS),
            _has_libraries(),
            os.environ,
        )
    )


def explain(facts: GpuFacts) -> tuple[str, str] | None:
    """The reason as the rest of a sentence, and the advice; None where there is no GPU.

    Args:
        facts: of a machine on which TensorFlow sees no GPU.
    """
    if not facts.names:
        return _without_answer() if facts.has_driver else None
    name, hidden = facts.names[0], facts.environment.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1", "NoDevFiles"):
        return (
            f"{name} isn't used: CUDA_VISIBLE_DEVICES={hidden!r} hides it",
            "Unset it: `unset CUDA_VISIBLE_DEVICES`, then start cnnlab again.",
        )
    if not facts.has_libraries:
        pinned = APP_ON_GPU.relative_to(ROOT)
        return (
            f"{name} isn't used: TensorFlow's CUDA libraries aren't installed",
            f"Install them: `{sys.executable} -m pip install --require-hashes -r {pinned}`.",
        )
    major = facts.driver.partition(".")[0]
    if major.isdecimal() and int(major) < LEAST_DRIVER:
        return (
            f"{name} isn't used: its driver {facts.driver} is older than {LEAST_DRIVER}",
            f"Install driver {LEAST_DRIVER} or newer: `sudo ubuntu-drivers install`.",
        )
    return (
        f"{name} isn't used: TensorFlow doesn't see it",
        f"Ask TensorFlow why: `{sys.executable} -c 'import tensorflow as tf; "
        "print(tf.config.list_physical_devices())'`.",
    )


def _without_answer() -> tuple[str, str]:
    return (
        "An NVIDIA driver is loaded, but `nvidia-smi` doesn't answer",
        "In a container: start it with `--gpus all`. Else restart the machine, or install the "
        "driver's tools: `sudo ubuntu-drivers install`.",
    )


def _driver_version() -> str:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (answer.stdout.splitlines() or [""])[0].strip()


def _has_libraries() -> bool:
    try:
        importlib.metadata.version(_LIBRARIES)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
