"""What a run said of its validation images through the epochs, and what that tells."""

import functools
from pathlib import Path

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.history import best_epoch
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.predictions import EpochPredictions
from cnnlab.study.chance.optimism import Optimism, optimism_of


@asks(Action.VIEW)
def run_predictions(run: Run) -> EpochPredictions | None:
    """What a run said of each validation image after each of its finished epochs.

    Returns:
        None where nothing is kept: before the first epoch, or where an earlier version trained it.
        A fork has those of its parent's epochs too, where the parent has them.

    Raises:
        StorageError: a file is damaged or can't be read.
    """
    return newest_attempt(run).read_predictions()


@asks(Action.VIEW)
def run_optimism(run: Run) -> Optimism | None:
    """How much too good the accuracy of a run's best epoch is; that of an ended run is kept.

    Returns:
        None before the first epoch is finished. Where it can't be measured, it says why.

    Raises:
        StorageError: the history is damaged.
    """
    if not run.last:
        return None
    attempt = newest_attempt(run)
    try:
        if run.status.is_ended:
            return _of_ended(run.id, attempt.folder, run.ended_at)
        return _measured(run.id, attempt)
    except _Untold as error:  # that isn't kept in mind: a file may be brought back
        return error.optimism


class _Untold(Exception):
    """What was said of each image can't be read at the moment."""

    def __init__(self, optimism: Optimism) -> None:
        super().__init__()
        self.optimism = optimism


@functools.lru_cache(maxsize=512)
def _of_ended(run: str, folder: Path, ended_at: str | None) -> Optimism | None:
    return _measured(run, Attempt(folder))


def _measured(run: str, attempt: Attempt) -> Optimism | None:
    history = attempt.history()
    best = best_epoch(history)
    accuracy = None if best is None else history[best]["val_accuracy"]
    if best is None or accuracy is None:
        return None
    try:
        found = attempt.read_predictions()
        if found is not None and len(found.epochs) == len(history):
            return optimism_of(best, accuracy, found.right, found.cross_entropies)
        why = _why_unknown(run, history, found)
    except StorageError as error:
        why = f"can't be told: {str(error).rstrip('.')}"
        untold = Optimism(best, len(history), accuracy, why_unknown=why)
        raise _Untold(untold) from error
    return Optimism(best, len(history), accuracy, why_unknown=why)


def _why_unknown(run: str, history: list[EpochRecord], found: EpochPredictions | None) -> str:
    if not _has_early_epochs(run):
        missing = counted(len(history) - (len(found.epochs) if found else 0), "epoch")
        return f"isn't known, because what was said of each image after {missing} is missing"
    which = "it was"
    if found is not None:
        lacking = len(history) - len(found.epochs)
        which = f"{counted(lacking, 'epoch')} of it {'was' if lacking == 1 else 'were'}"
    return (
        f"isn't known, because {which} trained by an earlier version of cnnlab, which didn't keep "
        "what is said of each image"
    )


def _has_early_epochs(run: str) -> bool:
    """Whether a version that kept nothing has trained some of them: it told no such statistics."""
    stores = workplace()
    try:
        row = stores.runs.load(run)
    except NotFoundError:  # a parent that was deleted: what it was trained by isn't known
        return False
    attempts = (
        Attempt(stores.home.attempt(run, number)).started() for number in range(1, row.attempt + 1)
    )
    if any(facts and "statistics_images" not in facts for facts in attempts):
        return True
    return row.origin is not None and _has_early_epochs(row.origin["run"])
