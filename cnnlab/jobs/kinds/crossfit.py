"""Finding wrong labels among the training images, by models that weren't trained on them."""

from dataclasses import dataclass

from cnnlab.domain.records.judgement import Crossfit
from cnnlab.jobs.kind import DeviceNeed, Kind, Priority
from cnnlab.jobs.state import JobState, read_state
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.job_folder import JobFolder


@dataclass(frozen=True)
class CrossfitRequest:
    """What is trained.

    Attributes:
        run: whose config and training images.
        attempt: of the run.
        folds: how many models, 2..10.
    """

    run: str
    attempt: int
    folds: int


def crossfit_folder(attempt: Attempt) -> JobFolder:
    """Where what was said of each finished fold lies, and the job's own files."""
    return JobFolder(attempt.folder / "crossfit")


KIND = Kind(
    name="crossfit",
    function="cnnlab.worker.judging.crossfit:crossfit",
    request=CrossfitRequest,
    answer=Crossfit,
    words="The search for wrong labels",
    priority=Priority.QUEUE,
    retries=2,
    device=DeviceNeed.RUN,
    is_long=True,
)


def read_crossfit(attempt: Attempt) -> JobState[Crossfit]:
    """How the search among an attempt's training images goes, or that it waits to be asked for."""
    return read_state(KIND, crossfit_folder(attempt))
