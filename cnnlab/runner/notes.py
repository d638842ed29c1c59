"""What the supervisor notes in a job's folder, so that the next supervisor knows it too."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from cnnlab.domain.errors import StorageError
from cnnlab.files import read_json, write_json
from cnnlab.storage.job_folder import JobFolder

_log = logging.getLogger(__name__)


class Loss(StrEnum):
    """Why a worker is gone that neither said how it ended nor was asked to."""

    KILLED = "killed"
    MEMORY = "memory"
    HUNG = "hung"
    UNREADABLE = "unreadable"
    DISK_FULL = "disk_full"
    UNPLACED = "unplaced"

    @property
    def words(self) -> str:
        """The reason as the middle of a sentence."""
        return {
            Loss.KILLED: "the worker was ended from outside",
            Loss.MEMORY: "the memory ran out and the system ended the worker",
            Loss.HUNG: "the worker hung, with no sign of life for minutes",
            Loss.UNREADABLE: "the disk lost what the worker had written at its end",
            Loss.DISK_FULL: "the disk was full",
            Loss.UNPLACED: "the cluster had no place for the worker in time",
        }[self]


@dataclass(frozen=True)
class Note:
    """What is known of a job beside what its worker says.

    Attributes:
        device: what it occupies: `cpu`, `gpu:0`, `gpu:1`, ... or `all_gpus`.
        baseline: what the executor gave before the start, to tell later why the worker was lost.
        loss: why its worker was lost, if it was.
        lost_workers: how many workers were lost in the same folder; attempts have a folder each.
        room_bytes: how much must be free before a run goes on that a full disk has stopped.
    """

    device: str = "cpu"
    baseline: int = 0
    loss: Loss | None = None
    lost_workers: int = 0
    room_bytes: int = 0


def write_note(files: JobFolder, note: Note) -> None:
    """Keep a note in the place of the one before; it is on the disk when this returns.

    Raises:
        StorageError: the disk is full.
    """
    values = {"device": note.device, "oom_kills": note.baseline, "loss": note.loss}
    write_json(files.note, values | {"losses": note.lost_workers, "room_bytes": note.room_bytes})


def read_note(files: JobFolder) -> Note | None:
    """The note of a job; None means that its worker was never started.

    A damaged one says no more than that there was one: no run is ended for its sake.
    """
    if not files.note.exists():
        return None
    try:
        values = read_json(files.note)
        loss = values["loss"] and Loss(values["loss"])
        counts = values.get("losses", 0), values.get("room_bytes", 0)
        return Note(values["device"], values["oom_kills"], loss, *counts)
    except (StorageError, KeyError, TypeError, ValueError):
        _log.exception("a note can't be read")
        return Note()
