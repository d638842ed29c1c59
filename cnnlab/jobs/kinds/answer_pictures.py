"""Answering pictures one by one, as they are dropped or come from a camera: a resident job."""

from dataclasses import dataclass

import cnnlab
from cnnlab.jobs.kind import Kind

KEY = f"version-{cnnlab.__version__}"
"""Names the one job of this kind in a home; another version of the program has its own."""

SOCKET = "answers.sock"
"""In the job's folder; whoever connects sends a picture and gets what is said of it."""

MOST_RUNS = 4
"""Whose models may be asked at once."""


@dataclass(frozen=True)
class AnswerRequest:
    """How pictures are answered.

    Attributes:
        idle_seconds: it ends when nobody has come for so long.
    """

    idle_seconds: float = 300.0


@dataclass(frozen=True)
class Answered:
    """What came of it.

    Attributes:
        pictures: how many were answered.
    """

    pictures: int


KIND = Kind(
    name="answer_pictures",
    function="cnnlab.worker.process.answering:answer_pictures",
    request=AnswerRequest,
    answer=Answered,
    words="The prediction",
    retries=1,
    memory_advice="ask fewer models at once, or a smaller one",
    is_resident=True,
)
