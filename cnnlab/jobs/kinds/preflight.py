"""Trying a config out before anybody launches it."""

from dataclasses import dataclass
from typing import Any

from cnnlab.domain.records.preflight import PreflightOutcome
from cnnlab.jobs.kind import DeviceNeed, Kind


@dataclass(frozen=True)
class PreflightRequest:
    """What is tried out.

    Attributes:
        config: the whole config as JSON values.
        anew_at: when it was asked for again, in ns since the epoch: nothing that was measured
            before is taken over then; None: what another precision gains is.
    """

    config: dict[str, Any]
    anew_at: int | None = None


KIND = Kind(
    name="preflight",
    function="cnnlab.worker.preflight:try_out",
    request=PreflightRequest,
    answer=PreflightOutcome,
    words="The check",
    retries=1,
    device=DeviceNeed.RUN,
    time_limit_seconds=600,
    kept=50,
)
