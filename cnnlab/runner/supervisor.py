"""The supervisor: shares the devices of one executor among the workspaces of an installation.

In each round it has every workspace follow what it has at work (`runner.run_queue`), gives free
devices to what waits, by turns (`runner.sharing.turns`), and does the same with other work
(`runner.jobs`). What fails in one workspace is in no other one's way.
"""

from collections.abc import Callable
from functools import partial

from cnnlab.domain.run import Run
from cnnlab.runner.devices import Alike, assign
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.sharing.job_turns import JobTurns
from cnnlab.runner.sharing.limits import Limits
from cnnlab.runner.sharing.turns import Turns, in_turns
from cnnlab.runner.sharing.workspace import Workspace


class Supervisor:
    """Brings what waits in several workspaces to its end.

    Args:
        workspaces: those that are served; who calls may change the list between two rounds.
        executor: where workers run.
        turns: whose turn it is.
        limits: how much of the devices each workspace may take; by default as much as there is.
        knows_all: says whether what trains and works is known of every workspace, also of those
            that aren't served at the moment; else nothing begins.
    """

    def __init__(
        self,
        workspaces: list[Workspace],
        executor: Executor,
        turns: Turns,
        limits: Limits | None = None,
        knows_all: Callable[[], bool] = lambda: True,
    ) -> None:
        self._workspaces = workspaces
        self._executor = executor
        self._turns = turns
        self._job_turns = JobTurns()
        self._limits = limits or Limits(lambda: None)
        self._knows_all = knows_all
        self._alike = Alike()
        self._errors: list[Exception] = []

    def tick(self) -> bool:
        """Do what is due; say whether there is a reason to stay: work, or a worker that waits.

        Raises:
            Exception: the first of what couldn't be done; the rest was. `errors` of a workspace
                says what failed there.
        """
        due = [workspace for workspace in self._workspaces if workspace.is_due]
        for workspace in self._workspaces:
            workspace.errors = []
        self._errors = []
        self._limits.count(self._workspaces)
        for workspace in due:
            workspace.follow()
        all_known = self._knows_all()
        if all_known:
            self._attempt(self._start_runs)
        for workspace in due:
            workspace.send_news()
        train = any(workspace.runs.running for workspace in self._workspaces)
        self._job_turns.bring_on(self._workspaces, runs_train=train, may_start=all_known)
        warm = self._executor.keep_warm()
        for error in (*self._errors, *(error for workspace in due for error in workspace.errors)):
            raise error
        waits = any(one.goes_on or one.runs.waiting for one in self._workspaces)
        return warm or waits or not all_known

    def see_settings(self) -> None:
        """Take note that the variables of MLflow or of the bucket are others now."""
        for workspace in self._workspaces:
            workspace.tracker.see_settings()
            workspace.keeper.see_settings()

    def _attempt(self, step: Callable[[], object]) -> None:
        """Take a step for all workspaces; what fails is in the way of no other one."""
        try:
            step()
        except Exception as error:
            self._errors.append(error)

    def _start_runs(self) -> None:
        for workspace, run, device in self._assigned():
            is_shared = len(self._workspaces) > 1
            workspace.attempt(partial(self._start, workspace, run, device, takes_turn=is_shared))

    def _start(self, workspace: Workspace, run: Run, device: str, *, takes_turn: bool) -> None:
        if workspace.runs.start(run, device, self._make_room) and takes_turn:
            self._turns.take(workspace.id)

    def _assigned(self) -> list[tuple[Workspace, Run, str]]:
        """The runs that can start now, by turns, with their devices."""
        capacity, there = self._executor.capacity(), self._workspaces
        running = [run for workspace in there for run in workspace.runs.running]
        occupied = [device for workspace in there for device in workspace.runs.occupied]
        if len(occupied) >= capacity.most_runs:
            return []  # the queues may be long, and aren't looked at where nothing is free
        for workspace in there:
            if workspace.is_due:
                workspace.attempt(workspace.runs.see_waiting)
        self._turns.see()
        named = {workspace.id: workspace for workspace in there}
        order = in_turns(
            {name: self._startable(workspace) for name, workspace in named.items()},
            {name: len(workspace.runs.running) for name, workspace in named.items()},
            self._turns.numbers,
        )
        for run, device in zip(running, occupied, strict=True):
            self._alike.note(run, device, capacity)
        devices = assign([run for _, run in order], occupied, capacity, self._alike)
        return [
            (named[name], run, device)
            for (name, run), device in zip(order, devices, strict=True)
            if device is not None
        ]

    def _startable(self, workspace: Workspace) -> list[Run]:
        """The runs of a workspace that may start, in order."""
        if not workspace.has_room:
            return []
        found: list[Run] = []
        workspace.attempt(lambda: found.extend(self._allowed(workspace)))
        return found

    def _allowed(self, workspace: Workspace) -> list[Run]:
        return workspace.runs.waiting[: self._limits.may_start(workspace)]

    def _make_room(self) -> None:
        if self._executor.capacity().is_elsewhere:
            return
        for workspace in self._workspaces:
            workspace.jobs.make_room()
