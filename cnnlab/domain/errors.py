"""Every error that cnnlab raises on purpose.

    CnnlabError
    ├── BadInputError            the user can mend it (command line: exit code 2)
    │   ├── ConfigError          a field of the config is unknown or out of range
    │   ├── UploadError          an upload can't be read as labelled images
    │   │   └── ChoiceNeededError  it can, as soon as somebody says which way
    │   ├── WeightsError         a file holds no weights that a network may start with
    │   ├── DatasetError         the dataset doesn't fit what is asked of it
    │   └── NotFoundError        no dataset or run has this id
    ├── NotSignedInError         nobody is known who does this
    ├── SignInError              somebody may not come in
    │   └── TooManyTriesError    for a while
    ├── NotAllowedError          who does this may not
    ├── QuotaError               the workspace would take more than it may
    ├── RunStateError            the run's status doesn't allow what is asked
    ├── StorageError             a stored file is missing, damaged or can't be written
    ├── ExportError              a file to be given away can't be made or doesn't compute the same
    ├── TrackingError            a run can't be sent to another tool's server
    ├── FencedError              a newer attempt of the run has taken over: end, write nothing
    ├── CancelledError           nobody wants a job any more that a worker is at
    └── TrainingError            the training failed, `cause` says in what way

Each message is one sentence (or two) that says what is wrong and what to do next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


class CnnlabError(Exception):
    """Base of all errors that are shown to a user as they are."""


class BadInputError(CnnlabError):
    """What was given can't be used; the message says what to change."""


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of the config.

    Attributes:
        field: its dotted name; empty where several don't go together, which the words name.
        words: the rest of the sentence: `must be a whole number from 1 to 4,096. Received: 0`.
    """

    field: str
    words: str

    def __str__(self) -> str:
        """The sentence with the dotted name."""
        return f"{self.field} {self.words}".strip()


_MOST_TOLD = 8


def told_problems(said: Sequence[str]) -> str:
    """Several problems in one message; of very many the first ones and how many there are."""
    more = len(said) - _MOST_TOLD
    told = "; ".join(said[:_MOST_TOLD])
    return f"{told}; and {more:,} more" if more > 0 else told


class ConfigError(BadInputError):
    """A field of the config is unknown or outside its legal range.

    Attributes:
        problems: what is wrong with which field; empty where the message isn't about one field.
    """

    def __init__(self, message: str = "", problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message or told_problems(list(map(str, problems))))
        self.problems = tuple(problems)


class UploadError(BadInputError):
    """An upload can't be read as labelled images."""


class ChoiceNeededError(UploadError):
    """An upload can be read in several ways, and only its owner knows which is right.

    Attributes:
        question: why, and what else may be done, for those who are shown the choices themselves.
        choices: what may be chosen, with what would come of it in words; empty where no choice
            helps.
    """

    def __init__(
        self, question: str, advice: str, choices: Mapping[str, str], otherwise: str = ""
    ) -> None:
        """Make the message of a sentence that asks, and clauses that say what to do."""
        also = f"; or, {otherwise}" if otherwise else ""
        super().__init__(f"{question.removesuffix('.')}; {advice}{also}")
        instead = f" {otherwise[:1].upper()}{otherwise[1:]}." if otherwise else ""
        self.question = f"{question}{instead}"
        self.choices = dict(choices)


class WeightsError(BadInputError):
    """A file holds no weights that a network may start with; the message says why."""


class DatasetError(BadInputError):
    """The dataset doesn't fit what is asked of it."""


class NotFoundError(BadInputError):
    """No dataset or run has the given id."""


class NotSignedInError(CnnlabError):
    """Nobody is known who does this: whoever it is has to sign in."""


class SignInError(CnnlabError):
    """Somebody may not come in; nothing is said that would help another one to."""


class TooManyTriesError(SignInError):
    """Somebody has tried too often.

    Attributes:
        wait_seconds: until the next try.
    """

    def __init__(self, message: str, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class NotAllowedError(CnnlabError):
    """Who does this has no role that allows it."""


class QuotaError(CnnlabError):
    """The workspace would take more of the machine than it may: less of it, or an admin, helps."""


class RunStateError(CnnlabError):
    """The run's status doesn't allow what is asked."""


class StorageError(CnnlabError):
    """A stored file is missing, damaged or can't be written."""


class DiskFullError(StorageError):
    """The disk has no room: what is asked for works once there is some."""


class OutOfReachError(StorageError):
    """Where workers run doesn't answer, or isn't to be used: what is asked for has to wait."""


class ForeignDatabaseError(StorageError):
    """The database isn't cnnlab's, or is that of a later version: nothing is written to it."""


class DamagedDatabaseError(StorageError):
    """A database isn't one any more, or lacks a part: nothing in it can be read again."""


class DamagedError(StorageError):
    """A stored file isn't what was written: it won't be read at a later look either."""


class ExportError(CnnlabError):
    """A model can't be given away in a format: packages are missing, or the file isn't sound."""


class TrackingError(CnnlabError):
    """A run can't be sent to another tool's server."""


class FencedError(CnnlabError):
    """A newer attempt of the run has taken over; this one's worker must end at once."""


class CancelledError(CnnlabError):
    """Nobody wants the job any more; its worker ends and keeps nothing."""


class TrainingError(CnnlabError):
    """The training can't go on; the message names the cause and what to change.

    Attributes:
        cause: `memory`, `not_finite` or `other`.
    """

    def __init__(
        self, message: str, cause: Literal["memory", "not_finite", "other"] = "other"
    ) -> None:
        super().__init__(message)
        self.cause = cause
