"""What is there already of what is taken along of a run."""

from pathlib import Path

from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.run import Run
from cnnlab.exports.table import KERAS
from cnnlab.jobs.kinds.export import export_folder, read_export
from cnnlab.lab.runs import newest_attempt


def folder_of(run: Run, export_format: str, *, calibrated: bool = False) -> Path | None:
    """The folder in which a run's model lies in a format, with its package; None where it doesn't.

    Args:
        run: whose model.
        export_format: a name of the table of formats.
        calibrated: which of the two files.
    """
    attempt = newest_attempt(run)
    if export_format == KERAS and not calibrated and attempt.package.exists():
        return attempt.folder
    prepared = read_export(attempt, export_format, calibrated=calibrated).is_ready
    folder = export_folder(attempt, export_format, calibrated=calibrated).folder
    return folder if prepared else None


def check_of(run: Run, export_format: str, *, calibrated: bool = False) -> ExportCheck | None:
    """How the file compares with the model; None where there is none, or that was lost."""
    attempt = newest_attempt(run)
    result = attempt.read_result()
    if export_format == KERAS and not calibrated and result and "export" in result:
        return result["export"]
    return read_export(attempt, export_format, calibrated=calibrated).answer
