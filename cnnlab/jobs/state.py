"""Where a job stands, read from its files alone: after a reload, in another process, at any time.

waiting ──> running ──> finished, failed, cancelled
   ^           │
   └───────────┘  its worker was lost: it starts again, or is lost for good
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from cnnlab.domain.errors import DamagedError
from cnnlab.files import write_json
from cnnlab.jobs.kind import Kind
from cnnlab.storage.job_folder import JobFolder

Answer = TypeVar("Answer")

_PHASE = b'"data":{"kind":"phase"'
"""How a row of the steps begins that names a phase; a text has its quotes escaped."""

_UNREADABLE = "The disk lost what the worker had written at its end. Start it again."


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
        choices: what may be chosen so that it can be done, each with what would come of it; empty
            where a choice isn't what is missing.
    """

    stage: Stage = Stage.WAITING
    answer: Answer | None = None
    problem: str | None = None
    phase: str = ""
    done: int = 0
    total: int = 0
    started_at: float = 0.0
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ended(self) -> bool:
        """Whether there is an answer or a problem."""
        return self.stage.is_ended

    @property
    def is_ready(self) -> bool:
        """Whether there is an answer."""
        return self.stage is Stage.FINISHED


def stage_of(files: JobFolder) -> Stage:
    """How far a job has got; one whose worker is lost runs until the supervisor notices.

    Raises:
        StorageError: that can't be read at the moment.
    """
    return _stage(files, _result(files))


def read_state(kind: Kind[Any, Answer], files: JobFolder) -> JobState[Answer]:
    """Where a job of this kind stands.

    Raises:
        StorageError: that can't be read at the moment, or the answer is of another version.
    """
    result = _result(files)
    stage = _stage(files, result)
    if result is None:
        return _under_way(files, stage)
    if stage is Stage.FINISHED:
        return JobState(stage, answer=kind.read_answer(result["answer"]))
    return JobState(stage, problem=result["message"], choices=result.get("choices", {}))


def _stage(files: JobFolder, result: Mapping[str, Any] | None) -> Stage:
    if result is not None:
        return Stage(result["status"])
    return Stage.RUNNING if files.was_started() else Stage.WAITING


def _result(files: JobFolder) -> Mapping[str, Any] | None:
    """How a job ended, None before that; a damaged result counts as a loss."""
    try:
        result = files.read_result()
        if result is not None:
            stage = Stage(result["status"])
            _ = result["answer" if stage is Stage.FINISHED else "message"]
    except (DamagedError, KeyError, TypeError, ValueError):
        return {"status": Stage.LOST, "message": _UNREADABLE}
    return result


def end_job(files: JobFolder, stage: Stage, message: str) -> None:
    """Note that there will be no answer, and why.

    Raises:
        StorageError: the disk is full.
    """
    write_json(files.result, {"status": stage, "message": message})


def _under_way(files: JobFolder, stage: Stage) -> JobState[Any]:
    if stage is Stage.WAITING:
        return JobState(phase="Waiting for a worker")
    phase, done, total = _progress(files)
    try:
        began = files.start_mark.stat().st_mtime
    except FileNotFoundError:  # it waits again since we looked
        began = 0.0
    return JobState(stage, phase=phase, done=done, total=total, started_at=began)


def _progress(files: JobFolder) -> tuple[str, int, int]:
    """What is being done, how much of it is, and of how much: of the last rows alone.

    Many look often, and an import of hours writes a hundred thousand rows.
    """
    try:
        content = files.steps.read_bytes()
        rows = content[: content.rfind(b"\n") + 1]  # the worker may be at the last one
        begin = rows.rfind(b"\n", 0, rows.rindex(_PHASE)) + 1
        lines = rows[begin:].splitlines()
        first, last = (json.loads(line)["data"] for line in (lines[0], lines[-1]))
        return first["text"], last.get("done", 0), last.get("total", 0)
    except (OSError, ValueError, KeyError):  # nothing there yet, or damaged: no reason to fail
        return "Starting", 0, 0
