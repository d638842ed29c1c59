"""Many pictures: a job that asks the models of runs, and the table that comes of it."""

import functools
import hashlib
import json
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cnnlab.datasets.picture_sources import PictureSource, open_pictures
from cnnlab.documents.csv_text import csv_text
from cnnlab.domain.data.guesses import MOST_GUESSES
from cnnlab.domain.errors import (
    BadInputError,
    NotFoundError,
    RunStateError,
    StorageError,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.prediction import PictureRow
from cnnlab.files import read_json, remove_folder
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.predict import KIND, Predicted, PredictRequest
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.uploads import uploaded_file
from cnnlab.lab.exporting.calibration import calibration_temperature
from cnnlab.lab.predicting.asked_runs import askable_runs
from cnnlab.lab.predicting.kept_tables import asked_tables
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.work import ask_for, seen_to, take_back, wait_for
from cnnlab.lab.workplace import workplace
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.picture_table import PictureTable, read_table, read_thumbnail

PredictionsState = JobState[Predicted]

_KEY = re.compile(r"[0-9a-f]{16}")
_GUESSES = [(f"class_{place}", f"probability_{place}") for place in range(2, MOST_GUESSES + 1)]
_HEADING = (
    "file", "run", "run_name", "class", "probability", "calibrated_probability", "unlike",
    *(name for pair in _GUESSES for name in pair), "reason",
)  # fmt: skip


@asks(Action.EDIT)
def start_predictions(runs: Sequence[str], token: str) -> str:
    """Ask the models of runs of all pictures of an upload; `predictions_state` tells how it goes.

    The same models and the same upload are the same job: what failed of it is tried again. A run
    that was resumed has another model, and a temperature found since makes another table.

    Args:
        runs: ids of one to four runs that have ended.
        token: of the upload, from `begin_upload`: a picture, a zip or a tar.

    Returns:
        The key of the job.

    Raises:
        BadInputError: there is no such upload or run, or there are too many runs.
        RunStateError: a run has no model.
        StorageError: the disk is full.
    """
    request = _request(runs, [(str(uploaded_file(token)), "")])
    temperatures = [calibration_temperature(run) for run in runs]
    known = json.dumps([token, request.runs, temperatures]).encode()
    return _start(request, hashlib.sha256(known).hexdigest()[:16])


@asks(Action.VIEW)
def predictions_state(key: str) -> PredictionsState:
    """Where it stands.

    Raises:
        NotFoundError: there are no such predictions (any more).
    """
    files = _files(key)
    return seen_to(KIND, files, read_state(KIND, files))


@asks(Action.EDIT, is_noted=False)
def predict_files(
    run: str, paths: Sequence[Path], *, on_phase: Callable[[str], object] = lambda text: None
) -> list[PictureRow]:
    """What a run's model says of pictures on this machine's disk; returns when it is said.

    Args:
        run: id of a run that has ended.
        paths: files, folders, archives.
        on_phase: is told what is being done, each thing once.

    Raises:
        BadInputError: there is no such run, or none of the files can be read as a picture.
        CnnlabError: the run has no model, or the work failed.
    """
    sources = [(str(path.absolute()), str(path)) for path in paths]
    key = _start(_request([run], sources), secrets.token_hex(8))
    try:
        state = wait_for(lambda: predictions_state(key), on_phase)
    except BaseException:  # such as Ctrl-C: nobody waits for it any more
        cancel_predictions(key)
        raise
    if state and state.problem:
        cause = (_files(key).read_result() or {}).get("cause")
        delete_predictions(key)
        raise BadInputError(state.problem) if cause == "config" else StorageError(state.problem)
    rows = list(predictions_table(key).rows())
    delete_predictions(key)  # nobody can find it again
    return rows


@asks(Action.EDIT)
def cancel_predictions(key: str) -> None:
    """End what nobody wants any more; the same upload can be asked again.

    Raises:
        NotFoundError: there are no such predictions.
        StorageError: the disk is full.
    """
    take_back(_files(key))


@asks(Action.EDIT)
def delete_predictions(key: str) -> None:
    """Delete a table and its small pictures.

    Raises:
        NotFoundError: there are no such predictions.
        RunStateError: they are being made.
        StorageError: the folder can't be written.
    """
    files = _files(key)
    if not read_state(KIND, files).is_ended:
        raise RunStateError("These predictions are being made: cancel them before you delete them.")
    remove_folder(files.folder)


@asks(Action.VIEW)
def latest_predictions(run: str) -> str | None:
    """The key of what was last asked of a run's model about many pictures; None for nothing.

    What its model said before it was resumed isn't what it says.
    """
    try:
        attempt = newest_attempt(load_run(run)).number
    except NotFoundError:
        return None
    return next((key for key, asked in asked_tables() if (run, attempt) in asked), None)


@asks(Action.VIEW)
def predictions_table(key: str) -> PictureTable:
    """What is said of each picture; `rows` gives it as records.

    Raises:
        NotFoundError: there are no such predictions.
        BadInputError: they aren't finished.
        StorageError: the table is damaged.
    """
    files = _files(key)
    state = read_state(KIND, files)
    if not state.is_ready:
        raise BadInputError(state.problem or "These predictions aren't finished: wait for them.")
    return _read_once(files.folder, files.result.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read_once(folder: Path, _: int) -> PictureTable:
    """A table, kept: each of its small pictures asks for it, and 5,000 rows take 40 ms to read."""
    return read_table(folder)


@asks(Action.VIEW)
def predictions_csv(key: str) -> bytes:
    """The table as CSV (UTF-8): a row for each picture and run, or with the reason why it is none.

    Raises:
        CnnlabError: as `predictions_table`.
    """
    rows = (line for row in predictions_table(key).rows() for line in _lines(row))
    return csv_text([_HEADING, *rows]).encode()


@asks(Action.VIEW)
def predictions_file_name(key: str) -> str:
    """What the CSV is called in a download: after the runs that were asked.

    Raises:
        CnnlabError: as `predictions_table`.
    """
    return f"cnnlab-{'-'.join(asked.run for asked in predictions_table(key).runs)}-predictions.csv"


@asks(Action.VIEW)
def predictions_thumbnail(key: str, row: int) -> bytes:
    """One of the pictures, made small, as a JPEG.

    Raises:
        CnnlabError: as `predictions_table`; or there is no such picture.
    """
    return read_thumbnail(_files(key).folder, predictions_table(key), row)


@asks(Action.VIEW)
def predicted_pictures(key: str, rows: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of some of the pictures as they came, such as for `add_images`.

    Raises:
        CnnlabError: as `predictions_table`; or the files are no longer there.
    """
    table, files = predictions_table(key), _files(key)
    request = KIND.read_request(read_json(files.request))
    sources = [PictureSource(*source) for source in request.sources]
    with (
        tempfile.TemporaryDirectory(prefix="cnnlab-pictures-") as folder,
        open_pictures(sources, Path(folder)) as pictures,
    ):
        found = {(one.source, one.member.path): one for one in pictures.listed}
        for row in rows:
            place = table.places[row] if 0 <= row < len(table) else (-1, "")
            if place not in found:
                raise NotFoundError(
                    "The picture is no longer there, because uploads are kept for a day: choose "
                    "the files again."
                )
            yield table.files[row], pictures.read(found[place])


def _lines(row: PictureRow) -> Iterator[list[str | int | float | None]]:
    for said in row["predictions"]:
        others: list[str | float | None] = []
        for one in said["top"][1:]:
            others += [one["class"], one["probability"]]
        others += [None] * (2 * len(_GUESSES) - len(others))
        known = said["familiarity"]
        yield [
            row["file"],
            said["run"],
            said["run_name"],
            said["class"],
            said["probability"],
            said["top"][0]["calibrated"],
            None if known is None or known["is_unlike"] is None else int(known["is_unlike"]),
            *others,
            "",
        ]
    if not row["predictions"]:
        empty = [None] * (len(_HEADING) - 2)
        yield [row["file"], *empty, row.get("reason", "")]


def _request(runs: Sequence[str], sources: list[tuple[str, str]]) -> PredictRequest:
    asked, problems = askable_runs(runs)
    if problems:
        raise BadInputError(" ".join(problems.values()))
    return PredictRequest([(one["run"], one["run_name"], one["attempt"]) for one in asked], sources)


def _start(request: PredictRequest, key: str) -> str:
    ask_for(KIND, job_folder(workplace().home, KIND, key), request)
    return key


def _files(key: str) -> JobFolder:
    files = job_folder(workplace().home, KIND, key)
    if not _KEY.fullmatch(key) or not files.request.exists():
        raise NotFoundError("These predictions are no longer there: choose the pictures again.")
    return files
