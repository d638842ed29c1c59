"""The queues of jobs other than training: started beside the runs, watched, retried, ended.

All that is known lies in the jobs' folders and in the queue's; a supervisor may die at any moment,
and the next one goes on.
"""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.jobs.asking import QueuedJob, queued_jobs
from cnnlab.jobs.kind import DeviceNeed, Kind
from cnnlab.jobs.state import Stage, end_job
from cnnlab.machine import memory_bytes
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.notes import Loss, Note, read_note, write_note
from cnnlab.runner.retry import back_off
from cnnlab.runner.silence import Silence
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import CANCELLED
from cnnlab.worker.process.channel import Job

WITH_KERAS_AT_ONCE, LIGHT_AT_ONCE = 1, 2
"""Keras takes all cores and half a GB; an import takes all cores for a while. Each kind that
may take as long as a run is counted apart."""

CANCEL_SECONDS = 20.0
"""How long a worker has to end by itself once nobody wants its job any more."""

GIVE_UP_SECONDS = 60.0
"""For so long a job may not be seen to, because of its folder or of where its worker is."""

_RESIDENT_BYTES = 4 * 2**30
"""Of the machine's memory for each worker that stays with Keras: each workspace has its own."""

_REACH_SECONDS = 5.0
"""After so long a start that the executor couldn't make is tried again."""

_GAVE_WAY = "gave way to a run that was launched: start it again when that has ended"

_AGE_SECONDS = {0: 0.0, 1: 600.0}
"""By priority: who waits for longer than this passes those who come then, so that none starves."""

_log = logging.getLogger(__name__)


class _Standing(Enum):
    """Where a queued job stands in this round."""

    WAITING, RUNNING, ENDED = range(3)


@dataclass
class _Watched:
    """What is known of a job that runs, as long as this supervisor lives.

    Attributes:
        silence: of its worker.
        since: when it was first seen to run, on our clock.
        stop_since: when it was first seen to be cancelled; None before that.
        is_hung: whether we have ended its worker because that hung.
        ending: why we have ended its worker for good, in words; empty if we haven't.
    """

    silence: Silence
    since: float
    stop_since: float | None = None
    is_hung: bool = False
    ending: str = ""


