"""What is taken along of a run in one format: prepared when it is wanted, found again, copied."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import BadInputError, ExportError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.run import Run, Status
from cnnlab.exports.format import Format
from cnnlab.exports.table import KERAS, all_formats, find_format
from cnnlab.files import copy_folder, disk_errors, file_bytes, write_atomically
from cnnlab.jobs.kinds.export import (
    KIND,
    ExportRequest,
    export_folder,
    read_export,
)
from cnnlab.jobs.state import JobState, Stage
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store
from cnnlab.lab.exporting.bundles import (
    BUNDLE,
    bundle_file,
    bundle_name,
    cancel_bundle,
    export_bundle,
    prepare_bundle,
    run_bundle_state,
)
from cnnlab.lab.exporting.calibration import (
    answering_threshold,
    is_outdated,
    required_temperature,
    wanted_calibration,
)
from cnnlab.lab.exporting.documents import document_check, made_at_once, write_document
from cnnlab.lab.exporting.there import check_of, find_there, folder_of, with_temperature
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.work import ask_for, seen_to, take_back, wait_for
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.package import PACKAGE

ExportFormat = Format
ExportState = JobState[ExportCheck]


def export_formats() -> list[ExportFormat]:
    """The formats that a model can be taken along in, Keras' own first."""
    return list(all_formats().values())


@asks(Action.VIEW)
def is_model_missing(run: Run) -> bool:
    """Whether a run has finished without its model, as those of studies do.

    It can be prepared when it is wanted.
    """
    return run.status is Status.FINISHED and folder_of(run, KERAS) is None


@asks(Action.VIEW)
def prepare_model(run: str, export_format: str = KERAS, *, calibrated: bool = False) -> ExportState:
    """Have the model of a run prepared in a format, unless that was done or is being done.

    The run itself stays as it is. What failed is tried again, and what was made before the
    evaluation said what it says now is made anew. A document is made at once, without
    a worker, and made anew each time.

    Args:
        run: its id; it has ended, and has an epoch.
        export_format: a name of the table of formats.
        calibrated: whether its probabilities are made truer by the temperature of its evaluation on
            the validation images; that file lies beside the other one.

    Raises:
        BadInputError: there is no such format.
        ExportError: packages are missing that it needs.
        NotFoundError: there is no run with this id.
        RunStateError: it hasn't ended, or has no epoch, or no temperature that helps is known.
        QuotaError: it is to be made, and the workspace may store nothing more.
        StorageError: the disk is full.
    """
    find_format(export_format).require_packages()
    calibrated = with_temperature(export_format, calibrated=calibrated)
    if export_format == BUNDLE:
        return prepare_bundle(run)
    row = load_run(run)
    if not row.status.is_ended or not row.last:
        raise RunStateError(_no_model(row))
    if made_at_once(export_format):
        return JobState(Stage.FINISHED, answer=_make_document(row, export_format))
    attempt = newest_attempt(row)
    files = export_folder(attempt, export_format, calibrated=calibrated)
    temperature = required_temperature(row) if calibrated else None
    threshold = answering_threshold(run, temperature)
    request = ExportRequest(run, attempt.number, export_format, temperature, threshold)
    wanted = wanted_calibration(row, attempt, calibrated=calibrated)
    anew = is_outdated(attempt, export_format, wanted, calibrated=calibrated)
    if anew or not files.request.exists():
        check_may_store()
    ask_for(KIND, files, request, anew=anew)
    return read_export(attempt, export_format, calibrated=calibrated)


