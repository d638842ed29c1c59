"""Which run gets which device: one run on each GPU, and a number of runs beside them on the CPU."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cnnlab.domain.run import Run

CPU, AUTO, ANY_GPU, ALL_GPUS = "cpu", "auto", "gpu", "all_gpus"


@dataclass(frozen=True)
class Capacity:
    """The devices that an executor has to give.

    Attributes:
        gpus: their names, `gpu:0` and so on, as TensorFlow counts them.
        cpu_slots: how many runs may share the CPU.
        study_slots: how many may if all that are waited for belong to studies or searches: small
            networks leave part of the cores idle, and all of these runs are wanted, not the next
            one soon.
        taken: GPUs that somebody else computes on at the moment.
        kinds: by the name of a GPU which one it is, where there may be several kinds.
        is_elsewhere: whether these aren't the devices on which this machine does all other work.
    """

    gpus: tuple[str, ...] = ()
    cpu_slots: int = 1
    study_slots: int = 1
    taken: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    is_elsewhere: bool = False

    @property
    def most_runs(self) -> int:
        """How many runs there can be at once."""
        return len(self.gpus) + max(self.cpu_slots, self.study_slots)


class Alike:
    """Which runs should compute on the same kind of GPU: the arms of one seed, which are compared.

    Another kind may give other bits, and takes another time. It is only a preference: no GPU stays
    idle for it. What trained before this supervisor began isn't known here.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, int], str] = {}

    def note(self, run: Run, device: str, capacity: Capacity) -> None:
        """Take note of where a run computes."""
        if device in capacity.kinds and (group := _group(run)) is not None:
            self._kinds[group] = capacity.kinds[device]

    def preferred(self, run: Run, free: Sequence[str], capacity: Capacity) -> list[str]:
        """The free GPUs, those of the kind first that the run's companions have.

        For the first of them those come first of which most are free: there is room for the others.
        """
        kinds = [capacity.kinds.get(gpu, "") for gpu in free]
        group = _group(run)
        if group is None or len(set(kinds)) < 2:
            return list(free)
        wanted = self._kinds.get(group) or max(kinds, key=kinds.count)
        return sorted(free, key=lambda gpu: capacity.kinds.get(gpu, "") != wanted)


def _group(run: Run) -> tuple[str, int] | None:
    """The runs that a study compares with one another; None for one that is alone."""
    if run.study is None:
        return None
    return run.study, run.config.get("training", {}).get("seed", 0)


def wanted_device(run: Run) -> str:
    """The device that a run's config asks for."""
    return run.config.get("training", {}).get("device", AUTO)


def assign(
    waiting: Sequence[Run],
    occupied: Iterable[str],
    capacity: Capacity,
    alike: Alike | None = None,
) -> list[str | None]:
    """Give devices to those that wait, one after the other; who must wait lets others pass.

    No run that asks for a GPU passes one that waits for all of them, and none that asks for the CPU
    one that waits for it, or that one would wait for ever.

    Args:
        waiting: queued runs in order.
        occupied: the devices of the running ones.
        capacity: what there is.
        alike: knows which of them should get the same kind; it is told who gets which.

    Returns:
        The device of each that waits, None for one that can't start now. A GPU that isn't known is
        given to whoever asks for it, as TensorFlow says best what is wrong then; but to one at a
        time, or any number of runs would begin at once. No more run than `most_runs`.
    """
    held = list(occupied)
    on_cpu = held.count(CPU)
    cpu_is_free = True
    alike = alike or Alike()
    unusable = {*held, *capacity.taken}
    free = [] if ALL_GPUS in held else [gpu for gpu in capacity.gpus if gpu not in unusable]
    given: list[str | None] = []
    for run in waiting:
        wanted = wanted_device(run) if capacity.gpus else CPU
        device = _choose(wanted, alike.preferred(run, free, capacity), capacity.gpus)
        if wanted == CPU and cpu_is_free:
            cpu_is_free = on_cpu < (capacity.cpu_slots if run.is_alone else capacity.study_slots)
            on_cpu, device = on_cpu + cpu_is_free, CPU if cpu_is_free else None
        if device is not None and not _has_place(device, held, capacity):
            device = None
        given.append(device)
        if device is not None:
            held.append(device)
            alike.note(run, device, capacity)
        if wanted == ALL_GPUS:
            free = []
        free = [gpu for gpu in free if gpu != device]
    return given


def _has_place(device: str, held: Sequence[str], capacity: Capacity) -> bool:
    """Whether one more run may begin beside those that hold devices already."""
    if len(held) >= capacity.most_runs:
        return False
    known = {CPU, ALL_GPUS, *capacity.gpus}
    return device in known or known.issuperset(held)


def _choose(wanted: str, free: Sequence[str], gpus: Sequence[str]) -> str | None:
    """The GPU for what is asked for, None where it must wait."""
    if wanted == ALL_GPUS:
        return ALL_GPUS if len(free) == len(gpus) else None
    if wanted in (AUTO, ANY_GPU):
        return free[0] if free else None
    if wanted == CPU or (wanted in gpus and wanted not in free):
        return None
    return wanted
