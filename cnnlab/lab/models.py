"""The models that runs have made, to take along."""

import shutil
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import BadInputError, RunStateError
from cnnlab.domain.run import Run
from cnnlab.files import write_atomically
from cnnlab.lab.runs import is_model_missing, load_run, newest_attempt
from cnnlab.storage.attempt import Attempt

_KERAS = "keras"


def model_package(run: str) -> Path:
    """The zip with the run's model, its class names and a usage example.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: the run has no model (yet).
    """
    return _with_model(load_run(run)).package


def export_run(run: str, export_format: str, to: Path) -> dict[str, Any]:
    """Copy a run's model to a file or folder outside the home.

    Args:
        run: its id.
        export_format: only `keras`.
        to: a path that ends in `.keras` gets the bare model, one that ends in `.zip` the package
            with class names and a usage example, a folder gets `<run>.keras`.

    Returns:
        JSON values: `file`, `format`, `bytes`, `max_abs_difference`, `top1_agreement`,
        `milliseconds_per_image`.

    Raises:
        BadInputError: the format or the path can't be used.
        RunStateError: the run has no model (yet).
        StorageError: the file can't be written.
    """
    if export_format != _KERAS:
        raise BadInputError(f"--format must be keras. Received: {export_format!r}")
    attempt = _with_model(load_run(run))
    target = to / f"{run}.keras" if to.is_dir() else to
    if target.suffix not in (".keras", ".zip"):
        raise BadInputError(
            f"--to must end in .keras or .zip, or be an existing folder. Received: {str(to)!r}"
        )
    source = attempt.package if target.suffix == ".zip" else attempt.model
    with source.open("rb") as model:
        write_atomically(target, lambda file: shutil.copyfileobj(model, file))
    result = attempt.read_result()
    checked = result.get("export", {}) if result else {}
    return {"file": str(target), "format": _KERAS, **checked, "bytes": target.stat().st_size}


def _with_model(run: Run) -> Attempt:
    attempt = newest_attempt(run)
    if not attempt.package.exists():
        hint = "wait until it has ended" if not run.status.is_ended else "start it again"
        if is_model_missing(run):
            hint = "prepare it on the run's page, or with the command `resume`"
        raise RunStateError(f"The run {run.name!r} is {run.status} and has no model: {hint}.")
    return attempt
