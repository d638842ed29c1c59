"""What workspaces may take that nobody looked at before they were made, and how many there may be.

Else whoever meets the limits of one would make the next. An admin gives other limits to each.
"""

from cnnlab import settings
from cnnlab.domain.people.workspace import Quota

_GIGABYTE = 10**9
_MOST = 3
_DISK_GB = 50
_QUEUED_RUNS = 200
_RUNNING_RUNS = 4
_HOURS_A_DAY = 24


def own_quota() -> Quota:
    """The limits of a workspace that somebody makes, or gets who comes in for the first time."""
    return Quota(
        disk_bytes=round(settings.setting(settings.OWN_DISK_GB, _DISK_GB) * _GIGABYTE),
        queued_runs=int(settings.setting(settings.OWN_QUEUED_RUNS, _QUEUED_RUNS)),
        running_runs=int(settings.setting(settings.OWN_RUNNING_RUNS, _RUNNING_RUNS)),
        hours_a_day=settings.setting(settings.OWN_HOURS_A_DAY, _HOURS_A_DAY),
    )


def most_own() -> int:
    """How many workspaces that somebody made there may be at the same time."""
    return int(settings.setting(settings.OWN_MOST, _MOST))
