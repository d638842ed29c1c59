"""Finding out which searched fields mattered, in a process that loads no Keras."""

from dataclasses import dataclass
from typing import Any

from cnnlab.domain.records.importance import SearchImportance
from cnnlab.jobs.kind import DeviceNeed, Kind, Priority

KEPT = "importance.json"
"""In the job's folder: what was found last, there while the next one is being found."""


@dataclass(frozen=True)
class ImportanceRequest:
    """What is judged.

    Attributes:
        ranges: of the searched fields: those of `Range` as JSON values.
        settings: of the complete trials: their values by dotted field, all within the ranges.
        values: of the objective, one for each setting.
    """

    ranges: list[dict[str, Any]]
    settings: list[dict[str, Any]]
    values: list[float]


KIND = Kind(
    name="importance",
    function="cnnlab.worker.importance:find_importance",
    request=ImportanceRequest,
    answer=SearchImportance,
    words="Finding what mattered",
    priority=Priority.QUEUE,
    retries=1,
    device=DeviceNeed.NONE,
    time_limit_seconds=600,
    needs_keras=False,
)
"""Its folder lies in that of the search, and goes with it."""
