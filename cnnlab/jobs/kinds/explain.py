"""Saying of pictures where the model of a run looks in them."""

from dataclasses import dataclass

from cnnlab.domain.records.explanation import Explained
from cnnlab.jobs.kind import Kind
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.explanation import ExplanationFolder, explanations_folder


@dataclass(frozen=True)
class ExplainRequest:
    """What is asked.

    Attributes:
        run: whose model.
        attempt: of the run that has its training states.
        method: a key of `METHODS`.
        about: which class each map is of: `predicted`, `true` (of rows only) or `class`.
        class_name: of `class`; else empty.
        rows: of the run's dataset.
        sources: path of each file, folder or archive, and what it is called (see
            `PictureSource`); either these or rows.
    """

    run: str
    attempt: int
    method: str
    about: str
    class_name: str
    rows: list[int]
    sources: list[tuple[str, str]]


def explanation_folder(attempt: Attempt, key: str) -> ExplanationFolder:
    """Where pictures are explained with the model of an attempt."""
    return ExplanationFolder(explanations_folder(attempt.folder) / key)


KIND = Kind(
    name="explain",
    function="cnnlab.worker.judging.explaining:explain_pictures",
    request=ExplainRequest,
    answer=Explained,
    words="Finding where it looks",
    retries=2,
    time_limit_seconds=4 * 3600,
    memory_advice="explain fewer pictures at once, or a smaller model",
    kept=50,
    folder=ExplanationFolder,
)
"""Its folder lies in that of the attempt, and goes with it."""
