"""Looking inside the net of a run: images as points, neighbours, filters, units."""

from dataclasses import dataclass

from cnnlab.domain.records.inside import InsideFound
from cnnlab.jobs.kind import Kind
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.inside import ArraysFolder

MOST_MAPPED = 10_000
"""More images on a map would hide each other, and a browser becomes slow. Of more validation images
so many are looked at."""

MOST_KNOWN = 20_000
"""Training images that neighbours are looked for among; fewer where their features take much."""


@dataclass(frozen=True)
class InsideRequest:
    """What is looked at.

    Attributes:
        run: whose model.
        attempt: of the run that has its training states.
        with_training: whether training images are among the points, too.
        with_tsne: whether t-SNE places them as well, which takes longer.
    """

    run: str
    attempt: int
    with_training: bool
    with_tsne: bool


def inside_folder(attempt: Attempt) -> ArraysFolder:
    """Where what was found inside the model of an attempt lies, and the job's own files."""
    return ArraysFolder(attempt.folder / "inside" / "all")


KIND = Kind(
    name="inside",
    function="cnnlab.worker.inside.look:look_inside",
    request=InsideRequest,
    answer=InsideFound,
    words="The look inside",
    retries=2,
    time_limit_seconds=4 * 3600,
    folder=ArraysFolder,
)
