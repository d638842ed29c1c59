"""The jobs of all workspaces, brought on by turns: they share cores as runs share devices."""

import functools
from collections.abc import Sequence
from typing import Any

from cnnlab.jobs.asking import QueuedJob
from cnnlab.jobs.kind import Kind
from cnnlab.runner.sharing.turns import in_turns
from cnnlab.runner.sharing.workspace import Workspace


class JobTurns:
    """Has jobs start by turns; whose turn it was is known as long as this supervisor lives."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def bring_on(
        self, workspaces: Sequence[Workspace], *, runs_train: bool, may_start: bool
    ) -> None:
        """Do what is due for the jobs of workspaces.

        Args:
            workspaces: those that are served; `errors` of each is told what couldn't be done there.
            runs_train: whether any run trains, see `JobQueue.may_start`.
            may_start: whether any job may begin; those that run are followed in any case.
        """
        due = {one.id: one for one in workspaces if one.is_due}
        for one in due.values():
            one.attempt(functools.partial(one.jobs.follow, one.errors))
        if not may_start:
            return
        running = [kind for one in workspaces for kind in one.jobs.running]
        waiting = {name: list(one.jobs.waiting) for name, one in due.items()}
        at_work = {name: len(one.jobs.running) for name, one in due.items()}
        for name, job in in_turns(waiting, at_work, self._numbers):
            step = functools.partial(self._start, due[name], job, running, runs_train=runs_train)
            due[name].attempt(step)

    def _start(
        self, one: Workspace, job: QueuedJob, running: list[Kind[Any, Any]], *, runs_train: bool
    ) -> None:
        if one.jobs.may_start(job, running, runs_train=runs_train):
            running.append(job.kind)
            one.jobs.start(job, one.errors)
            self._numbers[one.id] = max(self._numbers.values(), default=0) + 1
