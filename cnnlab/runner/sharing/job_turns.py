"""The jobs of all workspaces, brought on by turns: they share cores as runs share devices."""

import functools
from collections.abc import Sequence

from cnnlab.runner.sharing.turns import in_turns
from cnnlab.runner.sharing.workspace import Workspace


class JobTurns:
    """Has jobs start by turns; whose turn it was is known as long as this supervisor lives."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def bring_on(self, workspaces: Sequence[Workspace], *, runs_train: bool) -> None:
        """Do what is due for the jobs of workspaces.

        Args:
            workspaces: those that are served; `errors` of each is told what couldn't be done there.
            runs_train: whether any run trains, see `JobQueue.may_start`.
        """
        due = {one.id: one for one in workspaces if one.is_due}
        for one in due.values():
            one.attempt(functools.partial(one.jobs.follow, one.errors))
        running = [kind for one in workspaces for kind in one.jobs.running]
        waiting = {name: list(one.jobs.waiting) for name, one in due.items()}
        at_work = {name: len(one.jobs.running) for name, one in due.items()}
        for name, job in in_turns(waiting, at_work, self._numbers):
            jobs = due[name].jobs
            if jobs.may_start(job, running, runs_train=runs_train):
                running.append(job.kind)
                jobs.start(job, due[name].errors)
                self._numbers[name] = max(self._numbers.values(), default=0) + 1
