"""Judging the model of a run on one part of its dataset."""

from dataclasses import dataclass

from cnnlab.domain.records.judgement import Judgement
from cnnlab.jobs.kind import Kind
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.evaluation import EvaluationFolder


@dataclass(frozen=True)
class EvaluateRequest:
    """What is judged.

    Attributes:
        run: whose model.
        attempt: of the run that has its training states.
        split: the part: `train`, `validation` or `test`.
    """

    run: str
    attempt: int
    split: str


def evaluation_folder(attempt: Attempt, split: str) -> EvaluationFolder:
    """Where the model of an attempt is judged on a part, and what came of it lies then."""
    return EvaluationFolder(attempt.folder / "evaluations" / split)


KIND = Kind(
    name="evaluate",
    function="cnnlab.worker.judging.evaluate:evaluate",
    request=EvaluateRequest,
    answer=Judgement,
    words="The evaluation",
    retries=2,
    time_limit_seconds=4 * 3600,
    folder=EvaluationFolder,
)
