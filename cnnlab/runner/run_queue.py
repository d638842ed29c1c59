"""The queue of runs of a workspace: started, watched, started again, their end noted.

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
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import DiskFullError, OutOfReachError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.files import disk_errors, write_json
from cnnlab.jobs.kind import to_json
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.notes import Loss, Note, read_note, write_note
from cnnlab.runner.retry import STOPPED_WAITING, after_full_disk, after_loss, back_off, restarted
from cnnlab.runner.room import LOOK_SECONDS, has_room_to_start, room_to_go_on
from cnnlab.runner.watch import Watch
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.runs.run_rows import Stamp, database_stamp
from cnnlab.storage.runs.store import RunStore
from cnnlab.worker.process.channel import Job

_NEWS = {"status", "last"}
"""What of a run other tools are told when it changes."""

_log = logging.getLogger(__name__)


class RunQueue:
    """Brings the queued runs of a workspace to their end.

    Args:
        home: of the workspace.
        store: its runs.
        executor: where workers run.
        tell: is given a run of which there is news.
        stall_seconds: how long a worker may show no sign of life.
        clock: seconds on a clock that never jumps.

    Attributes:
        active: the runs that train or start again by themselves, as they were last seen.
        waiting: those that wait, in order, as they were last seen.
    """

    def __init__(
        self,
        home: Home,
        store: RunStore,
        executor: Executor,
        tell: Callable[[Run], object],
        stall_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._home = home
        self._store = store
        self._executor = executor
        self._tell = tell
        self._stall_seconds = stall_seconds
        self._clock = clock
        self._watches: dict[str, Watch] = {}
        self._due: dict[str, float] = {}
        self.active: list[Run] = []
        self.waiting: list[Run] = []
        self._waiting_stamp: Stamp | None = None

    @property
    def running(self) -> list[Run]:
        """The runs that train."""
        return [run for run in self.active if run.status is Status.RUNNING]

    @property
    def occupied(self) -> list[str]:
        """The devices that they hold."""
        notes = (run.id in self._watches and self._watches[run.id].note for run in self.running)
        return [(note or Note()).device for note in notes]

    def follow(self, errors: list[Exception]) -> None:
        """Take over the news of the runs that train; queue those again that are due.

        Args:
            errors: is told what couldn't be done; the rest was.

        Raises:
            StorageError: the runs can't be read.
        """
        runs = self._store.list(Status.RUNNING, Status.INTERRUPTED)
        followed = {run.id for run in runs if run.status is Status.RUNNING}
        self._watches = {name: self._watches[name] for name in self._watches.keys() & followed}
        for step in (self._look_after, self._queue_again):
            runs = [_attempted(step, run, errors) for run in runs]
        self.active = [run for run in runs if not run.status.is_ended]

    def see_waiting(self) -> None:
        """See which runs wait; they may be many, and are read where the database has changed.

        Raises:
            StorageError: the runs can't be read.
        """
        stamp = database_stamp(self._store.engine)
        if stamp is None or not stamp.is_settled or stamp != self._waiting_stamp:
            self.waiting, self._waiting_stamp = self._store.queued(), stamp

    def start(self, run: Run, device: str, make_room: Callable[[], object]) -> bool:
        """Start the worker of a queued run, unless it was stopped in the meantime.

        Args:
            run: one of those that wait.
            device: what it is given.
            make_room: ends what computes on a GPU and isn't a run.

        Returns:
            Whether it has left the queue.
        """
        self.waiting = [one for one in self.waiting if one.id != run.id]
        self._waiting_stamp = None  # where that fails it waits on
        started = self._start(run, device, make_room)
        if started.status is Status.RUNNING:
            self.active.append(started)
        return started.status is not Status.QUEUED

    def _start(self, run: Run, device: str, make_room: Callable[[], object]) -> Run:
        changes: dict[str, Any] = {"status": Status.RUNNING, "started_at": _now()}
        if not self._store.update_from(run.id, Status.QUEUED, **changes):
            return run
        run = replace(run, **changes)
        self._tell(run)
        watch = self._new_watch(run)
        try:
            self._prepare(run, watch.attempt)
            watch.note = Note(device, self._executor.baseline())
            write_note(watch.attempt, watch.note)
            known = bool(self._executor.capacity().gpus)  # else TensorFlow sees best what there is
            if known:
                make_room()
            self._executor.start(replace(watch.job, device=device if known else None))
        except DiskFullError as error:  # nothing has begun: it waits in the queue for room
            _log.warning("run %s can't be started: %s", run.id, error)
            return self._write(run, {"status": Status.QUEUED, "started_at": None})
        except OutOfReachError as error:  # it may have been started: only the next attempt counts
            _log.warning("run %s can't be started: %s", run.id, error)
            return self._write(run, _waits_again(run, watch))
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
        if loss is Loss.UNPLACED and not watch.has_begun:  # a busy cluster is no fault of the run
            return _waits_again(run, watch)
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
        self._tell(run)
        return replace(run, **changes) if changed else run

    def _write(self, run: Run, known: dict[str, Any]) -> Run:
        """Bring the run's row up to what is known of it."""
        changes = {name: value for name, value in known.items() if value != getattr(run, name)}
        if changes:
            self._store.update(run.id, **changes)
        if "status" in changes:
            _log.info("run %s: %s %s", run.id, changes["status"], changes.get("message") or "")
        run = replace(run, **changes)
        if changes.keys() & _NEWS:
            self._tell(run)
        return run


def _attempted(step: Callable[[Run], Run], run: Run, errors: list[Exception]) -> Run:
    """Take a step with one run; what fails is noted and must not be in the way of the others."""
    try:
        return step(run)
    except Exception as error:
        errors.append(error)
        return run


def _waits_again(run: Run, watch: Watch) -> dict[str, Any]:
    """What becomes of a run that its cluster hasn't started, perhaps does later: no loss counts."""
    watch.attempt.fence()
    return {"status": Status.QUEUED, "started_at": None, "attempt": run.attempt + 1}


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