@dataclass
class JobQueue:
    """Brings jobs to their end.

    Attributes:
        home: of the workspace whose jobs they are.
        executor: where workers run.
        stall_seconds: how long a worker may show no sign of life.
        clock: seconds on a clock that never jumps.
        waiting: the jobs that wait, in order, as they were last seen.
        running: the kinds of those that run, likewise.
    """

    home: Home
    executor: Executor
    stall_seconds: float
    clock: Callable[[], float]
    waiting: list[QueuedJob] = field(default_factory=list)
    running: list[Kind[Any, Any]] = field(default_factory=list)
    _watched: dict[str, _Watched] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _failing_since: dict[str, float] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether any job waits or runs."""
        return bool(self.waiting or self.running)

    def follow(self, errors: list[Exception]) -> None:
        """See how the jobs fare.

        Args:
            errors: is told what couldn't be done; the rest was.
        """
        jobs = sorted(queued_jobs(self.home), key=_turn)
        standing = {job.entry: self._attempted(self._look_after, job, errors) for job in jobs}
        self.running = [job.kind for job in jobs if standing[job.entry] is _Standing.RUNNING]
        self.waiting = [job for job in jobs if standing[job.entry] is _Standing.WAITING]

    def start(self, job: QueuedJob, errors: list[Exception]) -> None:
        """Have one that waits begin."""
        self.waiting.remove(job)
        self.running.append(job.kind)
        self._attempted(self._start, job, errors)

    def may_start(
        self, job: QueuedJob, running: Sequence[Kind[Any, Any]], *, runs_train: bool
    ) -> bool:
        """Whether one that waits may begin.

        Args:
            job: one of those that wait.
            running: the kinds of all jobs that run, of all workspaces.
            runs_train: whether any run trains: on a GPU, what needs one waits for the runs' end,
                because two processes would fight for the memory.
        """
        if self.clock() < self._due.get(str(job.files.folder), 0.0):
            return False
        capacity = self.executor.capacity()
        waits_for_runs = bool(capacity.gpus) and not capacity.is_elsewhere
        if job.kind.device is DeviceNeed.RUN and runs_train and waits_for_runs:
            return False
        if job.kind.is_resident:  # it takes no turn, and somebody waits for an answer of seconds
            alike = sum(kind.name == job.kind.name for kind in running)
            return not job.kind.needs_keras or alike < residents_at_once()
        beside = sum(_turn_of(kind) == _turn_of(job.kind) for kind in running)
        return beside < (WITH_KERAS_AT_ONCE if job.kind.needs_keras else LIGHT_AT_ONCE)

    def make_room(self) -> None:
        """End what computes on a GPU, for a run that needs its memory now.

        What can't be ended is logged: a run doesn't fail for the sake of a job.
        """
        for job in queued_jobs(self.home):
            try:
                if job.kind.device is DeviceNeed.RUN and self.executor.is_alive(_work(job)):
                    self._end(job, f"{job.kind.words} {_GAVE_WAY}.")
            except Exception:
                _log.exception("%s can't be ended", job.files.folder)

    def _look_after(self, job: QueuedJob) -> _Standing:
        """See how a job fares; note its end."""
        files = job.files
        if self.executor.is_alive(_work(job)):  # before the result, so that none is missed
            if files.was_started():  # else its lock is held by who asks for it or cancels it
                self._end_if_due(job)
            return _Standing.RUNNING
        if not files.result.exists() and files.is_stop_asked():
            end_job(files, Stage.CANCELLED, CANCELLED)
        if not files.result.exists() and files.was_started():
            self._lose(job)
        if not files.result.exists():
            return _Standing.WAITING
        return self._forget(job)

    def _forget(self, job: QueuedJob) -> _Standing:
        job.entry.unlink(missing_ok=True)
        for known in (self._watched, self._due, self._failing_since):
            known.pop(str(job.files.folder), None)
        return _Standing.ENDED

    def _end_if_due(self, job: QueuedJob) -> None:
        """Kill the worker of a job that hangs, takes too long or isn't wanted any more."""
        now, watched = self.clock(), self._watch(job)
        watched.silence.observe(now)
        if job.files.is_stop_asked():
            watched.stop_since = now if watched.stop_since is None else watched.stop_since
            if now - watched.stop_since > CANCEL_SECONDS:
                self._end(job, CANCELLED)
        elif self._is_overtime(job, watched):
            self._end(job, _took_too_long(job.kind))
        elif watched.silence.is_overdue(self.stall_seconds):
            watched.is_hung = True
            self.executor.kill(_work(job))

    def _is_overtime(self, job: QueuedJob, watched: _Watched) -> bool:
        limit = job.kind.time_limit_seconds
        return limit is not None and self.clock() - watched.since > limit

    def _end(self, job: QueuedJob, why: str) -> None:
        """End a job for good."""
        watched = self._watch(job)
        watched.ending = watched.ending or why
        self.executor.kill(_work(job))

    def _lose(self, job: QueuedJob) -> None:
        """A worker is gone without a word: have it start again, or give the job up."""
        watched = self._watched.get(str(job.files.folder))
        if watched and (watched.ending or self._is_overtime(job, watched)):
            end_job(job.files, Stage.LOST, watched.ending or _took_too_long(job.kind))
            return
        before = read_note(job.files) or Note()
        is_hung = watched is not None and watched.is_hung
        loss = Loss.HUNG if is_hung else self.executor.why_lost(_work(job), before.baseline)
        note = replace(before, lost_workers=before.lost_workers + 1, loss=loss)
        _log.info("%s: %s (%d)", job.files.folder, loss.words, note.lost_workers)
        again_for_memory = loss is Loss.MEMORY is before.loss  # too large stays too large
        if again_for_memory or note.lost_workers > job.kind.retries:
            end_job(job.files, Stage.LOST, _was_lost(job.kind, note))
            return
        write_note(job.files, note)
        job.files.mark_started(started=False)  # it waits again
        self._due[str(job.files.folder)] = self.clock() + back_off(note.lost_workers)

    def _start(self, job: QueuedJob) -> _Standing:
        try:
            job.files.remove_unfinished()
            note = read_note(job.files) or Note()
            write_note(job.files, replace(note, baseline=self.executor.baseline()))
            job.files.mark_started()
            self.executor.start(_work(job))
            self._watched[str(job.files.folder)] = self._new_watch(job)  # not of the try before
        except RunStateError:
            _log.info("%s is being asked for right now", job.files.folder)
            job.files.mark_started(started=False)
        except StorageError:  # out of reach at the moment
            self._due[str(job.files.folder)] = self.clock() + _REACH_SECONDS
            job.files.mark_started(started=False)
            raise
        except OSError as error:
            _log.exception("%s can't be started", job.files.folder)
            end_job(job.files, Stage.FAILED, f"The worker can't be started: {error}")
        return _Standing.RUNNING

    def _watch(self, job: QueuedJob) -> _Watched:
        return self._watched.setdefault(str(job.files.folder), self._new_watch(job))

    def _new_watch(self, job: QueuedJob) -> _Watched:
        now = self.clock()
        return _Watched(Silence(job.files, now), now)

    def _attempted(
        self, step: Callable[[QueuedJob], _Standing], job: QueuedJob, errors: list[Exception]
    ) -> _Standing:
        """Take a step with one job; what fails mustn't be in the way of the others."""
        key = str(job.files.folder)
        try:
            standing = step(job)
        except Exception as error:
            errors.append(error)
            since = self._failing_since.setdefault(key, self.clock())
            if self.clock() - since < GIVE_UP_SECONDS:
                return _Standing.RUNNING  # for all we know
            return self._give_up(job, error)
        if standing is not _Standing.WAITING:  # one that waits may still be impossible to start
            self._failing_since.pop(key, None)
        return standing

    def _give_up(self, job: QueuedJob, error: Exception) -> _Standing:
        """End a job that can't be seen to; whether that succeeds or not, it takes no place."""
        with contextlib.suppress(StorageError, OSError):
            self.executor.kill(_work(job))
        why = str(error).rstrip(".")
        try:
            end_job(job.files, Stage.FAILED, f"{job.kind.words} can't go on: {why}. Try again.")
        except StorageError:
            _log.exception("%s can't be given up", job.files.folder)
            return _Standing.ENDED
        return self._forget(job)


