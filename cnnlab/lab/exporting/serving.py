"""A run's model as a server: prepared for it, and written as a folder for another machine."""

import argparse
import json
import secrets
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import BadInputError, ExportError
from cnnlab.domain.people.person import Action
from cnnlab.exports.serving.at_once import add_serve_options
from cnnlab.exports.serving.folder import server_texts
from cnnlab.exports.serving.options import BadOptionError, options_of
from cnnlab.exports.serving.ready import RUNTIMES, ready_folder, runtime_is_there
from cnnlab.exports.serving.runtimes import PACKAGES
from cnnlab.exports.table import all_formats, find_model_format
from cnnlab.files import disk_errors, put_folder_in_place
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.preparing import have_model
from cnnlab.storage.package import PACKAGE

__all__ = [
    "add_serve_options",
    "check_serve_options",
    "prepare_server",
    "serve_line",
    "server_folder",
]


def check_serve_options(arguments: argparse.Namespace) -> None:
    """Refuse what a server can't be told, before a model is prepared for it.

    Args:
        arguments: what `add_serve_options` adds, and `json`.

    Raises:
        BadInputError: an option can't be used.
    """
    try:
        options_of(arguments)
    except BadOptionError as error:
        raise BadInputError(str(error)) from error


def serve_line(run: str, export_format: str, *, calibrated: bool = False) -> str | None:
    """The command that serves a run's model, as it is typed in the app's folder.

    Args:
        run: its id.
        export_format: a name of the table of formats.
        calibrated: which of the two files.

    Returns:
        None where no server computes with that format.
    """
    if export_format not in RUNTIMES:
        return None
    which = " --calibrated" if calibrated else ""
    return f".venv/bin/python -m cnnlab serve {run} --runtime {export_format}{which}"


@asks(Action.VIEW)
def prepare_server(
    run: str,
    runtime: str | None = None,
    *,
    calibrated: bool = False,
    on_phase: Callable[[str], object] = lambda text: None,
) -> Path:
    """The folder with the model that is served, prepared first where it isn't there.

    Args:
        run: its id.
        runtime: `litert` or `onnx`; None takes the one that is ready, else the one that is
            installed, LiteRT first.
        calibrated: whether with the temperature of its evaluation on the validation images.
        on_phase: is told what is being done where the model must be prepared.

    Raises:
        ExportError: the runtime isn't installed, or the model can't be prepared.
        NotFoundError: there is no run with this id.
        RunStateError: it has no model (yet), or no temperature that helps.
        StorageError: the disk is full.
    """
    ready = ready_folder(run, runtime, calibrated=calibrated)
    if ready is None:
        have_model(run, _runtime(runtime), on_phase, calibrated=calibrated)
        ready = ready_folder(run, runtime, calibrated=calibrated)
    if ready is None:  # it has been resumed meanwhile
        raise ExportError(f"The run {run!r} has begun again: serve it when it has ended.")
    return ready


@asks(Action.VIEW)
def server_folder(
    run: str,
    to: Path,
    runtime: str | None = None,
    *,
    calibrated: bool = False,
    on_phase: Callable[[str], object] = lambda text: None,
) -> dict[str, Any]:
    """Write a run's model with its server, pinned packages and a Dockerfile to a new folder.

    Args:
        run: its id.
        to: the folder; it appears whole or not at all.
        runtime: see `prepare_server`.
        calibrated: see there.
        on_phase: see there.

    Returns:
        JSON values: `folder`, `run`, `format`, `files`.

    Raises:
        BadInputError: there is something at `to` already.
        ExportError: see `prepare_server`; and the rest it raises.
    """
    to = to.absolute()
    with disk_errors(to):
        if not to.name or to.name == "..":
            raise BadInputError(
                f"--to must be a folder with a name of its own. Received: {str(to)!r}"
            )
        if to.exists() and not (to.is_dir() and not any(to.iterdir())):
            raise BadInputError(
                f"--to must be a folder that isn't there yet, or is empty. Received: {str(to)!r}"
            )
    folder = prepare_server(run, runtime, calibrated=calibrated, on_phase=on_phase)
    with disk_errors(folder), zipfile.ZipFile(folder / PACKAGE) as package:
        description = json.loads(package.read("model.json"))
    model = folder / find_model_format(description["format"]).file
    texts = server_texts(description, run)
    _write(to, model, texts)
    told = {"folder": str(to), "run": run, "format": description["format"]}
    return {**told, "files": sorted([model.name, *texts])}


def _write(to: Path, model: Path, texts: dict[str, str]) -> None:
    beside = to.with_name(f".{to.name}.{secrets.token_hex(6)}.part")
    with disk_errors(to):
        try:
            for name, text in texts.items():
                (beside / name).parent.mkdir(parents=True, exist_ok=True)
                (beside / name).write_text(text, encoding="utf-8")
            shutil.copyfile(model, beside / model.name)
            put_folder_in_place(beside, to)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _runtime(asked: str | None) -> str:
    """The one that is used, named as the format that it loads.

    Raises:
        ExportError: none is installed, or not the one that was asked for.
    """
    offered = [name for name in RUNTIMES if name in all_formats()]
    for name in offered if asked is None else [asked]:
        if runtime_is_there(name):
            return name
    suffix = find_model_format(asked or offered[0]).suffix
    package = PACKAGES[suffix]
    raise ExportError(
        f"A server needs a runtime that isn't installed: run `pip install {package}`, then try "
        "again."
    )
