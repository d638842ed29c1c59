"""What the function of a kind is given to work with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.storage.job_folder import JobFolder, JobRecorder

if TYPE_CHECKING:
    from cnnlab.training.loop.fit import Ready

Request = TypeVar("Request")
Recorder = TypeVar("Recorder", bound=JobRecorder)
TakeReady = Callable[[RunConfig, str | None], "Ready | None"]
"""From the config of a run and what takes the place of its device to what was made ready of it."""

Files = TypeVar("Files", bound=JobFolder)


def nothing_ready(config: RunConfig, device: str | None) -> None:
    """What a process has made ready that did nothing before its job."""


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
        take_ready: the run of a config on a device, where this process has made it ready.
    """

    request: Request
    files: Files
    recorder: Recorder
    device: str | None
    wait_for_training: Callable[[], object]
    take_ready: TakeReady = nothing_ready
