"""Which runs of a study count in its verdicts, and what each is worth where it is judged."""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import IMAGE_METRICS, JudgedAt, Study
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.study.run_records import run_evaluation, run_history
from cnnlab.storage.attempts.predictions import read_predictions
from cnnlab.study.measures.bands import value_of
from cnnlab.study.measures.judged_epochs import (
    JudgedImages,
    cross_fitted,
    judged_images,
    mean_of_last,
    needed_epochs,
)
from cnnlab.study.measures.measured import measured_of

Runs = Mapping[str, Mapping[int, Run]]


def counts(run: Run) -> bool:
    """Whether a run counts in verdicts: it has finished, and nobody turned its dials."""
    return run.status is Status.FINISHED and not run.changed_by_hand


def measured(study: Study, runs: Mapping[int, Run], metric: ComparedMetric) -> dict[int, float]:
    """A metric by seed, of the runs that count."""
    found = {seed: _judged(study, run, metric) for seed, run in sorted(runs.items()) if counts(run)}
    return {seed: value for seed, value in found.items() if math.isfinite(value)}


class _OnImages(NamedTuple):
    """What a run is worth on each image, and which these are: (N,) int64 rows of the dataset."""

    positions: np.ndarray
    judged: JudgedImages


def measured_on_images(
    study: Study, runs: Runs, metric: ComparedMetric
) -> dict[str, dict[int, np.ndarray]]:
    """(N,) values on each validation image by arm and seed, of the runs that count and kept them.

    All are of the same images, those of the first run: of an arm that splits the dataset in
    another way nothing can be paired. None where each seed has validation images of its own.
    """
    if metric not in IMAGE_METRICS or study.is_split_anew:
        return {arm: {} for arm in runs}
    found = {
        arm: {
            seed: one for seed, run in of_arm.items() if counts(run) and (one := _kept(study, run))
        }
        for arm, of_arm in runs.items()
    }
    first = next((one for of_arm in found.values() for one in of_arm.values()), None)
    return {
        arm: {
            seed: one.judged.of(metric)
            for seed, one in of_arm.items()
            if first and np.array_equal(one.positions, first.positions)
        }
        for arm, of_arm in found.items()
    }


def _kept(study: Study, run: Run) -> _OnImages | None:
    """What an ended run is worth on each image; None where what it said of them can't be had.

    That it can't isn't kept in mind: a file may be brought back.
    """
    epochs = len(run_history(run))
    needed = needed_epochs(
        study.judged_at, epochs, last=study.judged_epochs, best=run.best_epoch or 0
    )
    try:
        folder = newest_attempt(run).predictions
        return _of_ended(folder, run.ended_at, study.judged_at, epochs, needed)
    except (StorageError, LookupError):
        return None


def _judged(study: Study, run: Run, metric: ComparedMetric) -> float:
    """A metric of a run where the study judges it; NaN where that isn't known."""
    if metric == "robustness" or metric == "calibration":
        return measured_of(run_evaluation(run), metric)
    if study.judged_at == "best":
        return value_of(run.best, metric)
    if study.judged_at == "mean_last":
        return mean_of_last(run_history(run), study.judged_epochs, metric)
    if study.judged_at == "cross_fitted":
        one = _kept(study, run)
        return math.nan if one is None else cross_fitted(run_history(run), one.judged, metric)
    return value_of(run.last, metric)


@functools.lru_cache(maxsize=512)
def _of_ended(
    folder: Path, ended_at: str | None, judged_at: JudgedAt, epochs: int, needed: range
) -> _OnImages:
    """A few bytes an image; only the epochs that it takes are read.

    Raises:
        StorageError: a file is damaged or can't be read.
        LookupError: what was said after one of these epochs isn't there.
    """
    found = read_predictions(folder, epochs)
    if found is None or len(found.labels) < 2 or not needed or not set(needed) <= set(found.epochs):
        raise LookupError(folder)
    return _OnImages(found.positions, judged_images(judged_at, *found.judged(needed)))
