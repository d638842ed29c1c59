"""What the function of a kind is given to work with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cnnlab.storage.job_folder import JobFolder, JobRecorder

Request = TypeVar("Request")
Recorder = TypeVar("Recorder", bound=JobRecorder)
Files = TypeVar("Files", bound=JobFolder)


@dataclass(frozen=True)
class Work(Generic[Request, Files, Recorder]):
    """A job in the hands of a worker.

    TensorFlow takes seconds to load. It does so in a thread while the job begins, so nothing of
    `cnnlab.training` may be imported before `wait_for_training` has returned.

    Attributes:
        request: what is asked.
        files: the job's folder; what is made goes there.
        recorder: is told what is being done, and raises where nobody wants it any more.
        device: takes the place of the config's, unless None.
        wait_for_training: returns once `cnnlab.training` is loaded; for kinds that need Keras.
    """

    request: Request
    files: Files
    recorder: Recorder
    device: str | None
    wait_for_training: Callable[[], object]
