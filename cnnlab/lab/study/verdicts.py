"""Which runs of a study count in its verdicts, and what each is worth where it is judged."""

import functools
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import JudgedAt, Study
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.study.run_records import run_history
from cnnlab.storage.attempt import Attempt
from cnnlab.study.bands import value_of
from cnnlab.study.judged_epochs import JudgedImages, cross_fitted, judged_images, mean_of_last

Runs = Mapping[str, Mapping[int, Run]]


def counts(run: Run) -> bool:
    """Whether a run counts in verdicts: it has finished, and nobody turned its dials."""
    return run.status is Status.FINISHED and not run.changed_by_hand


def measured(study: Study, runs: Mapping[int, Run], metric: ComparedMetric) -> dict[int, float]:
    """A metric by seed, of the runs that count."""
    found = {seed: _judged(study, run, metric) for seed, run in sorted(runs.items()) if counts(run)}
    return {seed: value for seed, value in found.items() if math.isfinite(value)}


def measured_on_images(
    study: Study, runs: Mapping[int, Run], metric: ComparedMetric
) -> dict[int, np.ndarray]:
    """(N,) values on each validation image by seed, of the runs that count and kept them."""
    if metric == "gap":
        return {}
    found = {seed: run_on_images(study, run) for seed, run in runs.items() if counts(run)}
    return {seed: judged.of(metric) for seed, judged in found.items() if judged is not None}


def run_on_images(study: Study, run: Run) -> JudgedImages | None:
    """What an ended run is worth on each image; None where it didn't keep what it said of them."""
    attempt = newest_attempt(run)
    return _of_ended(
        str(attempt.folder), run.ended_at, study.judged_at, study.judged_epochs, run.best_epoch or 0
    )


def _judged(study: Study, run: Run, metric: ComparedMetric) -> float:
    """A metric of a run where the study judges it; NaN where that isn't known."""
    if study.judged_at == "best":
        return value_of(run.best, metric)
    if study.judged_at == "mean_last":
        return mean_of_last(run_history(run), study.judged_epochs, metric)
    if study.judged_at == "cross_fitted":
        judged = run_on_images(study, run)
        return math.nan if judged is None else cross_fitted(run_history(run), judged, metric)
    return value_of(run.last, metric)


@functools.lru_cache(maxsize=512)
def _of_ended(
    folder: str, ended_at: str | None, judged_at: JudgedAt, last: int, best: int
) -> JudgedImages | None:
    """A few bytes an image; what all epochs said isn't kept."""
    attempt = Attempt(Path(folder))
    try:
        found = attempt.read_predictions()
        if found is None or len(found.epochs) != len(attempt.history()) or len(found.labels) < 2:
            return None
        right, losses = found.right, found.cross_entropies
    except StorageError:
        return None
    return judged_images(judged_at, right, losses, last=last, best=best)
