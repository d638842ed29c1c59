"""What runs said of their validation images at the epoch at which they are compared."""

import functools
from pathlib import Path

from cnnlab.domain.errors import StorageError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.attempts.attempt import Attempt

_NOT_KEPT = (
    "what it said of each image after epoch {} isn't kept: an earlier version of cnnlab trained "
    "it, or the files are gone"
)


def said_at(run: Run, epoch: int | None) -> tuple[Predictions | None, str]:
    """What a run said of each image after an epoch; shared, and not to be changed.

    Args:
        run: any.
        epoch: 0-based; None before the first is finished.

    Returns:
        None where it isn't kept or can't be read, with the rest of a sentence that says why.
    """
    if epoch is None:
        return None, "it hasn't finished an epoch"
    attempt = newest_attempt(run)
    try:
        if run.status.is_ended:
            return _of_ended(attempt.folder, run.ended_at, epoch), ""
        return _read(attempt, epoch), ""
    except LookupError:
        return None, _NOT_KEPT.format(epoch + 1)
    except StorageError as error:
        return None, f"what it said of each image can't be read: {str(error).rstrip('.')}"


# What isn't there isn't kept in mind: a file may be brought back.
@functools.lru_cache(maxsize=8)
def _of_ended(folder: Path, ended_at: str | None, epoch: int) -> Predictions:
    return _read(Attempt(folder), epoch)


def _read(attempt: Attempt, epoch: int) -> Predictions:
    found = attempt.read_predictions()
    if found is None or epoch not in found.epochs:
        raise LookupError(epoch)
    return Predictions(found.positions, found.labels, found.probabilities(epoch))
