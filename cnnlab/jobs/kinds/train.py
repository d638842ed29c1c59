"""Training: an attempt of a run. The queue of runs is its own, in the database."""

from dataclasses import dataclass

from cnnlab.domain.records.result import RunResult
from cnnlab.jobs.kind import Kind
from cnnlab.storage.attempts.attempt import Attempt


@dataclass(frozen=True)
class TrainRequest:
    """What an attempt is asked, beside the config in its folder; earlier versions wrote nothing.

    Attributes:
        writes_model: whether a finished training writes its model file and checks it, which takes
            seconds; else that is done when somebody wants it, as a job of the kind `export`.
        writes_stopped_model: the same of a training that is stopped.
    """

    writes_model: bool = True
    writes_stopped_model: bool = True


# Its turn and its devices are told by `runner.devices`, its tries by `runner.retry`.
# Its result file is the answer alone, not wrapped as those of other kinds: names on disk stay.
KIND = Kind(
    name="train",
    function="cnnlab.worker.train:train",
    request=TrainRequest,
    answer=RunResult,
    words="The run",
    folder=Attempt,
)
