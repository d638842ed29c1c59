"""The device that a run computes on, and what is known about exactness there."""

import os
import platform
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnlab
from cnnlab.domain.errors import ConfigError


@dataclass(frozen=True)
class Device:
    """Where a run computes.

    Attributes:
        name: TensorFlow's name, `CPU:0` or `GPU:0` (the chosen GPU is the only visible one).
        words: for people, such as `CPU (2 threads)` or `GPU: NVIDIA H100`.
        threads: CPU threads that TensorFlow and the input path may use.
    """

    name: str
    words: str
    threads: int

    @property
    def is_gpu(self) -> bool:
        """Whether the run computes on a GPU."""
        return self.name.startswith("GPU")


def choose_device(wanted: str) -> Device:
    """Make `wanted` the only device that TensorFlow uses, with GPU memory growing on demand.

    Must come before the first TensorFlow operation of the process when it hides a GPU.

    Args:
        wanted: `auto` (a GPU where TensorFlow sees one), `cpu`, `gpu`, `gpu:0`, `gpu:1`, ...

    Raises:
        ConfigError: TensorFlow sees no such GPU.
    """
    gpus = tf.config.list_physical_devices("GPU")
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if wanted == "cpu" or (wanted == "auto" and not gpus):
        _show_only([])
        return Device("CPU:0", f"CPU ({threads} threads)", threads)
    index = int(wanted.partition(":")[2] or 0)
    if index >= len(gpus):
        seen = f"{len(gpus)} GPU(s), gpu:0 to gpu:{len(gpus) - 1}" if gpus else "no GPU"
        raise ConfigError(
            f"TensorFlow sees {seen}: set training.device to auto or cpu, or install GPU support "
            f"(tensorflow[and-cuda]). Received: device={wanted!r}"
        )
    gpu = gpus[index]
    tf.config.experimental.set_memory_growth(gpu, True)
    _show_only([gpu])
    name = tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
    return Device("GPU:0", f"GPU: {name}", threads)


def exactness(device: Device, *, depthwise: bool) -> str:
    """Switch deterministic kernels on where a GPU needs them; say what holds, in one sentence.

    Args:
        device: where the run computes.
        depthwise: whether the network has depthwise convolutions, whose gradient has no
            deterministic GPU kernel in TensorFlow 2.21.
    """
    if not device.is_gpu:
        return "Exact: the same config, machine and thread count give the same bits on this CPU."
    if depthwise:
        return "Not exact: depthwise convolutions have no deterministic GPU kernel."
    tf.config.experimental.enable_op_determinism()
    return "Exact on this GPU model and these versions: deterministic kernels are on."


def versions() -> dict[str, str]:
    """Versions that the numbers of a run depend on."""
    return {
        "cnnlab": cnnlab.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def describe(device: Device) -> dict[str, Any]:
    """The device, its threads and the versions as JSON values."""
    return {"device": device.words, "threads": device.threads, "versions": versions()}


def _show_only(gpus: list[Any]) -> None:
    """Hide every other GPU; a process that has used TensorFlow can't change this any more."""
    if tf.config.get_visible_devices("GPU") != gpus:
        tf.config.set_visible_devices(gpus, "GPU")
