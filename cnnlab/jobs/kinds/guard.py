"""Looking whether augmentations would change what a dataset's images show."""

from dataclasses import dataclass
from typing import Any

from cnnlab.domain.records.guard import GuardOutcome
from cnnlab.jobs.kind import Kind, Priority
from cnnlab.storage.guard import GuardFolder


@dataclass(frozen=True)
class GuardRequest:
    """What is looked at.

    Attributes:
        config: of the run, as JSON values; only its dataset, images, split and augmentation say
            anything, and the rest is left at the defaults.
    """

    config: dict[str, Any]


KIND = Kind(
    name="guard",
    function="cnnlab.worker.judging.guard:look",
    request=GuardRequest,
    answer=GuardOutcome,
    words="The look at the augmentation",
    priority=Priority.QUEUE,
    retries=1,
    time_limit_seconds=1800,
    is_long=True,
    kept=100,
    folder=GuardFolder,
)
