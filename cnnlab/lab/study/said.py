"""What the runs of a study say of each validation image, at one epoch each."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.documents.story.mistakes import Said
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.attempts.predictions import read_predictions


class _Named(NamedTuple):
    """(N,) rows of the dataset, their true classes, and the classes that a run names."""

    rows: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray


def said_by(runs: Mapping[str, Sequence[Run]], *, at_best: bool) -> Said | None:
    """What runs say of the images that the first of them is judged by.

    Runs that kept nothing, or are judged by other images, are left out, and so are arms without
    any.

    Args:
        runs: finished ones, by arm.
        at_best: whether they are judged at their best epoch; else it is their last one.

    Returns:
        None where nothing is known.
    """
    found = {arm: [_named(run, at_best=at_best) for run in of_arm] for arm, of_arm in runs.items()}
    known = {arm: [one for one in of_arm if one is not None] for arm, of_arm in found.items()}
    first = next((one for of_arm in known.values() for one in of_arm), None)
    if first is None:
        return None
    same = {
        arm: [one.predicted for one in of_arm if np.array_equal(one.rows, first.rows)]
        for arm, of_arm in known.items()
    }
    predicted = {arm: np.stack(of_arm) for arm, of_arm in same.items() if of_arm}
    return Said(first.rows, first.labels, predicted)


def _named(run: Run, *, at_best: bool) -> _Named | None:
    if not run.last:
        return None
    epoch = run.best_epoch or 0 if at_best else run.last["epoch"]
    try:
        return _of_ended(newest_attempt(run).predictions, run.ended_at, epoch)
    except (StorageError, LookupError):
        return None


@functools.lru_cache(maxsize=512)
def _of_ended(folder: Path, ended_at: str | None, epoch: int) -> _Named:
    """A few bytes an image.

    Raises:
        StorageError: a file is damaged or can't be read.
        LookupError: what was said after this epoch isn't there; that isn't kept in mind.
    """
    found = read_predictions(folder, epoch + 1)
    if found is None or epoch not in found.epochs:
        raise LookupError(folder)
    predicted = found.predicted(epoch).astype(np.int32)
    return _Named(found.positions, found.labels.astype(np.int32), predicted)
