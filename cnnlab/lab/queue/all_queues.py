"""The queues of all workspaces as the one that the supervisor serves.

What is found of other workspaces stays in here and in what an admin asks for: everybody else is
told places and times.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnnlab.domain.course.queue_words import QueuePlace
from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.people.limits import why_waits
from cnnlab.domain.people.workspace import NO_QUOTA, Quota
from cnnlab.domain.run import Run, Status
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.runs import as_it_is
from cnnlab.lab.workplace import workplace
from cnnlab.runner.sharing.turns import in_turns, read_turns
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import database_address
from cnnlab.storage.runs.run_rows import Stamp, database_stamp
from cnnlab.storage.runs.training_hours import trained_seconds

_LIKE = 60
"""The newest runs among which those alike are looked for."""

_SEEN_SECONDS = 2.0
"""For so long what trains isn't looked at again."""

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

_log = logging.getLogger(__name__)

Lasting = tuple[Run, float | None]
"""A run and how many seconds it may still take; None where nothing is known."""

Left = tuple[str, float | None]
"""A workspace and how many seconds a run of it may still take; None where nothing is known."""


@dataclass(frozen=True)
class Standing:
    """What trains and waits in one workspace.

    Attributes:
        running: oldest first.
        waiting: in the workspace's own order.
        held_by: why none of those that wait may begin today; empty where they may once there is a
            place, and as few of the workspace's own train as may.
    """

    running: list[Lasting]
    waiting: list[Lasting]
    held_by: str = ""


@dataclass(frozen=True)
class WholeQueue:
    """What trains and waits in all workspaces.

    Attributes:
        standings: of each workspace, by its id.
        order: workspace and run of all that wait, in the order in which they are served.
        starts: when each of them may begin, seconds from now; None where nothing is known.
    """

    standings: Mapping[str, Standing]
    order: list[tuple[str, Run]]
    starts: list[float | None]

    def places(self, workspace: str) -> dict[str, QueuePlace]:
        """Where those of a workspace stand that wait, by their ids."""
        held_by = self.standings[workspace].held_by
        return {
            run.id: QueuePlace(place, len(self.order), start, held_by)
            for place, ((of, run), start) in enumerate(
                zip(self.order, self.starts, strict=True), start=1
            )
            if of == workspace
        }


def whole_queue() -> WholeQueue:
    """The queue as it stands, with times as far as runs alike have told them.

    Times assume that as many runs train at once as do now, of a workspace as many as may, and that
    nobody moves or stops any.

    Raises:
        StorageError: the workspace in which somebody acts can't be read.
    """
    mine, quotas = workplace().home, _quotas()
    standings = {mine.workspace: _standing(mine.workspace, quotas, is_mine=True)}
    for home in mine.with_others():
        is_empty = not database_address() and not home.database.exists()
        if home.workspace == mine.workspace or is_empty:
            continue
        try:
            standings[home.workspace] = _standing(home.workspace, quotas)
        except (StorageError, NotFoundError) as error:  # broken, or deleted just now: not mine
            _log.info("the queue of the workspace %s is left out: %s", home.workspace, error)
    _forget_others(mine, standings)
    return _in_order(mine, standings, {name: one.running_runs for name, one in quotas.items()})


def _in_order(
    mine: Home, standings: Mapping[str, Standing], most: Mapping[str, int | None]
) -> WholeQueue:
    at_work = {name: len(each.running) for name, each in standings.items()}
    free = {name: [] if each.held_by else each.waiting for name, each in standings.items()}
    order = in_turns(free, at_work, read_turns(mine) if len(standings) > 1 else {})
    running = [(name, left) for name, each in standings.items() for _, left in each.running]
    starts = starts_of(running, [(name, left) for name, (_, left) in order], most)
    held = [(name, one) for name, each in standings.items() if each.held_by for one in each.waiting]
    whole = [(name, run) for name, (run, _) in (*order, *held)]
    return WholeQueue(standings, whole, [*starts, *(None for _ in held)])


