"""What a run said of its validation images through the epochs, and what that tells."""

from cnnlab.domain.run import Run
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.predictions import EpochPredictions


def run_predictions(run: Run) -> EpochPredictions | None:
    """What a run said of each validation image after each of its finished epochs.

    Returns:
        None where nothing is kept: before the first epoch, or where an earlier version trained it.
        A fork has those of its parent's epochs too, where the parent has them.

    Raises:
        StorageError: a file is damaged or can't be read.
    """
    return newest_attempt(run).read_predictions()
