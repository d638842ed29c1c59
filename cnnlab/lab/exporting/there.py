"""What is there already of what is taken along of a run."""

from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import Nothing
from cnnlab.domain.run import Run
from cnnlab.exports.table import KERAS, find_format
from cnnlab.jobs.kinds.export import export_folder, read_export
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.attempts.attempt import Attempt


@dataclass(frozen=True)
class There:
    """What there is of a model in a format.

    Attributes:
        folder: in which it lies, with its package; None where it doesn't.
        check: how the file compares with the model; None where there is none, or that was lost.
    """

    folder: Path | None
    check: ExportCheck | None


def find_there(attempt: Attempt, export_format: str, *, calibrated: bool = False) -> There:
    """Look once for both, of an attempt that is at hand."""
    prepared = read_export(attempt, export_format, calibrated=calibrated)
    folder = export_folder(attempt, export_format, calibrated=calibrated).folder
    if export_format != KERAS or calibrated:
        return There(folder if prepared.is_ready else None, prepared.answer)
    result: RunResult | Nothing = attempt.read_result() or {}
    by_training = attempt.folder if attempt.package.exists() else None
    return There(
        by_training or (folder if prepared.is_ready else None),
        result.get("export", prepared.answer),
    )


def with_temperature(export_format: str, *, calibrated: bool) -> bool:
    """Whether a calibrated file is meant: what gives no probabilities is the same either way.

    Raises:
        BadInputError: there is no such format.
    """
    return calibrated and find_format(export_format).gives_probabilities


def folder_of(run: Run, export_format: str, *, calibrated: bool = False) -> Path | None:
    """The folder in which a run's model lies in a format, with its package; None where it doesn't.

    Args:
        run: whose model.
        export_format: a name of the table of formats.
        calibrated: which of the two files.
    """
    return find_there(newest_attempt(run), export_format, calibrated=calibrated).folder


def check_of(run: Run, export_format: str, *, calibrated: bool = False) -> ExportCheck | None:
    """How the file compares with the model; None where there is none, or that was lost."""
    return find_there(newest_attempt(run), export_format, calibrated=calibrated).check