@asks(Action.EDIT)
def cancel_export(run: str, export_format: str = KERAS, *, calibrated: bool = False) -> None:
    """End the preparation of a run's model that nobody wants any more; it can be asked for again.

    Args:
        run: its id.
        export_format: a name of the table of formats.
        calibrated: which of the two files.

    Raises:
        BadInputError: there is no such format.
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    attempt, name = newest_attempt(load_run(run)), find_format(export_format).name
    calibrated = with_temperature(name, calibrated=calibrated)
    if name == BUNDLE:
        cancel_bundle(run)
        return
    take_back(export_folder(attempt, name, calibrated=calibrated))


@asks(Action.VIEW)
def model_state(
    run: str, export_format: str = KERAS, *, calibrated: bool = False
) -> ExportState | None:
    """How the preparation of a run's model goes; None where nobody has asked for it.

    It has finished, too, where the training wrote the file itself.

    Raises:
        NotFoundError: there is no run with this id.
    """
    row = load_run(run)
    calibrated = with_temperature(export_format, calibrated=calibrated)
    return state_of(row, newest_attempt(row), export_format, calibrated=calibrated)


def state_of(
    run: Run, attempt: Attempt, export_format: str, *, calibrated: bool
) -> ExportState | None:
    """The same of a run whose row and newest attempt are at hand."""
    if export_format == BUNDLE:
        return run_bundle_state(run)
    check = check_in(attempt, export_format, calibrated=calibrated)
    if check is not None:
        return JobState(Stage.FINISHED, answer=check)
    files = export_folder(attempt, export_format, calibrated=calibrated)
    if made_at_once(export_format) or not files.request.exists():
        return None
    return seen_to(KIND, files, read_export(attempt, export_format, calibrated=calibrated))


def check_in(attempt: Attempt, export_format: str, *, calibrated: bool) -> ExportCheck | None:
    """What is said of a format of an attempt that is there already; None where it isn't.

    The file of a bundle doesn't lie with the attempt.
    """
    if made_at_once(export_format):
        path = _document(attempt, export_format)
        return document_check(export_format, path) if path.exists() else None
    there = find_there(attempt, export_format, calibrated=calibrated)
    return there.check if there.folder is not None else None


@asks(Action.VIEW)
def model_package(run: str, export_format: str = KERAS, *, calibrated: bool = False) -> Path:
    """What is downloaded: a zip with the run's model, class names and a usage example.

    Of a format that needs nothing beside it, the file itself; a document is made anew, as more may
    be known by now.

    Raises:
        BadInputError: there is no such format.
        NotFoundError: there is no run with this id.
        RunStateError: the run has no model (yet).
    """
    chosen = find_format(export_format)
    if chosen.name == BUNDLE:
        return bundle_file(run)
    row = load_run(run)
    if made_at_once(export_format):
        _make_document(row, export_format)
        return _document(newest_attempt(row), export_format)
    calibrated = with_temperature(chosen.name, calibrated=calibrated)
    folder = _with_model(row, chosen.name, calibrated=calibrated)
    return folder / (PACKAGE if chosen.has_package else chosen.file)


@asks(Action.VIEW)
def package_name(run: str, export_format: str, *, calibrated: bool = False) -> str:
    """What that is called in a download: Keras' own after the run alone, as ever."""
    chosen = find_format(export_format)
    if chosen.name == BUNDLE:
        return bundle_name(run)
    which = "" if export_format == KERAS else f"-{export_format}"
    has_temperature = with_temperature(export_format, calibrated=calibrated)
    suffix = ".zip" if chosen.has_package else chosen.suffix
    return f"cnnlab-{run}{which}{'-calibrated' if has_temperature else ''}{suffix}"