def residents_at_once() -> int:
    """How many workers of a kind that loads Keras may stay at the same time, one a workspace."""
    return max(1, memory_bytes() // _RESIDENT_BYTES)


def _turn_of(kind: Kind) -> tuple[bool, str]:
    """Kinds of the same turn wait for each other; each long one, and what is resident, has its own.

    A search of hours must not keep somebody's pictures waiting, nor the other way round.
    """
    return kind.needs_keras, kind.name if kind.is_long or kind.is_resident else ""


def _turn(job: QueuedJob) -> float:
    """What puts the queue in order."""
    return job.asked_at / 1e9 + _AGE_SECONDS[job.kind.priority]


def _took_too_long(kind: Kind) -> str:
    words = f"took longer than {kind.time_limit_seconds:.0f} s and was ended"
    return f"{kind.words} {words}: the machine may be too busy; start it again."


def _was_lost(kind: Kind, note: Note) -> str:
    """That a job is given up after a loss, why, and what to do."""
    loss = note.loss or Loss.KILLED
    tries = f" {note.lost_workers} times" if note.lost_workers > 1 else ""
    advice = kind.memory_advice if loss is Loss.MEMORY else "start it again"
    return f"{kind.words} was lost{tries}: {loss.words}. {advice[0].upper()}{advice[1:]}."


def _work(job: QueuedJob) -> Job:
    device = "cpu" if job.kind.device is DeviceNeed.CPU else None
    return Job(job.name, str(job.files.folder), device, job.kind.name)
