"""The queue of jobs other than training: started beside the runs, watched, retried, ended.

All that is known lies in the jobs' folders and in the queue's; a supervisor may die at any moment,
and the next one goes on.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.jobs.asking import CANCELLED, QueuedJob, queue_changed_at, queued_jobs
from cnnlab.jobs.kind import DeviceNeed, Kind
from cnnlab.jobs.state import Stage, end_job
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.notes import Loss, Note, read_note, write_note
from cnnlab.runner.retry import back_off
from cnnlab.runner.silence import Silence
from cnnlab.storage.home import Home
from cnnlab.worker.channel import Job

WITH_KERAS_AT_ONCE, LIGHT_AT_ONCE = 1, 2
"""Keras takes all cores and half a GB; an import takes all cores for a while."""

CANCEL_SECONDS = 20.0
"""How long a worker has to end by itself once nobody wants its job any more."""

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
        ending: why we have ended its worker, in words; empty if we haven't.
        is_final: whether it isn't started again after that.
    """

    silence: Silence
    since: float
    stop_since: float | None = None
    ending: str = ""
    is_final: bool = False


@dataclass
class JobQueue:
    """Brings jobs to their end.

    Attributes:
        home: the home folder.
        executor: where workers run.
        stall_seconds: how long a worker may show no sign of life.
        clock: seconds on a clock that never jumps.
    """

    home: Home
    executor: Executor
    stall_seconds: float
    clock: Callable[[], float]
    _watched: dict[str, _Watched] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _empty_at: int = 0

    def tick(self, *, runs_train: bool) -> bool:
        """Do what is due; say whether any job waits or runs.

        Args:
            runs_train: whether any run trains: on a GPU, what needs one waits for the runs' end,
                because two processes would fight for the memory.

        Raises:
            Exception: the first of what couldn't be done; the rest was.
        """
        changed_at = queue_changed_at(self.home)
        if changed_at == self._empty_at:
            return False
        jobs = sorted(queued_jobs(self.home), key=_turn)
        if not jobs:
            self._empty_at = changed_at
            return False
        errors: list[Exception] = []
        standing = {job.entry: self._attempted(self._look_after, job, errors) for job in jobs}
        running = [job.kind for job in jobs if standing[job.entry] is _Standing.RUNNING]
        for job in jobs:
            if standing[job.entry] is _Standing.WAITING and self._may_start(
                job, running, runs_train
            ):
                running.append(job.kind)
                self._attempted(self._start, job, errors)
        if errors:
            raise errors[0]
        return True

    def make_room(self) -> None:
        """End what computes on a GPU, for a run that needs its memory now."""
        if queue_changed_at(self.home) == self._empty_at:
            return
        for job in queued_jobs(self.home):
            if job.kind.device is DeviceNeed.RUN and self.executor.is_alive(_work(job)):
                words = "gave way to a run that was launched: start it again when that has ended"
                self._end(job, f"{job.kind.words} {words}.", is_final=True)

    def _may_start(self, job: QueuedJob, running: Sequence[Kind], runs_train: bool) -> bool:
        if self.clock() < self._due.get(str(job.files.folder), 0.0):
            return False
        if job.kind.device is DeviceNeed.RUN and runs_train and self.executor.capacity().gpus:
            return False
        beside = sum(kind.needs_keras == job.kind.needs_keras for kind in running)
        return beside < (WITH_KERAS_AT_ONCE if job.kind.needs_keras else LIGHT_AT_ONCE)

    def _look_after(self, job: QueuedJob) -> _Standing:
        """See how a job fares; note its end."""
        key, files = str(job.files.folder), job.files
        if self.executor.is_alive(_work(job)):  # before the result, so that none is missed
            self._end_if_due(job)
            return _Standing.RUNNING
        if not files.result.exists() and files.is_stop_asked():
            end_job(files, Stage.CANCELLED, CANCELLED)
        if not files.result.exists() and files.was_started():
            self._lose(job)
        if not files.result.exists():
            return _Standing.WAITING
        job.entry.unlink(missing_ok=True)
        self._watched.pop(key, None)
        self._due.pop(key, None)
        return _Standing.ENDED

    def _end_if_due(self, job: QueuedJob) -> None:
        """Kill the worker of a job that hangs, takes too long or isn't wanted any more."""
        now, watched = self.clock(), self._watch(job)
        watched.silence.observe(now)
        if job.files.is_stop_asked():
            watched.stop_since = now if watched.stop_since is None else watched.stop_since
            if now - watched.stop_since > CANCEL_SECONDS:
                self._end(job, CANCELLED, is_final=True)
            return
        limit = job.kind.time_limit_seconds
        if limit is not None and now - watched.since > limit:
            words = f"took longer than {limit:.0f} s and was ended: the machine may be too busy"
            self._end(job, f"{job.kind.words} {words}; start it again.", is_final=True)
        elif watched.silence.is_overdue(self.stall_seconds):
            self._end(job, Loss.HUNG.words)

    def _end(self, job: QueuedJob, why: str, *, is_final: bool = False) -> None:
        watched = self._watch(job)
        watched.ending, watched.is_final = watched.ending or why, watched.is_final or is_final
        self.executor.kill(_work(job))

    def _lose(self, job: QueuedJob) -> None:
        """A worker is gone without a word: have it start again, or give the job up."""
        watched = self._watched.pop(str(job.files.folder), None)
        note = read_note(job.files) or Note()
        lost_workers = note.lost_workers + 1
        why = watched.ending if watched else ""
        if watched and watched.is_final:
            end_job(job.files, Stage.LOST, why)
            return
        why = why or self.executor.why_lost(_work(job), note.baseline).words
        _log.info("%s: %s (%d)", job.files.folder, why, lost_workers)
        if lost_workers > job.kind.retries:
            tries = f" {lost_workers} times" if lost_workers > 1 else ""
            message = f"{job.kind.words} was lost{tries}: {why}. Start it again."
            end_job(job.files, Stage.LOST, message)
            return
        write_note(job.files, replace(note, lost_workers=lost_workers))
        job.files.mark_started(started=False)  # it waits again
        self._due[str(job.files.folder)] = self.clock() + back_off(lost_workers)

    def _start(self, job: QueuedJob) -> _Standing:
        try:
            job.files.remove_unfinished()
            note = read_note(job.files) or Note()
            write_note(job.files, replace(note, baseline=self.executor.baseline()))
            job.files.mark_started()
            self.executor.start(_work(job))
            self._watch(job)
        except RunStateError:
            _log.info("%s is being asked for right now", job.files.folder)
            job.files.mark_started(started=False)
        except (OSError, StorageError) as error:
            _log.exception("%s can't be started", job.files.folder)
            end_job(job.files, Stage.FAILED, f"The worker can't be started: {error}")
        return _Standing.RUNNING

    def _watch(self, job: QueuedJob) -> _Watched:
        now = self.clock()
        return self._watched.setdefault(
            str(job.files.folder), _Watched(Silence(job.files, now), now)
        )

    @staticmethod
    def _attempted(
        step: Callable[[QueuedJob], _Standing], job: QueuedJob, errors: list[Exception]
    ) -> _Standing:
        """Take a step with one job; what fails mustn't be in the way of the others."""
        try:
            return step(job)
        except Exception as error:
            errors.append(error)
            return _Standing.RUNNING


def _turn(job: QueuedJob) -> float:
    """What puts the queue in order."""
    return job.asked_at / 1e9 + _AGE_SECONDS[job.kind.priority]


def _work(job: QueuedJob) -> Job:
    device = "cpu" if job.kind.device is DeviceNeed.CPU else None
    return Job(job.name, str(job.files.folder), device, job.kind.name)
