"""Showing what the layers of a run's net make of one picture of its dataset."""

from dataclasses import dataclass

from cnnlab.domain.records.inside import FeatureMaps
from cnnlab.jobs.kind import Kind
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.inside import ArraysFolder


@dataclass(frozen=True)
class FeatureMapsRequest:
    """Which picture.

    Attributes:
        run: whose model.
        attempt: of the run that has its training states.
        row: of the picture in the dataset.
    """

    run: str
    attempt: int
    row: int


def feature_maps_folder(attempt: Attempt, row: int) -> ArraysFolder:
    """Where the maps of a picture lie, and the job's own files."""
    return ArraysFolder(attempt.folder / "inside" / f"picture-{row}")


KIND = Kind(
    name="feature_maps",
    function="cnnlab.worker.inside.look:show_maps",
    request=FeatureMapsRequest,
    answer=FeatureMaps,
    words="Showing the feature maps",
    retries=2,
    time_limit_seconds=3600,
    kept=50,
    named="picture-*",
    folder=ArraysFolder,
)
