"""For how long a worker has shown no sign of life, and whether that is too long."""

from typing import Any

from cnnlab.storage.job_folder import JobFolder

STALL_SECONDS = 300.0
"""How long a worker may show no sign of life; loading and compiling take a minute at most."""

STOP_GRACE_SECONDS = 60.0
"""How long a worker that was asked to stop may be silent; building a large net takes long."""

_LONGEST_PAUSE_SECONDS = 5.0
"""Silence counts only while we watch: an observation after a long pause, ours or the machine's,
says nothing about the time between."""

_SLOWER_BY = 3
"""A worker that was once silent for long, and went on, may be silent for so many times longer."""


class Silence:
    """Follows the signs of life in the folder of one job.

    Args:
        files: the job's folder.
        now: seconds on the clock that `observe` will be told.
    """

    def __init__(self, files: JobFolder, now: float) -> None:
        self._files = files
        self._observed_at = now
        self._signs: tuple[Any, ...] = ()
        self._silence, self._longest_silence = 0.0, 0.0
        self._is_stop_seen = False

    def observe(self, now: float) -> None:
        """See whether the worker gets on; needed every few seconds."""
        signs = self._files.signs_of_life()
        stop_asked = self._files.is_stop_asked()
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
