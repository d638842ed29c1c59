"""The port to a server that keeps runs: what is asked of it, and how it may fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cnnlab.domain.errors import TrackingError

MOST_PARAMETERS, MOST_POINTS = 100, 1000
"""In one call, which MLflow's servers hold us to; more in all than this are refused as well."""


class ServerAwayError(TrackingError):
    """The server can't be used at the moment; the message ends `the server ...`."""


class RefusedError(TrackingError):
    """The server works and doesn't take this run; asked again it would say the same."""


class GoneError(RefusedError):
    """The server has no such run, or it was deleted there."""


@dataclass(frozen=True)
class Point:
    """One number of a run.

    Attributes:
        name: of the metric.
        value: finite.
        step: the epoch, from 1.
        at_ms: when, milliseconds since the epoch of all clocks; the same at each try, so that a
            server takes a repeated point as the one that it has.
    """

    name: str
    value: float
    step: int
    at_ms: int


@dataclass(frozen=True)
class RemoteRun:
    """A run as the server has it: its id there, and when it began (milliseconds)."""

    id: str
    started_ms: int


class TrackingServer(Protocol):
    """A server. Every method may raise `ServerAwayError` or `RefusedError`, and may be repeated."""

    def experiment(self, name: str, tag: tuple[str, str]) -> str:
        """The id of the experiment with this tag, else of this name; made where there is none."""

    def find_run(self, experiment: str, tag: tuple[str, str]) -> RemoteRun | None:
        """The newest run of an experiment that has this tag and wasn't deleted."""

    def see_run(self, run: str) -> RemoteRun:
        """A run by its id there.

        Raises:
            GoneError: there is none, or it was deleted.
        """

    def create_run(
        self, experiment: str, name: str, started_ms: int, tags: Mapping[str, str]
    ) -> RemoteRun:
        """Make a run with its tags at once, so that it can be found by them in any case."""

    def log(
        self,
        run: str,
        *,
        parameters: Mapping[str, str] = {},
        points: Sequence[Point] = (),
        tags: Mapping[str, str] = {},
    ) -> None:
        """Add parameters (at most `MOST_PARAMETERS`), points (`MOST_POINTS`) and tags."""

    def set_status(self, run: str, status: str, ended_ms: int | None) -> None:
        """Say how the run stands: a word of MLflow's; with the time where it has ended."""

    def upload(self, run: str, file: Path, folder: str) -> None:
        """Keep a file with the run."""
