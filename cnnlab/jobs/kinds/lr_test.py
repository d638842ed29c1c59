"""Finding a learning rate before anybody launches a run."""

from dataclasses import dataclass
from typing import Any

from cnnlab.domain.records.lr_test import LrTestOutcome
from cnnlab.jobs.kind import DeviceNeed, Kind


@dataclass(frozen=True)
class LrTestRequest:
    """For what a learning rate is wanted.

    Attributes:
        config: the whole config as JSON values.
    """

    config: dict[str, Any]


KIND = Kind(
    name="lr_test",
    function="cnnlab.worker.lr_test:test_rates",
    request=LrTestRequest,
    answer=LrTestOutcome,
    words="The learning-rate test",
    retries=1,
    device=DeviceNeed.RUN,
    time_limit_seconds=1800,
    kept=50,
)
