"""How much a workspace may take of the machine, what it has taken, and refusing more."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from cnnlab.domain.people.limits import check_disk, check_queue, why_waits
from cnnlab.domain.people.person import Action
from cnnlab.domain.people.workspace import NO_QUOTA, Quota
from cnnlab.domain.run import Status
from cnnlab.files import wait_for_lock
from cnnlab.lab.access.acting import acting
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.workplace import workplace
from cnnlab.storage.home import Home
from cnnlab.storage.runs.training_hours import trained_seconds
from cnnlab.storage.space.used import used_bytes

_MEASURED_SECONDS = 10.0
"""For so long what a home takes isn't measured again, unless something would be refused."""

_lock = threading.Lock()
_measured: dict[Home, tuple[float, int]] = {}


@dataclass(frozen=True)
class Use:
    """What a workspace takes, beside what it may.

    Attributes:
        quota: of the workspace.
        disk_bytes: what all that it holds takes; up to ten seconds old.
        queued_runs: how many wait.
        running_runs: how many train.
        trained_hours: for how long its runs have trained today (UTC), all together; 0 where nobody
            has an account, for then it isn't counted.
        why_waits: why its runs wait, whatever is free; empty where they needn't.
    """

    quota: Quota
    disk_bytes: int
    queued_runs: int
    running_runs: int
    trained_hours: float
    why_waits: str


@asks(Action.VIEW)
def workspace_use() -> Use:
    """What the workspace takes in which somebody acts, and what it may.

    Raises:
        StorageError: register or home can't be read.
    """
    stores, quota = workplace(), _quota()
    running = len(stores.runs.list(Status.RUNNING))
    trained = trained_seconds(stores.home)
    return Use(
        quota,
        _used_bytes(stores.home),
        len(stores.runs.queue()),
        running,
        trained / 3600,
        why_waits(quota, running, trained),
    )


@contextlib.contextmanager
def counted_alone() -> Iterator[None]:
    """Within this context nobody else adds runs or searches to the workspace, or begins an upload.

    Whoever sees whether they may and then takes it does both within it: of two at the same moment,
    also in two processes, the second one counts what the first has taken. What else fills the disk,
    such as a run that trains, goes on meanwhile.

    Raises:
        StorageError: register or home can't be used.
    """
    quota = _quota()
    if quota.queued_runs is None and quota.disk_bytes is None:
        yield
        return
    with wait_for_lock(workplace().home.root / "limits.lock"):
        yield


def check_may_queue(more: int = 1) -> None:
    """See whether the workspace may have so many further runs wait, and store what they make.

    It is called within `counted_alone`, together with what adds them.

    Raises:
        QuotaError: it may not.
        StorageError: register or home can't be read.
    """
    quota = _quota()
    if more > 0 and quota.queued_runs is not None:
        check_queue(quota, len(workplace().runs.queue()), more)
    if more > 0:
        _check_disk(quota, 0)


def check_may_store(more_bytes: int = 0) -> None:
    """See whether the workspace may store more.

    Args:
        more_bytes: how much would come at least, as far as that is known.

    Raises:
        QuotaError: it may not.
        StorageError: register or home can't be read.
    """
    _check_disk(_quota(), more_bytes)


def _check_disk(quota: Quota, more_bytes: int) -> None:
    if quota.disk_bytes is None:
        return
    home = workplace().home
    if _used_bytes(home) + more_bytes >= quota.disk_bytes:  # something may have been deleted since
        with _lock:
            _measured.pop(home, None)
    check_disk(quota, _used_bytes(home), more_bytes)


def _used_bytes(home: Home) -> int:
    now = time.monotonic()
    with _lock:
        at, used = _measured.get(home, (-_MEASURED_SECONDS, 0))
    if now - at >= _MEASURED_SECONDS:
        used = used_bytes(home)
        with _lock:
            _measured[home] = (now, used)
    return used


def _quota() -> Quota:
    """That of the workspace in which somebody acts."""
    known = register_if_made()
    return NO_QUOTA if known is None else known.workspaces.find(acting().workspace).quota
