"""The supervisor: takes runs off the queue, starts their workers, watches them, notes their end.

Other work has a queue of its own (`runner.jobs`), which it serves once in a round.

While a run is `running`, nobody else writes its status; one that waits or has ended may be stopped
or queued again by a user (`lab.runs`). The supervisor may die at any moment: workers go on, and the
next one adopts them. What happened lies in a run's folder; whether its worker lives, the executor
knows.

    queued ──> running ──> finished, stopped, failed
       ^          │
       └── interrupted     its worker was lost: it starts again by itself, as the next attempt

What the store refuses (locked, disk full) is raised, and done again in the next round: every step
is one that can be repeated.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnlab.domain.errors import DiskFullError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.files import disk_errors, write_json
from cnnlab.jobs.kind import to_json
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.runner.devices import assign
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.jobs import JobQueue
from cnnlab.runner.notes import Loss, Note, read_note, write_note
from cnnlab.runner.retry import STOPPED_WAITING, after_full_disk, after_loss, back_off, restarted
from cnnlab.runner.room import LOOK_SECONDS, has_room_to_start, room_to_go_on
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.runner.tracking import Tracker
from cnnlab.runner.watch import Watch
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.runs import RunStore
from cnnlab.storage.searches import SearchStore
from cnnlab.worker.process.channel import Job

if TYPE_CHECKING:
    from cnnlab.runner.searching.searches import Searches

_NEWS = {"status", "last"}
"""What of a run other tools are told when it changes."""

_log = logging.getLogger(__name__)


class Supervisor:
    """Brings queued runs to their end.

    Args:
        home: the home folder.
        store: the runs.
        executor: where workers run.
        stall_seconds: how long a worker may show no sign of life.
        clock: seconds on a clock that never jumps.
    """

    def __init__(
        self,
        home: Home,
        store: RunStore,
        executor: Executor,
        *,
        stall_seconds: float = STALL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._store = store
        self._executor = executor
        self._stall_seconds = stall_seconds
        self._clock = clock
        self._jobs = JobQueue(home, executor, stall_seconds, clock)
        self._tracker = Tracker(home, clock)
        self._search_store = SearchStore(home)
        self._searches: Searches | None = None
        self._watches: dict[str, Watch] = {}
        self._due: dict[str, float] = {}

    def tick(self) -> bool:
        """Do what is due; say whether there is a reason to stay: work, or a worker that waits.

        Raises:
            Exception: the first of what couldn't be done; the rest was.
        """
        errors: list[Exception] = []
        runs = self._store.list(Status.RUNNING, Status.INTERRUPTED)
        followed = {run.id for run in runs if run.status is Status.RUNNING}
        self._watches = {name: self._watches[name] for name in self._watches.keys() & followed}
        for step in (self._look_after, self._queue_again):
            runs = [_attempted(step, run, errors) for run in runs]
        running = [run for run in runs if run.status is Status.RUNNING]
        stay = self._bring_searches_on(errors)
        waiting = self._waiting(running)
        starting = self._assign(waiting, running) if has_room_to_start(self._home) else []
        for run, device in starting:
            _attempted(partial(self._start, device=device), run, errors)
        stay |= bool(waiting) or any(not run.status.is_ended for run in runs)
        stay |= self._tracker.tick()
        try:
            stay |= self._jobs.tick(runs_train=bool(running or starting))
        except Exception as error:
            errors.append(error)
        stay |= self._executor.keep_warm()
        if errors:
            raise errors[0]
        return stay

    def _bring_searches_on(self, errors: list[Exception]) -> bool:
        """Have searches queue and stop runs; say whether any goes on.

        Most supervisors meet no search: what that takes is loaded with the first one.
        """
        due: Sequence[str] = ()
        try:
            due = self._search_store.due()
            if due and self._searches is None:
                from cnnlab.runner.searching.searches import Searches  # noqa: PLC0415 - Optuna

                self._searches = Searches(self._home, self._search_store, self._store, self._clock)
            if self._searches is not None:
                has_room = has_room_to_start(self._home)
                self._searches.tick(due, self._executor.capacity(), has_room=has_room)
        except Exception as error:
            errors.append(error)
        return bool(due)

    def see_settings(self) -> None:
        """Take note that MLflow's variables are others now."""
        self._tracker.see_settings()

    def _waiting(self, running: Sequence[Run]) -> list[Run]:
        """The queue in order; not looked at, because it may be long, where nothing is free."""
        if len(running) >= self._executor.capacity().most_runs:
            return []
        return self._store.queued()

    def _assign(self, waiting: Sequence[Run], running: Sequence[Run]) -> list[tuple[Run, str]]:
        """The runs that can start now, in order, with their devices."""
        notes = (run.id in self._watches and self._watches[run.id].note for run in running)
        occupied = [(note or Note()).device for note in notes]
        devices = assign(waiting, occupied, self._executor.capacity())
        return [(run, devices[run.id]) for run in waiting if run.id in devices]

    def _start(self, run: Run, device: str) -> Run:
        """Start the worker of a queued run, unless it was stopped in the meantime."""
        changes: dict[str, Any] = {"status": Status.RUNNING, "started_at": _now()}
        if not self._store.update_from(run.id, Status.QUEUED, **changes):
            return run
        run = replace(run, **changes)
        self._tracker.note(run.id)
        watch = self._new_watch(run)
        try:
            self._prepare(run, watch.attempt)
            watch.note = Note(device, self._executor.baseline())
            write_note(watch.attempt, watch.note)
            known = bool(self._executor.capacity().gpus)  # else TensorFlow sees best what there is
            if known:
                self._jobs.make_room()
            self._executor.start(replace(watch.job, device=device if known else None))
        except DiskFullError as error:  # nothing has begun: it waits in the queue for room
            _log.warning("run %s can't be started: %s", run.id, error)
            return self._write(run, {"status": Status.QUEUED, "started_at": None})
        except Exception as error:  # whatever it is: the run must say why it doesn't run
            _log.exception("run %s can't be started", run.id)
            with contextlib.suppress(StorageError):  # it may have been started all the same
                watch.attempt.fence()
            return self._write(run, _ended(Status.FAILED, f"The worker can't be started: {error}"))
        return run

    def _prepare(self, run: Run, attempt: Attempt) -> None:
        """Fence the attempts before this one off and take over what they left."""
        attempt.create(run.config)
        # Of a study or a search few models are wanted: they are prepared when somebody does. In a
        # search most runs are stopped, by us.
        asked = TrainRequest(run.is_alone, writes_stopped_model=run.search is None)
        write_json(attempt.request, to_json(asked))
        numbers = range(run.attempt - 1, 0, -1)
        earlier = [Attempt(self._home.attempt(run.id, number)) for number in numbers]
        earlier = [other for other in earlier if other.folder.exists()]
        for other in earlier:
            other.fence()
        for other in earlier:
            if attempt.continue_from(other):
                break

    def _new_watch(self, run: Run) -> Watch:
        job = Job(run.id, str(self._home.attempt(run.id, run.attempt)))
        self._watches[run.id] = Watch(job, self._clock())
        return self._watches[run.id]

    def _look_after(self, run: Run) -> Run:
        """Take over a running run's news; note its end."""
        if run.status is not Status.RUNNING:
            return run
        watch = self._watches.get(run.id) or self._new_watch(run)
        alive = self._executor.is_alive(watch.job)  # before the news, so that none is missed
        try:
            watch.read()
            got_on = run.lost_workers > 0 and watch.has_got_on()
        except StorageError as error:
            if isinstance(error.__cause__, OSError):  # it may pass
                raise
            # The run's own files are damaged: it can't be followed.
            self._executor.kill(watch.job)
            return self._write(run, watch.known | _ended(Status.FAILED, str(error)))
        if got_on:
            run = self._write(run, {"lost_workers": 0})
        if alive:
            self._end_if_silent(watch)
            return self._write(run, watch.known)
        remove_unfinished(self._home.runs / run.id)
        return self._write(run, watch.known | self._ending(run, watch))

    def _ending(self, run: Run, watch: Watch) -> dict[str, Any]:
        """How an attempt whose worker is gone has ended, as changes of the run's row."""
        result = watch.result()
        if result is not None and result.get("disk_full"):
            return self._wait_for_room(run, watch)
        if result is not None:
            return _ended(Status(result["status"]), result.get("message"))
        if watch.attempt.is_stop_asked():
            return _ended(Status.STOPPED, "Stopped before it could tidy up.")
        if watch.note is None and not watch.has_begun:  # we were ended while we prepared it
            return {"status": Status.QUEUED}
        loss = self._note_loss(watch)
        if loss is Loss.DISK_FULL:
            return self._wait_for_room(run, watch)
        earlier = range(run.attempt - run.lost_workers, run.attempt)  # since it last got on
        changes = after_loss(
            loss,
            run.lost_workers + 1,
            again_for_memory=loss is Loss.MEMORY
            and any(self._loss_of(run, number) is loss for number in earlier),
            epochs=watch.epochs,
        )
        if changes["status"] is Status.FAILED:
            return changes | _ended(Status.FAILED, changes["message"])
        self._due[run.id] = self._clock() + back_off(changes["lost_workers"])
        return changes

    def _wait_for_room(self, run: Run, watch: Watch) -> dict[str, Any]:
        """What becomes of a run that a full disk stopped; each time in a row it needs more room."""
        note = watch.note or Note()
        if not note.room_bytes:
            needed = room_to_go_on(watch.attempt)
            if not watch.has_got_on() and run.attempt > 1:
                before = read_note(Attempt(self._home.attempt(run.id, run.attempt - 1)))
                needed = max(needed, 2 * before.room_bytes if before else 0)
            note = replace(note, loss=Loss.DISK_FULL, room_bytes=needed)
            write_note(watch.attempt, note)
            watch.note = note
        return after_full_disk(note.room_bytes, epochs=watch.epochs)

    def _note_loss(self, watch: Watch) -> Loss:
        """Find out why a worker is gone, once; what follows may be repeated."""
        note = watch.note or Note()
        if note.loss is not None:
            return note.loss
        if watch.attempt.result.exists():
            loss = Loss.UNREADABLE
        elif not has_room_to_start(self._home):  # it couldn't even write how it ended
            loss = Loss.DISK_FULL
        else:
            loss = self._executor.why_lost(watch.job, note.baseline)
        self._note(watch, loss)
        return loss

    def _loss_of(self, run: Run, number: int) -> Loss | None:
        note = read_note(Attempt(self._home.attempt(run.id, number)))
        return note.loss if note else None

    @staticmethod
    def _note(watch: Watch, loss: Loss) -> None:
        note = replace(watch.note or Note(), loss=loss)
        write_note(watch.attempt, note)
        watch.note = note

    def _end_if_silent(self, watch: Watch) -> None:
        """Kill a worker that has shown no sign of life for too long."""
        watch.silence.observe(self._clock())
        if not watch.silence.is_overdue(self._stall_seconds):
            return
        if not watch.attempt.is_stop_asked() and watch.note and not watch.note.loss:
            self._note(watch, Loss.HUNG)
        self._executor.kill(watch.job)

    def _queue_again(self, run: Run) -> Run:
        """Let a run whose worker was lost start again once it has waited for long enough."""
        if run.status is not Status.INTERRUPTED:
            return run
        attempt = Attempt(self._home.attempt(run.id, run.attempt))
        if attempt.is_stop_asked():  # in the moment in which its worker was lost
            changes = _ended(Status.STOPPED, STOPPED_WAITING)
        elif self._clock() < self._due.get(run.id, 0.0):
            return run
        else:
            note = read_note(attempt)
            if note and note.loss is Loss.DISK_FULL and self._home.free_bytes() < note.room_bytes:
                self._due[run.id] = self._clock() + LOOK_SECONDS
                return run
            message = restarted((note and note.loss) or Loss.KILLED, run.lost_workers)
            changes = {"status": Status.QUEUED, "attempt": run.attempt + 1, "message": message}
        self._due.pop(run.id, None)
        changed = self._store.update_from(run.id, Status.INTERRUPTED, **changes)
        self._tracker.note(run.id)
        return replace(run, **changes) if changed else run

    def _write(self, run: Run, known: dict[str, Any]) -> Run:
        """Bring the run's row up to what is known of it."""
        changes = {name: value for name, value in known.items() if value != getattr(run, name)}
        if changes:
            self._store.update(run.id, **changes)
        if "status" in changes:
            _log.info("run %s: %s %s", run.id, changes["status"], changes.get("message") or "")
        if changes.keys() & _NEWS:
            self._tracker.note(run.id)
        return replace(run, **changes)


def _attempted(step: Callable[[Run], Run], run: Run, errors: list[Exception]) -> Run:
    """Take a step with one run; what fails is noted and must not be in the way of the others."""
    try:
        return step(run)
    except Exception as error:
        errors.append(error)
        return run


def _ended(status: Status, message: str | None) -> dict[str, Any]:
    return {"status": status, "message": message, "ended_at": _now()}


def remove_unfinished(run: Path) -> None:
    """Remove the files of a run's folder that nobody will rename into place any more.

    Not those of the models that are prepared below its attempts: they have workers of their own.
    """
    for folder in ("", "attempt-*/", "attempt-*/checkpoints/", "attempt-*/predictions/"):
        for path in run.glob(f"{folder}.*.part"):
            with disk_errors(path):
                path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