def starts_of(
    running: Sequence[Left], waiting: Sequence[Left], most: Mapping[str, int | None]
) -> list[float | None]:
    """When those that wait may begin: each as soon as there is a place, and its workspace has room.

    Args:
        running: those that train.
        waiting: those that wait, in order.
        most: how many of a workspace may train at the same time, where that is limited.

    Returns:
        Seconds from now; None from where on nothing can be told.
    """
    ends: list[float | None] = [seconds for _, seconds in running] or [0.0]
    of_workspace: dict[str, list[float]] = {}
    for workspace, seconds in running:
        of_workspace.setdefault(workspace, []).append(seconds or 0.0)
    starts: list[float | None] = []
    for workspace, seconds in waiting:
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            starts.append(None)
            continue
        own = of_workspace.setdefault(workspace, [])
        start = max(min(known), _has_room_at(own, most.get(workspace)))
        starts.append(start)
        # The place that became free last: earlier ones may have had somebody else meanwhile.
        ends[ends.index(max(end for end in known if end <= start))] = (
            None if seconds is None else start + seconds
        )
        own.append(start + (seconds or 0.0))
    return starts


def _has_room_at(ends: Sequence[float], most: int | None) -> float:
    """When fewer runs of a workspace train than may, seconds from now, by the ends of its runs."""
    return sorted(ends)[-most] if most and len(ends) >= most else 0.0


@dataclass(frozen=True)
class _Seen:
    """A standing and by what quota, when it was seen on our clock, the database's stamp before."""

    standing: Standing
    quota: Quota
    at: float
    stamp: Stamp | None


_lock = threading.Lock()
_seen: dict[tuple[Home, str], _Seen] = {}


def _quotas() -> Mapping[str, Quota]:
    known = register_if_made()
    return {} if known is None else {one.id: one.quota for one in known.workspaces.all()}


def _standing(workspace: str, quotas: Mapping[str, Quota], *, is_mine: bool = False) -> Standing:
    """What trains and waits in a workspace; read only where something has changed.

    Of a workspace whose database has no files, other people's is up to two seconds old.
    """
    with acting_as(replace(LOCAL, workspace=workspace)):
        stores = workplace()
        key, stamp = (stores.home, stores.database), database_stamp(stores.runs.engine)
        quota, now = quotas.get(workspace, NO_QUOTA), time.monotonic()
        with _lock:
            seen = _seen.get(key)
        if seen is None or seen.quota != quota or _is_old(seen, stamp, now, is_mine=is_mine):
            seen = _Seen(_read(quota), quota, now, stamp)
            with _lock:
                _seen[key] = seen
    return seen.standing


def _forget_others(mine: Home, standings: Mapping[str, Standing]) -> None:
    """Keep nothing of workspaces that are gone."""
    with _lock:
        for home, database in list(_seen):
            if home.installation == mine.installation and home.workspace not in standings:
                del _seen[home, database]


def _is_old(seen: _Seen, stamp: Stamp | None, now: float, *, is_mine: bool) -> bool:
    is_young = now - seen.at < _SEEN_SECONDS
    if stamp is None:
        return is_mine or not is_young
    if seen.stamp is None or not seen.stamp.is_settled or stamp != seen.stamp:
        return True
    return bool(seen.standing.running or seen.standing.held_by) and not is_young


def _read(quota: Quota) -> Standing:
    """That of the workspace in which somebody acts."""
    stores = workplace()
    recent = [as_it_is(run) for run in stores.runs.list(limit=_LIKE)]
    rows = map(as_it_is, stores.runs.list(Status.RUNNING))
    running = [run for run in rows if run.status is Status.RUNNING]
    known = _epoch_seconds(recent)
    hours = 0.0 if quota.hours_a_day is None else trained_seconds(stores.home)
    return Standing(
        [(run, _left(run, known)) for run in reversed(running)],
        [(run, _left(run, known)) for run in stores.runs.queued()],
        why_waits(quota, 0, hours),  # what its own runs' ends will change is a matter of time
    )


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
