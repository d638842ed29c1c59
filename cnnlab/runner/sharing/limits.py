"""The quotas of workspaces, as a supervisor keeps them: how many train, for how long in a day."""

import functools
import logging
import time
from collections.abc import Callable, Mapping, Sequence

from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.limits import startable
from cnnlab.domain.people.workspace import NO_QUOTA, Quota
from cnnlab.runner.sharing.workspace import Workspace
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import database_address
from cnnlab.storage.people.register import Register, open_register
from cnnlab.storage.runs.training_hours import TrainingHours, today

READ_SECONDS = 3.0
"""So soon another quota counts."""

_LONGEST_PAUSE_SECONDS = 60.0
"""After a longer pause, ours or the machine's, nobody knows for how long there was training."""

_log = logging.getLogger(__name__)

Quotas = Mapping[str, Quota]


class Limits:
    """What the quotas of workspaces allow.

    Args:
        quotas: gives the quota of each workspace by its id; None where there is no register, so
            that nothing is counted.
        clock: seconds on a clock that never jumps.
        day: says which day it is.
    """

    def __init__(
        self,
        quotas: Callable[[], Quotas | None],
        clock: Callable[[], float] = time.monotonic,
        day: Callable[[], str] = today,
    ) -> None:
        self._read, self._clock, self._day = quotas, clock, day
        self._quotas: Quotas | None = None
        self._read_at = -READ_SECONDS
        self._counted_at: float | None = None
        self._hours: dict[str, TrainingHours] = {}

    def count(self, workspaces: Sequence[Workspace]) -> None:
        """Count the training since the last round.

        What can't be noted is told in the workspace's `errors`, and counts all the same.
        """
        now = self._clock()
        passed = min(now - (now if self._counted_at is None else self._counted_at),
                     _LONGEST_PAUSE_SECONDS)  # fmt: skip
        self._counted_at = now
        if now - self._read_at >= READ_SECONDS:
            self._quotas, self._read_at = self._read(), now
        if self._quotas is None:
            return
        for workspace in workspaces:
            running = len(workspace.runs.running)
            if running or workspace.id in self._hours:
                workspace.attempt(functools.partial(self._add, workspace, passed * running))

    def may_start(self, workspace: Workspace) -> int | None:
        """How many further runs of a workspace may begin; None where nothing limits that.

        Raises:
            StorageError: for how long it has trained today can't be read.
        """
        quota = (self._quotas or {}).get(workspace.id, NO_QUOTA)
        seconds = 0.0 if quota.hours_a_day is None else self._hours_of(workspace).seconds
        return startable(quota, len(workspace.runs.running), seconds)

    def _add(self, workspace: Workspace, seconds: float) -> None:
        self._hours_of(workspace).add(seconds)

    def _hours_of(self, workspace: Workspace) -> TrainingHours:
        if workspace.id not in self._hours:
            self._hours[workspace.id] = TrainingHours(workspace.home, self._day)
        return self._hours[workspace.id]


class RegisteredQuotas:
    """The quotas as the register of an installation has them.

    Args:
        home: of the installation.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._register: Register | None = None
        self._known: Quotas | None = None

    def __call__(self) -> Quotas | None:
        """The quota of each workspace; None without a register, what was known where it fails."""
        try:
            if self._register is None:
                if not (database_address() or self._home.people.exists()):
                    return None
                self._register = open_register(self._home)
            self._known = {one.id: one.quota for one in self._register.workspaces.all()}
        except StorageError as error:
            _log.warning("the quotas can't be read: %s", error)
        return self._known

    def close(self) -> None:
        """Let go of the register."""
        if self._register is not None:
            self._register.engine.dispose()
            self._register = None
