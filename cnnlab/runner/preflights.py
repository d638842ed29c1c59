"""Pre-flights: configs that a worker tries out before anybody launches them.

preflights/<key>/     the files of an attempt, of which these count:
    config.json       what is tried out
    attempt.lock      held by the worker; empty until one has begun
    steps.jsonl       phases
    result.json       `status`, and `report` or `message`
"""

import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from cnnlab.files import remove_folder, take_lock, write_json
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.journal import read_journal

KEPT = 50
"""Folders of older pre-flights are deleted."""


@dataclass(frozen=True)
class PreflightState:
    """Where a pre-flight stands.

    Attributes:
        is_ready: whether the report is there.
        problem: why there will be none, in one or two sentences; else None.
        report: what was found, as JSON values.
        phase: what is being done, in words, as long as there is neither report nor problem.
    """

    is_ready: bool = False
    problem: str | None = None
    report: dict[str, Any] = field(default_factory=dict)
    phase: str = ""

    @property
    def is_ended(self) -> bool:
        """Whether there is a report or a problem."""
        return self.is_ready or self.problem is not None


class Stage(Enum):
    """How far the folder of a pre-flight has got."""

    WAITING, RUNNING, ENDED, KILLED = range(4)


def ask_for_preflight(home: Home, key: str, config: dict[str, Any], *, again: bool) -> None:
    """Have a config tried out, unless that was done or is being done.

    Args:
        home: the home folder.
        key: names the config, the dataset and the version of the program.
        config: as JSON values.
        again: whether to do it again where it failed.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    attempt = Attempt(home.preflight(key))
    attempt.create(config)
    os.utime(attempt.config)  # the newest are kept
    lock = take_lock(attempt.lock)
    if lock is None:
        return  # a worker is at it
    try:
        result = attempt.read_result()
        if result is None or (again and "report" not in result):
            os.ftruncate(lock, 0)
            for file in (attempt.steps, attempt.events, attempt.result):
                file.unlink(missing_ok=True)
    finally:
        os.close(lock)
    _delete_old(home)
    os.utime(home.preflights)  # whoever starts them looks only where this has changed


def read_preflight(folder: Path) -> PreflightState:
    """Where the pre-flight in `folder` stands.

    Raises:
        StorageError: its files are damaged.
    """
    attempt = Attempt(folder)
    stage = stage_of(attempt)
    if stage is Stage.ENDED:
        result = attempt.read_result() or {}
        if "report" in result:
            return PreflightState(is_ready=True, report=result["report"])
        return PreflightState(problem=result["message"])
    if stage is Stage.KILLED:
        return PreflightState(
            problem="The pre-flight was ended from outside, for a run that was launched or for "
            "lack of memory: try again, or take a smaller network."
        )
    phases = [row["text"] for row in read_journal(attempt.steps) if row["kind"] == "phase"]
    return PreflightState(phase=phases[-1] if phases else "Waiting for a worker")


def list_preflights(home: Home) -> dict[Stage, list[Attempt]]:
    """All pre-flights by their stage, the oldest first."""
    attempts = [Attempt(folder) for folder in home.preflights.iterdir()]
    asked = [attempt for attempt in attempts if attempt.config.exists()]
    by_stage: dict[Stage, list[Attempt]] = {stage: [] for stage in Stage}
    for attempt in sorted(asked, key=lambda attempt: attempt.config.stat().st_mtime_ns):
        by_stage[stage_of(attempt)].append(attempt)
    return by_stage


def stage_of(attempt: Attempt) -> Stage:
    """How far a pre-flight has got; each look comes before those that may overtake it."""
    if attempt.result.exists():
        return Stage.ENDED
    if not attempt.lock.exists() or not attempt.lock.read_text():
        return Stage.WAITING
    if attempt.is_alive():
        return Stage.RUNNING
    return Stage.ENDED if attempt.result.exists() else Stage.KILLED


def fail_preflight(attempt: Attempt, message: str) -> None:
    """Note that a pre-flight can't be done, and why."""
    write_json(attempt.result, {"status": "failed", "message": message})


def _delete_old(home: Home) -> None:
    listed = list_preflights(home)
    kept = sum(len(attempts) for attempts in listed.values())
    for attempt in listed[Stage.KILLED] + listed[Stage.ENDED]:
        if kept > KEPT:
            remove_folder(attempt.folder)
            kept -= 1
