"""How good the models of runs are on the parts of their datasets: made once, kept with the run."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.data.split import SPLITS, TEST
from cnnlab.domain.errors import (
    BadInputError,
    DamagedError,
    DatasetError,
    NotFoundError,
    RunStateError,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.files import remove_folder
from cnnlab.jobs.kinds.evaluate import KIND, EvaluateRequest, evaluation_folder
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.work import ask_for, seen_to, take_back, wait_for
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.checkpoints import list_checkpoints
from cnnlab.storage.attempts.evaluation import EvaluationFolder

EvaluationState = JobState[Judgement]

_Stamp = tuple[int, int]
"""When a file was written, in nanoseconds, and how many bytes it has."""


@asks(Action.VIEW)
def start_evaluation(run: str, split: str) -> EvaluationState:
    """Have the model of a run judged on a part, unless that was done or is being done.

    What failed, was cancelled or has lost what it had said is done again. That of the test images
    is only computed: `look_at_test` shows it.

    Args:
        run: its id; it has ended, and has an epoch.
        split: `train`, `validation` or `test`.

    Raises:
        BadInputError: there is no such part, or this run has no image in it.
        NotFoundError: there is no run with this id, or its dataset is gone.
        RunStateError: it hasn't ended, or its model can't be built again.
        StorageError: the disk is full, or the dataset is damaged.
    """
    row, files = load_run(run), _folder(run, split)
    if not row.status.is_ended or not row.last:
        hint = "start it again" if row.status.is_ended else "wait until it has ended"
        raise RunStateError(
            f"The run {row.name!r} is {row.status} and has no model to judge: {hint}."
        )
    state = evaluation_state(run, split)
    if state is not None and state.is_ready and not _is_readable(files):
        remove_folder(files.folder)
        state = None
    if state is not None and (state.is_ready or not state.is_ended):
        return state
    if not len(part_of(row, split)):
        raise DatasetError(_empty_part(row, split))
    attempt = newest_attempt(row)
    if not list_checkpoints(attempt.checkpoints):
        raise RunStateError(
            f"The training states of the run {row.name!r} are gone, and without one its model "
            "can't be built again: bring them back from a backup, or train a clone of the run."
        )
    ask_for(KIND, files, EvaluateRequest(run, attempt.number, split))
    return _state(files)


@asks(Action.VIEW)
def evaluation_state(run: str, split: str) -> EvaluationState | None:
    """Where the evaluation of a run's model on a part stands; None where nobody asked for it.

    Cheap enough for every click; what it answers is shared and must not be changed.

    Raises:
        BadInputError: there is no such part.
        NotFoundError: there is no run with this id.
        StorageError: that can't be read at the moment.
    """
    files = _folder(run, split)
    if not files.request.exists():
        return None
    return seen_to(KIND, files, _state(files))


@asks(Action.EDIT)
def cancel_evaluation(run: str, split: str) -> None:
    """End an evaluation that nobody wants any more; it can be asked for again.

    Raises:
        BadInputError: there is no such part.
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    take_back(_folder(run, split))


@asks(Action.EDIT)
def delete_evaluation(run: str, split: str) -> None:
    """Delete what an evaluation has found; looks at test images that were recorded stay recorded.

    Raises:
        BadInputError: there is no such part.
        NotFoundError: there is no run with this id.
        RunStateError: it is being made.
        StorageError: it can't be deleted.
    """
    files = _folder(run, split)
    if not files.folder.exists():
        return
    if files.request.exists() and not _state(files).is_ended:
        raise RunStateError("This evaluation is being made: cancel it before you delete it.")
    remove_folder(files.folder)


@asks(Action.EDIT, is_noted=False)
def wait_for_evaluation(
    run: str, split: str, *, on_phase: Callable[[str], object] = lambda text: None
) -> Judgement:
    """Have the model of a run judged on a part where that isn't done yet, and wait for it.

    Args:
        run: its id; it has ended, and has an epoch.
        split: `train`, `validation` or `test`; of test, nothing may be shown before
            `look_at_test`.
        on_phase: is told what is being done.

    Raises:
        CnnlabError: what `start_evaluation` raises.
        RunStateError: it came to nothing; the message says why.
    """
    start_evaluation(run, split)
    state = wait_for(lambda: evaluation_state(run, split), on_phase)
    if state is None:
        raise RunStateError("This evaluation was deleted meanwhile: start it again.")
    if state.answer is None:
        raise RunStateError(state.problem or "This evaluation came to nothing: start it again.")
    return state.answer


