"""The queue of runs: what trains, what waits in which order, when it may begin; moving it."""

from dataclasses import dataclass
from typing import NoReturn

from cnnlab.domain.course.queue_words import QueuePlace
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.queue.all_queues import whole_queue
from cnnlab.lab.runs import as_it_is, stop_waiting
from cnnlab.lab.workplace import workplace


@dataclass(frozen=True)
class QueuedRun:
    """A run that trains or waits.

    Attributes:
        run: its row.
        place: from 1 among those of its workspace that wait; None for one that trains.
        starts_in_seconds: when it may begin; None where nothing is known.
        seconds: how long it may still take, once it trains; None where nothing is known.
        of_all: where it stands among those of all workspaces; None for one that trains.
    """

    run: Run
    place: int | None
    starts_in_seconds: float | None
    seconds: float | None
    of_all: QueuePlace | None = None


@dataclass(frozen=True)
class QueueView:
    """What trains now in a workspace, and what waits in the order in which it is served.

    Attributes:
        running: likewise.
        waiting: likewise.
        others_train: how many runs of other workspaces do.
        others_wait: likewise.
        held_by: why none of those that wait may begin, whatever is free; empty where they may.
    """

    running: list[QueuedRun]
    waiting: list[QueuedRun]
    others_train: int = 0
    others_wait: int = 0
    held_by: str = ""


@asks(Action.VIEW)
def view_queue() -> QueueView:
    """The queue as it stands, with times as far as runs alike have told them.

    Times assume that as many runs train at once as do now, and that nobody moves or stops any.
    """
    workspace, whole = workplace().home.workspace, whole_queue()
    mine, places = whole.standings[workspace], whole.places(workspace)
    training = sum(len(each.running) for each in whole.standings.values())
    return QueueView(
        [QueuedRun(run, None, 0.0, seconds) for run, seconds in mine.running],
        [
            QueuedRun(run, place, places[run.id].starts_in_seconds, seconds, places[run.id])
            for place, (run, seconds) in enumerate(mine.waiting, start=1)
        ],
        others_train=training - len(mine.running),
        others_wait=len(whole.order) - len(mine.waiting),
        held_by=mine.held_by,
    )


@asks(Action.VIEW)
def queue_place(run: Run) -> QueuePlace | None:
    """Where a queued run stands among all that wait; None if it doesn't wait."""
    if run.status is not Status.QUEUED:
        return None
    return queue_places().get(run.id)


@asks(Action.VIEW)
def queue_places() -> dict[str, QueuePlace]:
    """Where all queued runs of a workspace stand among those of all, by their ids."""
    return whole_queue().places(workplace().home.workspace)


@asks(Action.VIEW)
def queue_words(run: Run) -> str:
    """Where a run stands in the queue and when it may begin, in words; empty if it doesn't wait."""
    place = queue_place(run)
    return place.words if place else ""


@asks(Action.EDIT)
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


@asks(Action.EDIT)
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


@asks(Action.EDIT)
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
