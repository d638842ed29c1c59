"""Wrong labels among the training images of a run: searched by models that never saw them."""

from cnnlab.domain.errors import BadInputError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.judgement import Crossfit
from cnnlab.domain.run import Run
from cnnlab.files import remove_folder
from cnnlab.jobs.kinds.crossfit import KIND, CrossfitRequest, crossfit_folder, read_crossfit
from cnnlab.jobs.state import JobState
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.judging.evaluations import judged_config
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.work import ask_for, seen_to, take_back

CrossfitState = JobState[Crossfit]

FEWEST_FOLDS, MOST_FOLDS = 2, 10
USUAL_FOLDS = 5

_START_SECONDS = 4.0
"""Building and compiling a model, and what its first epoch takes longer."""


@asks(Action.EDIT)
def start_crossfit(run: str, folds: int = USUAL_FOLDS) -> CrossfitState:
    """Have wrong labels searched for among a run's training images, unless that was or is done.

    So many models are trained, each on all training images but a part, and asked about that part.
    What failed or was cancelled goes on after the last model that was finished. Another number of
    folds takes the place of what was found before.

    Args:
        run: its id; it has ended, and has an epoch.
        folds: how many models, 2..10: the more, the more each of them has to learn from.

    Raises:
        BadInputError: `folds` is outside of that.
        NotFoundError: there is no run with this id, or its dataset is gone.
        RunStateError: it hasn't ended, or has no epoch, or this is being done with other folds.
        StorageError: the disk is full.
    """
    _check_folds(folds)
    row = load_run(run)
    _check_run(row)
    attempt = newest_attempt(row)
    files = crossfit_folder(attempt)
    request = CrossfitRequest(run, attempt.number, folds)
    if not ask_for(KIND, files, request):
        state = read_crossfit(attempt)
        if not state.is_ended:
            raise RunStateError(
                "Wrong labels are being searched for with another number of folds: wait until that "
                "has ended, or cancel it."
            )
        remove_folder(files.folder)
        ask_for(KIND, files, request)
    return read_crossfit(attempt)


@asks(Action.VIEW)
def crossfit_state(run: str) -> CrossfitState | None:
    """How the search for wrong labels goes; None where nobody has asked for it.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: that can't be read at the moment.
    """
    attempt = newest_attempt(load_run(run))
    files = crossfit_folder(attempt)
    if not files.request.exists():
        return None
    return seen_to(KIND, files, read_crossfit(attempt))


@asks(Action.EDIT)
def cancel_crossfit(run: str) -> None:
    """End a search that nobody wants any more; models that are finished are kept for the next one.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    take_back(crossfit_folder(newest_attempt(load_run(run))))


@asks(Action.VIEW)
def crossfit_seconds(run: str, folds: int = USUAL_FOLDS) -> float:
    """About how long a search takes, by the seconds that the run's own epochs took.

    Each model trains on its share of the images, and is judged after each epoch on as many as the
    run. Models that are finished from an earlier try count as well.

    Raises:
        BadInputError: `folds` isn't 2..10.
        NotFoundError: there is no run with this id.
        RunStateError: it has no epoch.
    """
    _check_folds(folds)
    row = load_run(run)
    history = newest_attempt(row).history()
    if not history:
        raise RunStateError(_no_epoch(row))
    training = sum(record["seconds"] for record in history)
    judging = sum(record.get("evaluation_seconds", 0.0) for record in history)
    return (folds - 1) * training + folds * (judging + _START_SECONDS)


def _check_folds(folds: int) -> None:
    if not FEWEST_FOLDS <= folds <= MOST_FOLDS:
        raise BadInputError(f"folds must be from {FEWEST_FOLDS} to {MOST_FOLDS}. Received: {folds}")


def _check_run(run: Run) -> None:
    if not run.status.is_ended or not run.last:
        raise RunStateError(_no_epoch(run))
    judged_config(run)


def _no_epoch(run: Run) -> str:
    hint = "start it again" if run.status.is_ended else "wait until it has ended"
    return f"The run {run.name!r} is {run.status} and has no finished epoch to go by: {hint}."
