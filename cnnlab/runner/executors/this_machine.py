"""What this machine has for runs, found without TensorFlow."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess

from cnnlab.machine import cpu_threads, memory_bytes

SHARING_SPEED_UP = 1.6
"""Two small networks on two cores, against one after the other: measured."""

_LIST_SECONDS = 10.0
_MOST_STUDY_SLOTS = 4
_MEMORY_PER_RUN_BYTES = 3 * 2**30


def study_slots() -> int:
    """How many runs of studies this machine trains at once, where nobody says otherwise."""
    return max(1, min(cpu_threads(), _MOST_STUDY_SLOTS, memory_bytes() // _MEMORY_PER_RUN_BYTES))


def list_gpus() -> tuple[str, ...]:
    """The NVIDIA GPUs that TensorFlow will see, found without it; none where one can't tell.

    A GPU without CUDA's libraries doesn't count: TensorFlow wouldn't use it.
    """
    program = shutil.which("nvidia-smi")
    if program is None or not _has_cuda():
        return ()
    try:
        answer = subprocess.run(
            [program, "-L"], capture_output=True, text=True, timeout=_LIST_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):  # a driver that hangs or isn't loaded
        return ()
    count = sum(line.startswith("GPU ") for line in answer.stdout.splitlines())
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        count = min(count, _count_visible(visible))
    return tuple(f"gpu:{index}" for index in range(count))


def _has_cuda() -> bool:
    wheels = importlib.util.find_spec("nvidia") and importlib.util.find_spec("nvidia.cudnn")
    return wheels is not None or ctypes.util.find_library("cudnn") is not None


def _count_visible(visible: str) -> int:
    """How many devices `CUDA_VISIBLE_DEVICES` names; CUDA ignores what follows a wrong entry."""
    names = [name.strip() for name in visible.split(",")]
    return next((index for index, name in enumerate(names) if name in ("", "-1")), len(names))
