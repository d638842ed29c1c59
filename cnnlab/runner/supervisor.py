"""The supervisor: takes runs off the queue, starts their workers, watches them, notes their end.

It is the only writer of a run's state from `running` on. It may die at any moment: workers go on,
and the next supervisor adopts them, because a run's truth lies in its folder and its lock.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.history import best_epoch, thin
from cnnlab.domain.run import Run, Status
from cnnlab.runner.executor import Executor
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.journal import JournalReader
from cnnlab.storage.runs import RunStore

STOP_GRACE_SECONDS = 60.0
"""How long a worker that was asked to stop may be silent; building a large net takes long."""

_SPARKLINE_POINTS = 40
_log = logging.getLogger(__name__)


@dataclass
class _Watch:
    """What the supervisor remembers of a running attempt."""

    attempt: Attempt
    events: JournalReader
    history: list[dict[str, Any]]
    device: str | None = None
    signs_of_life: tuple[int, ...] = ()
    quiet_since: float = 0.0


class Supervisor:
    """Brings queued runs to their end.

    Args:
        home: the home folder.
        store: the runs.
        executor: where workers run.
        slots: how many workers may run at once.
        clock: seconds on a clock that never jumps.
    """

    def __init__(
        self,
        home: Home,
        store: RunStore,
        executor: Executor,
        *,
        slots: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._store = store
        self._executor = executor
        self._slots = slots
        self._clock = clock
        self._watches: dict[str, _Watch] = {}

    def tick(self) -> bool:
        """Do what is due; say whether any run is queued or running."""
        running = self._store.list(Status.RUNNING)
        still_running = [run for run in running if self._look_after(run)]
        queued = self._store.list(Status.QUEUED)
        free = self._slots - len(still_running)
        for run in sorted(queued, key=lambda run: run.id)[: max(0, free)]:
            self._start(run)
        return bool(still_running or queued)

    def _start(self, run: Run) -> None:
        attempt = Attempt(self._home.attempt(run.id, run.attempt))
        if not self._store.update_from(
            run.id, Status.QUEUED, status=Status.RUNNING, started_at=_now(), message=None
        ):
            return  # stopped or deleted in the meantime
        try:
            attempt.create(run.config)
            for earlier in range(run.attempt - 1, 0, -1):
                if attempt.continue_from(Attempt(self._home.attempt(run.id, earlier))):
                    break
            self._executor.start(run.id, attempt)
        except (CnnlabError, OSError) as error:
            _log.exception("run %s can't be started", run.id)
            message = f"The worker can't be started: {error}"
            self._store.update(run.id, status=Status.FAILED, ended_at=_now(), message=message)

    def _look_after(self, run: Run) -> bool:
        """Take over a running run's news; say whether it still runs."""
        if run.id not in self._watches:
            attempt = Attempt(self._home.attempt(run.id, run.attempt))
            self._watches[run.id] = _Watch(attempt, JournalReader(attempt.events), [])
        watch = self._watches[run.id]
        alive = self._executor.is_alive(watch.attempt)  # before the news, so that none is missed
        try:
            self._read(watch)
            ending = None if alive else self._ending(watch)
        except CnnlabError as error:  # the run's own files are damaged: it can't be followed
            _log.exception("run %s", run.id)
            self._executor.kill(watch.attempt)
            ending = {"status": Status.FAILED, "message": str(error)}
        # What the store refuses (locked, disk full) is raised, and written in the next round.
        self._write(run, watch, ending)
        if ending:
            self._watches.pop(run.id)
        elif self._is_overdue(watch):
            self._executor.kill(watch.attempt)
        return not ending

    @staticmethod
    def _read(watch: _Watch) -> None:
        for row in watch.events.read():
            if row["kind"] == "started":
                watch.device = row["facts"].get("device")
            elif row["kind"] == "epoch":
                watch.history.append(row["record"])

    def _write(self, run: Run, watch: _Watch, ending: dict[str, Any] | None) -> None:
        """Bring the run's row up to what is known of it."""
        known: dict[str, Any] = {"device": watch.device or run.device}
        if watch.history:
            best = best_epoch(watch.history)
            accuracies = [record["val_accuracy"] or 0.0 for record in watch.history]
            known |= {
                "last": watch.history[-1],
                "best_epoch": best,
                "best": next(record for record in watch.history if record["epoch"] == best),
                "sparkline": thin(accuracies, _SPARKLINE_POINTS),
            }
        if ending:
            known |= {
                "status": ending["status"],
                "message": ending.get("message"),
                "ended_at": _now(),
            }
            _log.info("run %s: %s", run.id, ending["status"])
        changes = {name: value for name, value in known.items() if value != getattr(run, name)}
        if changes:
            self._store.update(run.id, **changes)

    @staticmethod
    def _ending(watch: _Watch) -> dict[str, Any]:
        """How an attempt whose worker is gone has ended."""
        result = watch.attempt.read_result()
        if result is None and watch.attempt.is_stop_asked():
            return {"status": Status.STOPPED, "message": "Stopped before it could tidy up."}
        if result is None:
            return {"status": Status.INTERRUPTED, "message": _interrupted(len(watch.history))}
        return result

    def _is_overdue(self, watch: _Watch) -> bool:
        """Whether a worker that was asked to stop has shown no sign of life for too long."""
        if not watch.attempt.is_stop_asked():
            return False
        signs = watch.attempt.signs_of_life()
        if signs != watch.signs_of_life:
            watch.signs_of_life, watch.quiet_since = signs, self._clock()
        return self._clock() - watch.quiet_since > STOP_GRACE_SECONDS


def _interrupted(epochs: int) -> str:
    kept = f"The {epochs} finished epochs are kept" if epochs else "No epoch had been finished"
    return (
        "The worker process was ended from outside (killed, out of memory, or the machine was "
        f"switched off). {kept}; press Resume to go on from there."
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
