"""What a workspace's quota allows at a moment, and the sentences that say why not."""

from cnnlab.domain.errors import QuotaError
from cnnlab.domain.people.workspace import Quota
from cnnlab.domain.words import counted, data_size

_ASK = "or ask an admin for more"


def startable(quota: Quota, running: int, trained_seconds: float) -> int | None:
    """How many further runs of a workspace may begin to train; None where nothing limits that.

    Args:
        quota: of the workspace.
        running: how many train.
        trained_seconds: for how long its runs have trained today, all together.
    """
    if is_used_up(quota, trained_seconds):
        return 0
    return None if quota.running_runs is None else max(0, quota.running_runs - running)


def is_used_up(quota: Quota, trained_seconds: float) -> bool:
    """Whether a day's hours of training are over."""
    return quota.hours_a_day is not None and trained_seconds >= 3600 * quota.hours_a_day


def why_waits(quota: Quota, running: int, trained_seconds: float) -> str:
    """Why runs of a workspace wait, whatever is free, as a sentence; empty where they needn't."""
    if is_used_up(quota, trained_seconds):
        return (
            f"The {quota.hours_a_day:g} h of training that this workspace has for a day are used "
            "up: what waits goes on at midnight (UTC) by itself."
        )
    if startable(quota, running, trained_seconds) == 0:
        most = quota.running_runs or 0
        return f"Of this workspace {counted(most, 'run')} may train at the same time."
    return ""


def check_queue(quota: Quota, waiting: int, more: int) -> None:
    """See whether further runs may wait.

    Args:
        quota: of the workspace.
        waiting: how many wait.
        more: how many would come.

    Raises:
        QuotaError: that would be too many.
    """
    if quota.queued_runs is None or waiting + more <= quota.queued_runs:
        return
    raise QuotaError(
        f"In this workspace {counted(quota.queued_runs, 'run')} may wait at the same time; "
        f"{waiting} do, and {more} more would come: wait until some have begun, cancel some, "
        f"{_ASK}."
    )


def check_disk(quota: Quota, used_bytes: int, more_bytes: int = 0) -> None:
    """See whether a workspace may store more.

    Args:
        quota: of the workspace.
        used_bytes: what all that it holds takes.
        more_bytes: how much would come at least, as far as that is known.

    Raises:
        QuotaError: that would be too much.
    """
    if quota.disk_bytes is None:
        return
    if used_bytes >= quota.disk_bytes or used_bytes + more_bytes > quota.disk_bytes:
        coming = f", and {data_size(more_bytes)} would come" if more_bytes else ""
        raise QuotaError(
            f"This workspace may take {data_size(quota.disk_bytes)} of the disk; it has taken "
            f"{data_size(used_bytes)}{coming}: delete runs or datasets that nobody needs, {_ASK}."
        )