@asks(Action.VIEW)
def export_run(
    run: str,
    export_format: str,
    to: Path,
    *,
    calibrated: bool = False,
    with_images: bool = False,
    on_phase: Callable[[str], object] = lambda text: None,
) -> dict[str, Any]:
    """Copy a run's model to a file or folder outside the home; prepare it first where need be.

    Args:
        run: its id; of a bundle, and of a document that tells of studies, a study's too.
        export_format: a name of the table of formats.
        to: a path that ends in the format's suffix gets the bare model, one that ends in `.zip`
            the package with class names and a usage example (where the format has one), a folder
            gets `<run>.<suffix>`, with the format in it where several have that suffix.
        calibrated: whether with the temperature of its evaluation on the validation images.
        with_images: whether a bundle has the images in it.
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
    chosen = find_format(export_format)
    if chosen.name == BUNDLE:
        return export_bundle(run, to, with_images=with_images, on_phase=on_phase)
    is_document = made_at_once(export_format) is not None
    calibrated = with_temperature(export_format, calibrated=calibrated)
    target = to / _name_in_folder(run, chosen, calibrated=calibrated) if to.is_dir() else to
    _check_target(chosen, target, to)
    if is_document:
        written = write_document(export_format, run, target)
        return {**written, "file": str(target), "format": chosen.name}
    folder = have_model(run, export_format, on_phase, calibrated=calibrated)
    _copy(folder / (chosen.file if target.suffix == chosen.suffix else PACKAGE), target)
    copied = {"file": str(target), "format": chosen.name, "bytes": file_bytes(target)}
    return {**(check_of(load_run(run), export_format, calibrated=calibrated) or {}), **copied}


def _document(attempt: Attempt, export_format: str) -> Path:
    """Where a document of a run lies; it goes with the run."""
    folder = export_folder(attempt, export_format).folder
    return folder / find_format(export_format).file


def _make_document(run: Run, export_format: str) -> ExportCheck:
    if not run.status.is_ended or not run.last:
        raise RunStateError(_no_model(run))
    path = _document(newest_attempt(run), export_format)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    return write_document(export_format, run.id, path)


def have_model(
    run: str, export_format: str, on_phase: Callable[[str], object], *, calibrated: bool
) -> Path:
    """The folder with a run's model in a format, prepared first where need be, or anew.

    Args:
        run: its id.
        export_format: a name of the table of formats.
        on_phase: is told what is being done meanwhile.
        calibrated: which of the two files.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it has no model (yet).
        ExportError: its model can't be prepared.
        StorageError: the disk is full.
    """
    row = load_run(run)
    attempt = newest_attempt(row)
    there = find_there(attempt, export_format, calibrated=calibrated).folder
    wanted = wanted_calibration(row, attempt, calibrated=calibrated)
    if is_outdated(attempt, export_format, wanted, calibrated=calibrated):
        there = None
    if row.status.is_ended and row.last and there is None:
        _wait_for_model(run, export_format, on_phase, calibrated=calibrated)
    return _with_model(row, export_format, calibrated=calibrated)


def _name_in_folder(run: str, chosen: Format, *, calibrated: bool) -> str:
    """What a file is called in a folder: no two formats of a run are called alike."""
    alike = [each for each in all_formats().values() if each.suffix == chosen.suffix]
    which = "" if len(alike) == 1 else f"-{chosen.name}"
    return f"{run}{which}{'-calibrated' if calibrated else ''}{chosen.suffix}"


def _check_target(chosen: Format, target: Path, asked: Path) -> None:
    legal = [chosen.suffix, ".zip"] if chosen.has_package else [chosen.suffix]
    if target.suffix not in legal:
        raise BadInputError(
            f"--to must end in {' or '.join(legal)}, or be an existing folder. "
            f"Received: {str(asked)!r}"
        )


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        copy_folder(source, target)
        return
    with source.open("rb") as model:
        write_atomically(target, lambda file: shutil.copyfileobj(model, file))


def _wait_for_model(
    run: str, export_format: str, on_phase: Callable[[str], object], *, calibrated: bool
) -> None:
    prepare_model(run, export_format, calibrated=calibrated)
    state = wait_for(lambda: model_state(run, export_format, calibrated=calibrated), on_phase)
    if state is None:  # it has been resumed, and will have another model
        raise RunStateError(_no_model(load_run(run)))
    if state.problem:
        raise ExportError(state.problem)


def _with_model(run: Run, export_format: str, *, calibrated: bool) -> Path:
    """The folder in which a run's model lies in a format, with its package.

    Raises:
        RunStateError: it isn't there (yet).
    """
    folder = folder_of(run, export_format, calibrated=calibrated)
    if folder is None:
        raise RunStateError(_no_model(run))
    return folder


def _no_model(run: Run) -> str:
    hint = "wait until it has ended" if not run.status.is_ended else "start it again"
    if run.status.is_ended and run.last:
        hint = "prepare it on the run's page, or with the command `export`"
    return f"The run {run.name!r} is {run.status} and has no model: {hint}."
