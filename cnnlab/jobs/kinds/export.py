"""Preparing the model of a run in a format to take along."""

from dataclasses import dataclass

from cnnlab.domain.records.export import ExportCheck
from cnnlab.jobs.kind import Kind, Priority
from cnnlab.jobs.state import JobState, read_state
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.job_folder import JobFolder


@dataclass(frozen=True)
class ExportRequest:
    """What is prepared.

    Attributes:
        run: whose model.
        attempt: of the run that has its training states.
        format: a name of the table of formats.
        temperature: by which its logits are divided, so that its confidence is truer; None for the
            model as it is.
        threshold: confidence from which on it was right often enough; None where that isn't known.
    """

    run: str
    attempt: int
    format: str
    temperature: float | None = None
    threshold: float | None = None


def export_folder(attempt: Attempt, export_format: str, *, calibrated: bool = False) -> JobFolder:
    """Where the model of an attempt is prepared, and lies then with its package."""
    name = f"{export_format}-calibrated" if calibrated else export_format
    return JobFolder(attempt.folder / "exports" / name)


KIND = Kind(
    name="export",
    function="cnnlab.worker.taking_along.export:export",
    request=ExportRequest,
    answer=ExportCheck,
    words="The preparation of the model",
    priority=Priority.QUEUE,
    retries=2,
    time_limit_seconds=1800,
)


def read_export(
    attempt: Attempt, export_format: str, *, calibrated: bool = False
) -> JobState[ExportCheck]:
    """How the preparation of an attempt's model goes, or that it waits for somebody to ask."""
    return read_state(KIND, export_folder(attempt, export_format, calibrated=calibrated))
