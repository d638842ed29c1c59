"""Which run gets which device: one run on each GPU, and a number of runs beside them on the CPU."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnnlab.domain.run import Run
from cnnlab.machine import cpu_threads, memory_bytes

CPU, AUTO, ANY_GPU, ALL_GPUS = "cpu", "auto", "gpu", "all_gpus"
SHARING_SPEED_UP = 1.6
"""Two small networks on two cores, against one after the other: measured."""

_LIST_SECONDS = 10.0
_MOST_STUDY_SLOTS = 4
_MEMORY_PER_RUN_BYTES = 3 * 2**30


@dataclass(frozen=True)
class Machine:
    """What there is to give.

    Attributes:
        gpus: their names, `gpu:0` and so on, as TensorFlow counts them.
        cpu_slots: how many runs may share the CPU.
        study_slots: how many may if all that are waited for belong to studies: small networks leave
            part of the cores idle, and of a study all runs are wanted, not the next one soon.
    """

    gpus: tuple[str, ...] = ()
    cpu_slots: int = 1
    study_slots: int = 1

    @property
    def most_runs(self) -> int:
        """How many runs there can be at once."""
        return len(self.gpus) + max(self.cpu_slots, self.study_slots)


def study_slots() -> int:
    """How many runs of studies this machine trains at once, where nobody says otherwise."""
    return max(1, min(cpu_threads(), _MOST_STUDY_SLOTS, memory_bytes() // _MEMORY_PER_RUN_BYTES))


def in_queue_order(runs: Iterable[Run]) -> list[Run]:
    """The runs in the order in which they are served: first come, first served."""
    return sorted(runs, key=lambda run: (run.created_at, run.id))


def wanted_device(run: Run) -> str:
    """The device that a run's config asks for."""
    return run.config.get("training", {}).get("device", AUTO)


def assign(waiting: Sequence[Run], occupied: Iterable[str], machine: Machine) -> dict[str, str]:
    """Give devices to those that wait, one after the other; who must wait lets others pass.

    Nobody passes a run that waits for all GPUs with a wish for a GPU, or one that waits for the CPU
    with a wish for that, or it would wait for ever.

    Args:
        waiting: queued runs in order.
        occupied: the devices of the running ones.
        machine: what there is.

    Returns:
        A device by run id, of those that can start now. A GPU that isn't known is given to whoever
        asks for it: TensorFlow says best what is wrong then.
    """
    occupied = list(occupied)
    on_cpu = occupied.count(CPU)
    cpu_is_free = True
    free = [] if ALL_GPUS in occupied else [gpu for gpu in machine.gpus if gpu not in occupied]
    given: dict[str, str] = {}
    for run in waiting:
        wanted = wanted_device(run) if machine.gpus else CPU
        device = _choose(wanted, free, machine.gpus)
        if wanted == CPU and cpu_is_free:
            cpu_is_free = on_cpu < (machine.study_slots if run.study else machine.cpu_slots)
            on_cpu, device = on_cpu + cpu_is_free, CPU if cpu_is_free else None
        if device is not None:
            given[run.id] = device
        if wanted == ALL_GPUS:
            free = []
        free = [gpu for gpu in free if gpu != device]
    return given


def _choose(wanted: str, free: Sequence[str], gpus: Sequence[str]) -> str | None:
    """The GPU for a wish, None where it must wait."""
    if wanted == ALL_GPUS:
        return ALL_GPUS if len(free) == len(gpus) else None
    if wanted in (AUTO, ANY_GPU):
        return free[0] if free else None
    if wanted == CPU or (wanted in gpus and wanted not in free):
        return None
    return wanted


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
