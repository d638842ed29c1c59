"""Where a job stands, read from its files alone: after a reload, in another process, at any time.

waiting ──> running ──> finished, failed, cancelled
   ^           │
   └───────────┘  its worker was lost: it starts again, or is lost for good
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from cnnlab.files import write_json
from cnnlab.jobs.kind import Kind
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.journal import read_journal

Answer = TypeVar("Answer")


class Stage(StrEnum):
    """How far a job has got."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def is_ended(self) -> bool:
        """Whether nothing happens to the job any more by itself."""
        return self not in (Stage.WAITING, Stage.RUNNING)


@dataclass(frozen=True)
class JobState(Generic[Answer]):
    """Where a job stands.

    Attributes:
        stage: how far it has got.
        answer: what came of it once it has finished; else None.
        problem: why there will be no answer, in one or two sentences; else None.
        phase: what is being done, in words, before the end.
        done: how much of this phase is done; `total` of how much, 0 where that is unknown.
        started_at: seconds since the epoch when a worker began; 0 before that.
    """

    stage: Stage = Stage.WAITING
    answer: Answer | None = None
    problem: str | None = None
    phase: str = ""
    done: int = 0
    total: int = 0
    started_at: float = 0.0

    @property
    def is_ended(self) -> bool:
        """Whether there is an answer or a problem."""
        return self.stage.is_ended

    @property
    def is_ready(self) -> bool:
        """Whether there is an answer."""
        return self.stage is Stage.FINISHED


def stage_of(files: JobFolder) -> Stage:
    """How far a job has got; one whose worker is lost runs until the supervisor notices."""
    result = files.read_result()
    if result is not None:
        return Stage(result["status"])
    return Stage.RUNNING if files.was_started() else Stage.WAITING


def read_state(kind: Kind[Any, Answer], files: JobFolder) -> JobState[Answer]:
    """Where a job of this kind stands.

    Raises:
        StorageError: its files are damaged.
    """
    stage = stage_of(files)
    if not stage.is_ended:
        return _under_way(files, stage)
    result = files.read_result() or {}
    if stage is Stage.FINISHED:
        return JobState(stage, answer=kind.read_answer(result["answer"]))
    return JobState(stage, problem=result["message"])


def end_job(files: JobFolder, stage: Stage, message: str) -> None:
    """Note that there will be no answer, and why.

    Raises:
        StorageError: the disk is full.
    """
    write_json(files.result, {"status": stage, "message": message})


def _under_way(files: JobFolder, stage: Stage) -> JobState[Any]:
    if stage is Stage.WAITING:
        return JobState(phase="Waiting for a worker")
    phase, done, total = "Starting", 0, 0
    for row in read_journal(files.steps):
        if row["kind"] == "phase":
            phase, done, total = row["text"], 0, 0
        elif row["kind"] == "progress":
            done, total = row["done"], row["total"]
    try:
        began = files.start_mark.stat().st_mtime
    except FileNotFoundError:  # it waits again since we looked
        began = 0.0
    return JobState(stage, phase=phase, done=done, total=total, started_at=began)
