"""What is known of a kind of work before anybody asks for it."""

from dataclasses import asdict, dataclass, is_dataclass
from enum import IntEnum, StrEnum
from typing import Any, Generic, TypeVar

from cnnlab.domain.errors import StorageError
from cnnlab.storage.job_folder import JobFolder

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Priority(IntEnum):
    """Who is served first."""

    PERSON = 0
    """Somebody looks at the screen and waits."""

    QUEUE = 1
    """It may take its turn."""


class DeviceNeed(StrEnum):
    """What a job computes on, which decides what it may run beside."""

    NONE = "none"
    CPU = "cpu"
    RUN = "run"
    """The device that a run would get: on a GPU it waits until no run trains."""


@dataclass(frozen=True)
class Kind(Generic[Request, Answer]):
    """The facts of a kind of work.

    Those of its turn, its tries and its device are for the queue of jobs; runs have their own.

    Attributes:
        name: as on the worker's command line.
        function: the worker's function for it, as `module:name`.
        request: the type of what is asked: a frozen dataclass of JSON values.
        answer: the type of what comes of it: a frozen dataclass of JSON values or a TypedDict.
        words: what it is, as the subject of a sentence.
        priority: who is served first.
        retries: how often it is begun again after its worker was lost. An error that the worker
            itself reports is never tried again: it would come again.
        device: what it computes on.
        time_limit_seconds: a try that takes longer is ended; None for no limit.
        memory_limit_bytes: how much more memory a try may take than its worker had before; None
            for what there is.
        memory_advice: what to do where the memory doesn't suffice, as the end of a sentence.
        is_resident: whether it stays to answer whoever comes: it takes no turn of other work, ends
            when nobody has come for a while, and may be asked for again then.
        is_long: whether it may take as long as runs do: its kind has a turn of its own, so that no
            other work waits for it.
        needs_keras: whether it needs a worker that has loaded Keras; else a light process does it.
        kept: how many of its folders that lie beside one another are kept, the newest; None where
            somebody else owns them.
        named: a pattern of the names of its folders, where those of others lie beside them.
        folder: the files of its folder.
    """

    name: str
    function: str
    request: type[Request]
    answer: type[Answer]
    words: str
    priority: Priority = Priority.PERSON
    retries: int = 0
    device: DeviceNeed = DeviceNeed.CPU
    time_limit_seconds: float | None = None
    memory_limit_bytes: int | None = None
    memory_advice: str = "lower training.batch_size or image.size, or take a smaller network"
    is_resident: bool = False
    is_long: bool = False
    needs_keras: bool = True
    kept: int | None = None
    named: str = "*"
    folder: type[JobFolder] = JobFolder

    def read_request(self, values: object) -> Request:
        """What is asked, from its JSON values.

        Raises:
            StorageError: they are those of another version, or damaged.
        """
        asked: Request = _typed(self.request, values)
        return asked

    def read_answer(self, values: object) -> Answer:
        """What came of it, from its JSON values.

        Raises:
            StorageError: they are those of another version, or damaged.
        """
        answer: Answer = _typed(self.answer, values)
        return answer


def to_json(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """A request or an answer as JSON values."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _typed(kind: type[Any], values: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not is_dataclass(kind):
        return values
    try:
        return kind(**values)
    except TypeError as error:
        raise StorageError(
            f"What is stored of this work isn't of this version ({error}): ask for it again."
        ) from error
