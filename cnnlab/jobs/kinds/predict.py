"""Saying of many pictures what the models of runs see in them."""

from dataclasses import dataclass

from cnnlab.jobs.kind import Kind


@dataclass(frozen=True)
class PredictRequest:
    """What is asked.

    Attributes:
        runs: id, name and number of the attempt of each run, in order.
        sources: path of each file, folder or archive, and what it is called (see
            `PictureSource`).
    """

    runs: list[tuple[str, str, int]]
    sources: list[tuple[str, str]]


@dataclass(frozen=True)
class Predicted:
    """What came of it; the table lies in the job's folder.

    Attributes:
        pictures: how many could be read.
        refused: how many files are none.
        problems: by run, why its model couldn't be asked; the others were.
    """

    pictures: int
    refused: int
    problems: dict[str, str]


KIND = Kind(
    name="predict",
    function="cnnlab.worker.judging.predicting:predict_pictures",
    request=PredictRequest,
    answer=Predicted,
    words="The prediction",
    retries=2,
    memory_advice="ask fewer models at once, or a smaller one",
    is_long=True,
    kept=20,
)
