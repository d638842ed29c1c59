"""What is known of an attempt that runs: its news, and for how long it has been silent."""

import logging
from typing import Any

from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import EpochRecord, EventRow
from cnnlab.runner.notes import Note, read_note
from cnnlab.storage.checkpoints import list_checkpoints
from cnnlab.storage.journal import JournalReader
from cnnlab.storage.runs import summarize
from cnnlab.worker.channel import Job

STALL_SECONDS = 300.0
"""How long a worker may show no sign of life; loading and compiling take a minute at most."""

STOP_GRACE_SECONDS = 60.0
"""How long a worker that was asked to stop may be silent; building a large net takes long."""

_LONGEST_PAUSE_SECONDS = 5.0
"""Silence counts only while we watch: an observation after a long pause, ours or the machine's,
says nothing about the time between."""

_SLOWER_BY = 3
"""A worker that was once silent for long, and went on, may be silent for so many times longer."""

_log = logging.getLogger(__name__)


class Watch:
    """Follows one attempt.

    Args:
        job: the attempt as its executor knows it.
        now: seconds on the clock that `observe` will be told.

    Attributes:
        job: likewise.
        attempt: its files.
        note: what the supervisor noted when it started the worker; None if it never did.
        known: what the run's row should say, by field; only what is known.
    """

    def __init__(self, job: Job, now: float) -> None:
        self.job = job
        self.attempt = job.attempt
        self.note: Note | None = None
        self.known: dict[str, Any] = {}
        self._events = JournalReader[EventRow](self.attempt.events)
        self._history: list[EpochRecord] = []
        self._begun_with: int | None = None
        self._observed_at = now
        self._signs: tuple[Any, ...] = ()
        self._silence, self._longest_silence = 0.0, 0.0
        self._is_stop_seen = False

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

    def observe(self, now: float) -> None:
        """See whether the worker gets on; needed every few seconds."""
        signs = self.attempt.signs_of_life()
        stop_asked = self.attempt.is_stop_asked()
        if signs != self._signs:
            self._longest_silence = max(self._longest_silence, self._silence)
        if signs != self._signs or stop_asked != self._is_stop_seen:
            self._silence = 0.0
        else:
            self._silence += min(max(0.0, now - self._observed_at), _LONGEST_PAUSE_SECONDS)
        self._signs, self._is_stop_seen, self._observed_at = signs, stop_asked, now

    def is_overdue(self, stall_seconds: float) -> bool:
        """Whether the worker has been silent for too long.

        Args:
            stall_seconds: the least that counts as too long; more for a worker that is slow.
        """
        limit = max(stall_seconds, _SLOWER_BY * self._longest_silence)
        return self._silence > (STOP_GRACE_SECONDS if self._is_stop_seen else limit)
