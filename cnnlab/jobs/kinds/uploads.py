"""Importing an upload in a process of its own, so that no upload can harm the server."""

from dataclasses import dataclass

from cnnlab.domain.data.labelling import Reading, Several
from cnnlab.jobs.kind import DeviceNeed, Kind


@dataclass(frozen=True)
class ImportRequest:
    """What is imported.

    Attributes:
        source: path of a zip, a tar or a folder with the images.
        name: what to call the dataset; empty takes the source's name.
        labels: path of a CSV with the labels, or None.
        reading: what gives the labels where several readings are possible; None the likeliest.
        value_range: low and high, which values of images with more than 8 bits are black and white;
            None finds them out.
        dataset: id of a stored one whose images are read anew with this range, instead of a source.
        table_name: the table inside of the source that gives the labels, or None.
        several: which label an image gets that has several, or None.
    """

    source: str
    name: str = ""
    labels: str | None = None
    reading: Reading | None = None
    value_range: tuple[float, float] | None = None
    dataset: str | None = None
    table_name: str | None = None
    several: Several | None = None


@dataclass(frozen=True)
class ImportAnswer:
    """What came of it.

    Attributes:
        dataset: its id.
    """

    dataset: str


KIND = Kind(
    name="import",
    function="cnnlab.worker.uploads:import_upload",
    request=ImportRequest,
    answer=ImportAnswer,
    words="The import",
    retries=1,
    device=DeviceNeed.NONE,
    time_limit_seconds=12 * 3600,
    memory_limit_bytes=8 * 2**30,
    memory_advice="leave some images out or make them smaller",
    needs_keras=False,
)
