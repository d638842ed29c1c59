"""What is known of an attempt that runs: its news."""

import logging
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import EpochRecord, EventRow
from cnnlab.runner.notes import Note, read_note
from cnnlab.runner.silence import Silence
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import list_checkpoints
from cnnlab.storage.attempts.journal import JournalReader
from cnnlab.storage.runs.store import summarize
from cnnlab.worker.process.channel import Job

_log = logging.getLogger(__name__)


class Watch:
    """Follows one attempt.

    Args:
        job: the attempt as its executor knows it.
        now: seconds on the clock that `silence.observe` will be told.

    Attributes:
        job: likewise.
        attempt: its files.
        silence: for how long its worker has shown no sign of life.
        note: what the supervisor noted when it started the worker; None if it never did.
        known: what the run's row should say, by field; only what is known.
    """

    def __init__(self, job: Job, now: float) -> None:
        self.job = job
        self.attempt = Attempt(Path(job.folder))
        self.silence = Silence(self.attempt, now)
        self.note: Note | None = None
        self.known: dict[str, Any] = {}
        self._events = JournalReader[EventRow](self.attempt.events)
        self._history: list[EpochRecord] = []
        self._begun_with: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the worker has said what it begins with."""
        return self._begun_with is not None

    @property
    def epochs(self) -> int:
        """How many epochs are finished, those of earlier attempts included."""
        return len(self._history)

    def read(self) -> None:
        """Take over the news.

        Raises:
            StorageError: the attempt's files are damaged, so that it can't be followed.
        """
        self.note = self.note or read_note(self.attempt)
        rows = self._events.read()
        for row in rows:
            if row["kind"] == "started":
                self.known["device"] = row["facts"].get("device")
                # What an earlier attempt left was there before the worker wrote this row.
                self._begun_with = self.epochs if self._begun_with is None else self._begun_with
            elif row["kind"] == "epoch":
                self._history.append(row["record"])
            elif row["kind"] == "dials":
                self.known["changed_by_hand"] = True
        if rows and self._history:
            self.known |= summarize(self._history)

    def has_got_on(self) -> bool:
        """Whether a next attempt would begin further on than this one did.

        A finished epoch alone isn't enough: a worker that dies whenever it writes a checkpoint
        would be started again for ever.
        """
        kept = list_checkpoints(self.attempt.checkpoints)
        return bool(kept) and self.has_begun and kept[-1]["epoch"] + 1 > self._begun_with

    def result(self) -> RunResult | None:
        """How the attempt ended, or None if that isn't there or can't be read."""
        try:
            return self.attempt.read_result()
        except StorageError:
            _log.exception("the result can't be read")
            return None
