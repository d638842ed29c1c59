"""The queue of runs: what trains, what waits in which order, when it may begin; moving it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from cnnlab.domain.errors import RunStateError
from cnnlab.domain.run import Run, Status
from cnnlab.lab.runs import as_it_is, stop_waiting
from cnnlab.lab.workplace import workplace

_LIKE = 60
"""The newest runs among which those alike are looked for."""

_COSTLY = (
    ("dataset",),
    ("image",),
    ("architecture",),
    ("split", "images_per_class"),
    ("training", "batch_size"),
    ("training", "device"),
    ("training", "precision"),
)
"""What an epoch's time depends on most, in a config."""


@dataclass(frozen=True)
class QueuedRun:
    """A run that trains or waits.

    Attributes:
        run: its row.
        place: from 1 among those that wait; None for one that trains.
        starts_in_seconds: when it may begin; None where nothing is known.
        seconds: how long it may still take, once it trains; None where nothing is known.
    """

    run: Run
    place: int | None
    starts_in_seconds: float | None
    seconds: float | None


@dataclass(frozen=True)
class QueueView:
    """What trains now, and what waits in the order in which it is served."""

    running: list[QueuedRun]
    waiting: list[QueuedRun]


def view_queue() -> QueueView:
    """The queue as it stands, with times as far as runs alike have told them.

    Times assume that as many runs train at once as do now, and that nobody moves or stops any.
    """
    store = workplace().runs
    recent = [as_it_is(run) for run in store.list(limit=_LIKE)]
    rows = map(as_it_is, store.list(Status.RUNNING))
    running = [run for run in rows if run.status is Status.RUNNING]
    known = _epoch_seconds(recent)
    trains = [QueuedRun(run, None, 0.0, _left(run, known)) for run in reversed(running)]
    waiting = store.queued()
    lasting = [_left(run, known) for run in waiting]
    starts = starts_of([one.seconds for one in trains], lasting)
    return QueueView(
        trains,
        [
            QueuedRun(run, place, start, seconds)
            for place, (run, start, seconds) in enumerate(
                zip(waiting, starts, lasting, strict=True), start=1
            )
        ],
    )


def starts_of(
    running: Sequence[float | None], waiting: Sequence[float | None]
) -> list[float | None]:
    """When those that wait may begin: each as soon as one before it has ended.

    Args:
        running: seconds that each of those that train still takes, as far as known.
        waiting: seconds that each of those that wait will take, in order.

    Returns:
        Seconds from now; None from where on nothing can be told.
    """
    ends: list[float | None] = list(running) or [0.0]
    starts: list[float | None] = []
    for seconds in waiting:
        if any(end is None for end in ends):
            starts.append(None)
            continue
        known = [end for end in ends if end is not None]
        start = min(known)
        starts.append(start)
        ends[ends.index(start)] = None if seconds is None else start + seconds
    return starts


def _epoch_seconds(recent: Sequence[Run]) -> dict[str, float]:
    """Seconds of an epoch of the newest run of each sort."""
    found: dict[str, float] = {}
    for run in recent:
        if (seconds := _epoch_of(run)) is not None:
            found.setdefault(_sort(run.config), seconds)
    return found


def _epoch_of(run: Run) -> float | None:
    """Seconds of its last epoch, measuring included; None before the first."""
    if "seconds" not in run.last:
        return None
    return run.last["seconds"] + (run.last.get("evaluation_seconds") or 0.0)


def _sort(config: Mapping[str, Any]) -> str:
    """Configs with the same one cost about the same."""
    return repr([_at(config, path) for path in _COSTLY])


def _at(config: Mapping[str, Any], path: Sequence[str]) -> object:
    value: Any = config
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _left(run: Run, known: Mapping[str, float]) -> float | None:
    """Seconds that a run may still take; early stopping may end it sooner."""
    epoch = _epoch_of(run) or known.get(_sort(run.config))
    if epoch is None:
        return None
    done = run.last["epoch"] + 1 if "epoch" in run.last else 0
    epochs: int = run.config["training"]["epochs"]
    return max(0.0, epoch * (epochs - done))


def move_in_queue(run: str, step: int) -> None:
    """Move a run that waits from where it stands now; what trains isn't touched.

    Args:
        run: its id.
        step: by how many places, towards the front where it is negative; beyond either end is
            that end.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it doesn't wait (any more).
        StorageError: the disk is full or the database can't be used.
    """
    queue = workplace().runs.queue()
    if run not in queue:
        _refuse(run)
    _place(run, max(0, queue.index(run) + step))


def run_next(run: str) -> None:
    """Have a run that waits stand before all others that do.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it doesn't wait (any more).
        StorageError: the disk is full or the database can't be used.
    """
    _place(run, 0)


def _place(run: str, place: int) -> None:
    if not workplace().runs.move_in_queue(run, place):
        _refuse(run)


def cancel_waiting(run: str) -> None:
    """Stop a run that waits; one that has begun meanwhile goes on.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it doesn't wait (any more).
    """
    if not stop_waiting(run):
        _refuse(run, "cancelled here")


def _refuse(run: str, what: str = "moved") -> NoReturn:
    row = as_it_is(workplace().runs.load(run))
    raise RunStateError(f"The run {row.name!r} is {row.status}: only one that waits is {what}.")
