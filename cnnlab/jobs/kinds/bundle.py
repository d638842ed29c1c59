"""Putting all that a run or a study rests on into one file."""

from dataclasses import dataclass

from cnnlab.domain.records.export import ExportCheck
from cnnlab.jobs.kind import Kind, Priority


@dataclass(frozen=True)
class BundleRequest:
    """What is bundled; its texts lie in the job's folder already.

    Attributes:
        subject: id of the run or the study.
        runs: id and number of the attempt of each run.
        dataset: that all of them use.
        with_images: whether its images go into the bundle.
    """

    subject: str
    runs: list[tuple[str, int]]
    dataset: str
    with_images: bool


KIND = Kind(
    name="bundle",
    function="cnnlab.worker.taking_along.bundle:bundle",
    request=BundleRequest,
    answer=ExportCheck,
    words="The evidence bundle",
    priority=Priority.QUEUE,
    retries=2,
    is_long=True,
    kept=6,
)
