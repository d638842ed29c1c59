"""The models that runs have made, to take along."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import BadInputError, ExportError, RunStateError
from cnnlab.domain.records.result import ExportCheck
from cnnlab.domain.run import Run, Status
from cnnlab.exports.format import Format
from cnnlab.exports.table import KERAS, all_formats, find_format
from cnnlab.files import write_atomically
from cnnlab.jobs.asking import ask, cancel, keep_queued
from cnnlab.jobs.kinds.export import (
    KIND,
    ExportRequest,
    export_folder,
    read_export,
)
from cnnlab.jobs.state import JobState, Stage
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.package import PACKAGE

ExportFormat = Format
ExportState = JobState[ExportCheck]

_WAIT_POLL_SECONDS = 0.2


def export_formats() -> list[ExportFormat]:
    """The formats that a model can be taken along in, Keras' own first."""
    return list(all_formats().values())


def is_model_missing(run: Run) -> bool:
    """Whether a run has finished without its model, as those of studies do.

    It can be prepared when it is wanted.
    """
    return run.status is Status.FINISHED and _folder_of(run, KERAS) is None


def prepare_model(run: str, export_format: str = KERAS) -> ExportState:
    """Have the model of a run prepared in a format, unless that was done or is being done.

    The run itself stays as it is. What failed is tried again.

    Args:
        run: its id; it has ended, and has an epoch.
        export_format: a name of the table of formats.

    Raises:
        BadInputError: there is no such format.
        ExportError: packages are missing that it needs.
        NotFoundError: there is no run with this id.
        RunStateError: it hasn't ended, or has no epoch.
        StorageError: the disk is full.
    """
    find_format(export_format).require_packages()
    row = load_run(run)
    if not row.status.is_ended or not row.last:
        raise RunStateError(_no_model(row))
    home, attempt = workplace().home, newest_attempt(row)
    number = int(attempt.folder.name.rpartition("-")[2])
    files = export_folder(attempt, export_format)
    ask(home, KIND, files, ExportRequest(run, number, export_format), again=True)
    ensure_supervisor(home)
    return read_export(attempt, export_format)


def cancel_export(run: str, export_format: str = KERAS) -> None:
    """End the preparation of a run's model that nobody wants any more; it can be asked for again.

    Args:
        run: its id.
        export_format: a name of the table of formats.

    Raises:
        BadInputError: there is no such format.
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    attempt = newest_attempt(load_run(run))
    cancel(export_folder(attempt, find_format(export_format).name))
    ensure_supervisor(workplace().home)


def model_state(run: str, export_format: str = KERAS) -> ExportState | None:
    """How the preparation of a run's model goes; None where nobody has asked for it.

    It has finished, too, where the training wrote the file itself.

    Raises:
        NotFoundError: there is no run with this id.
    """
    row = load_run(run)
    attempt = newest_attempt(row)
    check = _check(row, export_format)
    if check is not None and _folder_of(row, export_format) is not None:
        return JobState(Stage.FINISHED, answer=check)
    if not export_folder(attempt, export_format).request.exists():
        return None
    state = read_export(attempt, export_format)
    if not state.is_ended:
        keep_queued(workplace().home, KIND, export_folder(attempt, export_format))
        ensure_supervisor(workplace().home)  # the one that was there may have left just now
    return state


def model_package(run: str, export_format: str = KERAS) -> Path:
    """The zip with the run's model, its class names and a usage example.

    Raises:
        BadInputError: there is no such format.
        NotFoundError: there is no run with this id.
        RunStateError: the run has no model (yet).
    """
    return _with_model(load_run(run), find_format(export_format).name) / PACKAGE


def package_name(run: str, export_format: str) -> str:
    """What the zip is called in a download: Keras' own after the run alone, as ever."""
    return f"cnnlab-{run}.zip" if export_format == KERAS else f"cnnlab-{run}-{export_format}.zip"


def export_run(
    run: str, export_format: str, to: Path, *, on_phase: Callable[[str], object] = lambda text: None
) -> dict[str, Any]:
    """Copy a run's model to a file or folder outside the home; prepare it first where need be.

    Args:
        run: its id.
        export_format: a name of the table of formats.
        to: a path that ends in the format's suffix gets the bare model, one that ends in `.zip`
            the package with class names and a usage example, a folder gets `<run>.<suffix>`.
        on_phase: is told what is being done where the model must be prepared.

    Returns:
        JSON values: `file`, `format`, `bytes`, `max_abs_difference`, `top1_agreement`,
        `milliseconds_per_image`.

    Raises:
        BadInputError: the format or the path can't be used.
        RunStateError: the run has no model (yet).
        ExportError: its model can't be prepared.
        StorageError: the file can't be written.
    """
    chosen, row = find_format(export_format), load_run(run)
    target = to / f"{run}{chosen.suffix}" if to.is_dir() else to
    if target.suffix not in (chosen.suffix, ".zip"):
        raise BadInputError(
            f"--to must end in {chosen.suffix} or .zip, or be an existing folder. "
            f"Received: {str(to)!r}"
        )
    if row.status.is_ended and row.last and _folder_of(row, export_format) is None:
        _wait_for_model(run, export_format, on_phase)
    folder = _with_model(row, export_format)
    source = folder / (PACKAGE if target.suffix == ".zip" else chosen.file)
    with source.open("rb") as model:
        write_atomically(target, lambda file: shutil.copyfileobj(model, file))
    copied = {"file": str(target), "format": chosen.name, "bytes": target.stat().st_size}
    return {**(_check(row, export_format) or {}), **copied}


def _wait_for_model(run: str, export_format: str, on_phase: Callable[[str], object]) -> None:
    state, told = prepare_model(run, export_format), ""
    while not state.is_ended:
        if state.phase != told:
            told = state.phase
            on_phase(told)
        time.sleep(_WAIT_POLL_SECONDS)
        following = model_state(run, export_format)
        if following is None:  # it has been resumed, and will have another model
            raise RunStateError(_no_model(load_run(run)))
        state = following
    if state.problem:
        raise ExportError(state.problem)


def _with_model(run: Run, export_format: str) -> Path:
    """The folder in which a run's model lies in a format, with its package.

    Raises:
        RunStateError: it isn't there (yet).
    """
    folder = _folder_of(run, export_format)
    if folder is None:
        raise RunStateError(_no_model(run))
    return folder


def _folder_of(run: Run, export_format: str) -> Path | None:
    attempt = newest_attempt(run)
    if export_format == KERAS and attempt.package.exists():
        return attempt.folder
    prepared = read_export(attempt, export_format).is_ready
    return export_folder(attempt, export_format).folder if prepared else None


def _check(run: Run, export_format: str) -> ExportCheck | None:
    """How the file compares with the model; None where there is none, or that was lost."""
    attempt = newest_attempt(run)
    result = attempt.read_result()
    if export_format == KERAS and result and "export" in result:
        return result["export"]
    return read_export(attempt, export_format).answer


def _no_model(run: Run) -> str:
    hint = "wait until it has ended" if not run.status.is_ended else "start it again"
    if run.status.is_ended and run.last:
        hint = "prepare it on the run's page, or with the command `export`"
    return f"The run {run.name!r} is {run.status} and has no model: {hint}."