@asks(Action.VIEW)
def evaluated_predictions(run: str, split: str) -> Predictions:
    """What the model of a run said of each image of a part; shared, and not to be changed.

    Those of the test images are for who has just looked at them (`look_at_test`).

    Raises:
        BadInputError: there is no such part.
        NotFoundError: there is no run with this id.
        RunStateError: this evaluation hasn't finished.
        DamagedError: the file is missing or damaged.
        StorageError: it can't be read at the moment.
    """
    files = _folder(run, split)
    finished_judgement(run, split)
    try:
        return _predictions(files.predictions, _stamp(files.predictions))
    except (DamagedError, FileNotFoundError) as error:
        raise DamagedError(
            f"What the model said of each image is missing or damaged in {files.predictions}: "
            "start this evaluation again."
        ) from error


def finished_judgement(run: str, split: str) -> Judgement:
    """What came of an evaluation; shared, and not to be changed.

    Raises:
        BadInputError: there is no such part.
        NotFoundError: there is no run with this id.
        RunStateError: this evaluation hasn't finished.
    """
    state = evaluation_state(run, split)
    if state is None or state.answer is None:
        why = f" {state.problem}" if state is not None and state.problem else ""
        raise RunStateError(
            f"The run {load_run(run).name!r} hasn't been evaluated on its {split} images: start "
            f"that first, on its evaluation page or with the command `evaluate`.{why}"
        )
    return state.answer


def part_of(run: Run, split: str) -> np.ndarray:
    """(M,) int, rows of the dataset that a run has in a part, without heeding its limits.

    Raises:
        NotFoundError: its dataset is gone.
        RunStateError: its config isn't legal in this version.
        StorageError: the dataset is damaged.
    """
    config = judged_config(run)
    return np.flatnonzero(splits_of(open_index(run.dataset), config.split) == split)


def judged_config(run: Run) -> RunConfig:
    """The config of a run whose model is to be judged.

    Raises:
        NotFoundError: its dataset is gone.
        RunStateError: it isn't legal in this version.
    """
    config = load_stored(run.config)
    if config is None:
        raise RunStateError(
            f"The run {run.name!r} has a configuration of another version, which this one doesn't "
            "take, so its model can't be judged here: train it again from the Train page."
        )
    if workplace().datasets.find(run.dataset) is None:
        raise NotFoundError(
            f"The dataset {run.dataset!r} of the run {run.name!r} is gone, and without its images "
            "the model can't be judged: bring it back from a backup or import it again."
        )
    return config


def _folder(run: str, split: str) -> EvaluationFolder:
    if split not in SPLITS:
        raise BadInputError(f"split must be one of {', '.join(SPLITS)}. Received: {split[:80]!r}")
    return evaluation_folder(newest_attempt(load_run(run)), split)


def _empty_part(run: Run, split: str) -> str:
    if split == TEST:
        return (
            f"The run {run.name!r} has no test images: train one with split.test above 0, or "
            "import the images again with some of them in a folder called test."
        )
    return f"The run {run.name!r} has no {split} images, so there is nothing to judge it on."


def _state(files: EvaluationFolder) -> EvaluationState:
    try:
        return _ended(files.folder, _stamp(files.result))
    except FileNotFoundError:
        return read_state(KIND, files)


def _stamp(path: Path) -> _Stamp:
    known = path.stat()
    return known.st_mtime_ns, known.st_size


# A page asks for it at every click, and the file has some hundred kilobytes.
@functools.lru_cache(maxsize=64)
def _ended(folder: Path, stamp: _Stamp) -> EvaluationState:
    return read_state(KIND, EvaluationFolder(folder))


@functools.lru_cache(maxsize=8)
def _predictions(path: Path, stamp: _Stamp) -> Predictions:
    return EvaluationFolder(path.parent).read_predictions()


def _is_readable(files: EvaluationFolder) -> bool:
    try:
        _predictions(files.predictions, _stamp(files.predictions))
    except (DamagedError, FileNotFoundError):
        return False
    return True
