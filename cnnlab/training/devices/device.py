"""The device that a run computes on, and what is known about exactness there."""

import ctypes
import logging
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf

import cnnlab
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.records.training import DeviceFacts
from cnnlab.machine import allowed_cpus, cpu_threads
from cnnlab.training.devices.gpu_check import gpu_problem

ALL_GPUS = "all_gpus"
_MIXED_OF_GPU = {7: "mixed_float16", 8: "mixed_bfloat16"}
"""By the first number of the compute capability; what comes later is like the last."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Device:
    """Where a run computes.

    Attributes:
        name: TensorFlow's name, `CPU:0` or `GPU:0` (the chosen GPU is the only visible one).
        words: for people, such as `CPU (2 threads)` or `GPU: NVIDIA H100`.
        threads: CPU threads that TensorFlow and the input path may use.
        replicas: names of several devices that share each batch out among them; else empty.
        compute_capability: of the GPU (the least of several), such as (8, 0); None on a CPU.
        memory_bytes: of the GPU (the least of several); None on a CPU and where it isn't known.
        note: what the user should know of the choice, in a sentence; else empty.
    """

    name: str
    words: str
    threads: int
    replicas: tuple[str, ...] = ()
    compute_capability: tuple[int, int] | None = None
    memory_bytes: int | None = None
    note: str = ""

    @property
    def is_gpu(self) -> bool:
        """Whether the run computes on a GPU."""
        return self.name.startswith("GPU")

    @property
    def mixed_precision(self) -> str | None:
        """The mixed precision that a GPU has units for; None where none is known of.

        Of a CPU no flag tells what one gains, so None: a check before training measures it.
        """
        major = self.compute_capability[0] if self.compute_capability else 0
        return _MIXED_OF_GPU.get(min(major, max(_MIXED_OF_GPU)))


def choose_device(wanted: str) -> Device:
    """Make `wanted` the only device that TensorFlow uses, with GPU memory growing on demand.

    Must come before the first TensorFlow operation of the process when it hides a GPU. A GPU is
    tried out first in another process (see `gpu_check`).

    Args:
        wanted: `auto` (a GPU where TensorFlow sees one that works), `cpu`, `gpu`, `gpu:0`,
            `gpu:1`, ..., or `all_gpus` (like `auto` where there are fewer than two).

    Raises:
        ConfigError: TensorFlow sees no such GPU, or it doesn't compute.
    """
    gpus = tf.config.list_physical_devices("GPU")
    threads = cpu_threads()
    if threads < allowed_cpus():
        _limit_threads(threads)
    several = wanted == ALL_GPUS and len(gpus) > 1
    is_free = wanted == "auto" or (wanted == ALL_GPUS and not several)
    note = "" if wanted != ALL_GPUS or several else _too_few(len(gpus))
    if wanted == "cpu" or (is_free and not gpus):
        return _cpu(threads, note)
    indices = range(len(gpus)) if several else [0 if is_free else _index(wanted, len(gpus))]
    names, problem = _try_out(gpus, indices)
    if problem is None:
        return _gpus([gpus[index] for index in indices], indices, threads, note)
    problem = f"{', '.join(names)} {problem}"
    if not is_free:
        raise ConfigError(
            f"{problem}: set training.device to auto or cpu, or install a driver and a TensorFlow "
            f"made for this chip. Received: device={wanted!r}"
        )
    return _cpu(threads, f"{problem}, so this run computes on the CPU. {note}".strip())


def exactness(device: Device, *, depthwise: bool) -> str:
    """Switch deterministic kernels on where a GPU needs them; say what holds, in one sentence.

    Args:
        device: where the run computes.
        depthwise: whether the network has depthwise convolutions, whose gradient has no
            deterministic GPU kernel in TensorFlow 2.21.
    """
    if device.replicas:
        return "Not exact: several devices add up their gradients in an order that isn't fixed."
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
        "opencv": cv2.__version__,
        "python": platform.python_version(),
    }


def describe(device: Device) -> DeviceFacts:
    """The device, its threads and the versions as JSON values.

    A GPU comes with `compute_capability` ("8.0") and `device_memory_bytes` (or None), a choice
    that isn't quite what was asked for with `device_note`.
    """
    facts: DeviceFacts = {
        "device": device.words,
        "threads": device.threads,
        "versions": versions(),
        "bits_version": cnnlab.BITS_VERSION,
    }
    if device.compute_capability:
        facts["compute_capability"] = ".".join(map(str, device.compute_capability))
        facts["device_memory_bytes"] = device.memory_bytes
    if device.note:
        facts["device_note"] = device.note
    return facts


def _too_few(gpus: int) -> str:
    seen = f"{gpus} GPU" if gpus else "no GPU"
    return f"all_gpus needs two GPUs or more and TensorFlow sees {seen}: this is like auto."


def _index(wanted: str, gpus: int) -> int:
    index = int(wanted.partition(":")[2] or 0)
    if index < gpus:
        return index
    seen = f"{gpus} GPU(s), gpu:0 to gpu:{gpus - 1}" if gpus else "no GPU"
    raise ConfigError(
        f"TensorFlow sees {seen}: set training.device to auto or cpu, or install GPU support "
        f"(tensorflow[and-cuda]). Received: device={wanted!r}"
    )


def _cpu(threads: int, note: str) -> Device:
    _show_only([])
    return Device("CPU:0", f"CPU ({threads} threads)", threads, note=note)


def _try_out(gpus: Sequence[Any], indices: Sequence[int]) -> tuple[list[str], str | None]:
    """The names of the wanted GPUs, and what is wrong with them."""
    names = [_detail(gpus[index], "device_name", "GPU") for index in indices]
    chips = [
        f"{_detail(gpus[index], 'device_name', '')} {_capability(gpus[index])}" for index in indices
    ]
    return names, gpu_problem([f"GPU:{index}" for index in indices], ", ".join(chips))


def _gpus(gpus: Sequence[Any], indices: Sequence[int], threads: int, note: str) -> Device:
    """Use these GPUs and no other; `indices` are their numbers as CUDA counts."""
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    _show_only(gpus)
    name = _detail(gpus[0], "device_name", gpus[0].name)
    sizes = [_memory_bytes(index) for index in indices]
    return Device(
        name="GPU:0",
        words=f"GPU: {name}" if len(gpus) == 1 else f"{len(gpus)} GPUs: {name}",
        threads=threads,
        replicas=tuple(f"GPU:{number}" for number in range(len(gpus))) if len(gpus) > 1 else (),
        compute_capability=min(filter(None, map(_capability, gpus)), default=None),
        memory_bytes=min(size for size in sizes if size) if all(sizes) else None,
        note=note,
    )


def _detail(gpu: Any, name: str, default: str) -> Any:  # noqa: ANN401 - TensorFlow's own values
    return tf.config.experimental.get_device_details(gpu).get(name, default)


def _capability(gpu: Any) -> tuple[int, int] | None:  # noqa: ANN401 - a device of TensorFlow
    return tf.config.experimental.get_device_details(gpu).get("compute_capability")


def _memory_bytes(index: int) -> int | None:
    """All memory of a GPU; TensorFlow tells only after it has taken the GPU into use."""
    number, size = ctypes.c_int(), ctypes.c_size_t()
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    calls: tuple[Callable[[], int], ...] = (
        lambda: cuda.cuInit(0),
        lambda: cuda.cuDeviceGet(ctypes.byref(number), index),
        lambda: cuda.cuDeviceTotalMem_v2(ctypes.byref(size), number),
    )
    return None if any(call() for call in calls) else size.value


def _limit_threads(threads: int) -> None:
    """Keep TensorFlow within a container's share of the CPUs, which it would overlook."""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    except RuntimeError:  # an earlier run of this process has set it, or used TensorFlow
        running = tf.config.threading.get_intra_op_parallelism_threads()
        _log.info("TensorFlow keeps to %s threads, %d were right", running or "all", threads)


def _show_only(gpus: Sequence[Any]) -> None:
    """Hide every other GPU; a process that has used TensorFlow can't change this any more."""
    if tf.config.get_visible_devices("GPU") != list(gpus):
        tf.config.set_visible_devices(list(gpus), "GPU")
