"""What the supervisor notes in an attempt's folder, so that the next supervisor knows it too."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cnnlab.domain.errors import StorageError
from cnnlab.files import read_json, write_json
from cnnlab.storage.attempt import Attempt

_log = logging.getLogger(__name__)


class Loss(StrEnum):
    """Why a worker is gone that neither said how it ended nor was asked to."""

    KILLED = "killed"
    MEMORY = "memory"
    HUNG = "hung"
    UNREADABLE = "unreadable"

    @property
    def words(self) -> str:
        """The reason as the middle of a sentence."""
        return {
            Loss.KILLED: "the worker was ended from outside",
            Loss.MEMORY: "the memory ran out and the system ended the worker",
            Loss.HUNG: "the worker hung, with no sign of life for minutes",
            Loss.UNREADABLE: "the disk lost what the worker had written at its end",
        }[self]


@dataclass(frozen=True)
class Note:
    """What is known of an attempt beside what its worker says.

    Attributes:
        device: what it occupies: `cpu`, `gpu:0`, `gpu:1`, ... or `all_gpus`.
        baseline: what the executor gave before the start, to tell later why the worker was lost.
        loss: why its worker was lost, if it was.
    """

    device: str = "cpu"
    baseline: int = 0
    loss: Loss | None = None


def write_note(attempt: Attempt, note: Note) -> None:
    """Keep a note in the place of the one before; it is on the disk when this returns.

    Raises:
        StorageError: the disk is full.
    """
    values = {"device": note.device, "oom_kills": note.baseline, "loss": note.loss}
    write_json(_path(attempt), values)


def read_note(attempt: Attempt) -> Note | None:
    """The note of an attempt; None means that its worker was never started.

    A damaged one says no more than that there was one: no run is ended for its sake.
    """
    if not _path(attempt).exists():
        return None
    try:
        values = read_json(_path(attempt))
        return Note(values["device"], values["oom_kills"], values["loss"] and Loss(values["loss"]))
    except (StorageError, KeyError, TypeError, ValueError):
        _log.exception("a note can't be read")
        return Note()


def _path(attempt: Attempt) -> Path:
    return attempt.folder / "supervisor.json"
