"""Where in its training a run is judged, and what it is worth there.

The best of many epochs is the luckiest one, the more so the more an arm's accuracy jumps from epoch
to epoch: of arms that are equally good on average the jumpy one wins. Choosing on other images than
judging takes away the luck of the images only: a jump of the weights is true of all of them.
Measured (`tests/benchmarks/judged_at.py`, jumps of .04 against .005, 8 seeds): at the best epoch
56 % false claims, cross-fitted 72 %, at the last epoch 6 %, over the last three 5 %. An effect of
four points among jumps of .04 is found in 26 % at the last epoch, in 45 % over the last three.

A run that stops early ends after epochs that were lower than one before, so its last ones are low
by chance: with jumps of .02 by .5, .4, .2 points at a patience of 3, 5, 10 epochs if the judged
metric is the watched one, by half of that if they jump alike by half; false claims then are 5 to
11 %, up to 6 %. No rule was found that is free of it: over the patience and as many epochs as
usual before it the luck is gone to a tenth of a point, but the epochs of the rise weigh more than
that (a run of 100 epochs that stops at 31: 2.7 points too low in the place of 1.3).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.records.training import ComparedMetric, HistoryMetric
from cnnlab.domain.study import JudgedAt
from cnnlab.study.measures.bands import curve
from cnnlab.study.measures.cross_fitting import cross_fit


@dataclass(frozen=True)
class JudgedImages:
    """What a run is worth on each validation image, where it is judged.

    Attributes:
        accuracy: (N,) float32, 0..1: the mean of right (1) and wrong (0) over the judged epochs.
        cross_entropy: (N,) float32, nats, likewise.
        shares: (epochs,) float64, what share of the judgement each of its epochs has; sums to 1.
    """

    accuracy: np.ndarray
    cross_entropy: np.ndarray
    shares: np.ndarray

    def of(self, metric: ComparedMetric) -> np.ndarray:
        """(N,) of a metric that each image has."""
        return self.accuracy if metric == "val_accuracy" else self.cross_entropy


def needed_epochs(judged_at: JudgedAt, epochs: int, *, last: int, best: int) -> range:
    """The epochs that it takes to judge a run: all where one is chosen, else few.

    Args:
        judged_at: see `Study`.
        epochs: of the run.
        last: epochs that `mean_last` is over; of a run with fewer all count.
        best: 0-based, the best epoch.
    """
    return {
        "last": range(max(0, epochs - 1), epochs),
        "mean_last": range(max(0, epochs - last), epochs),
        "cross_fitted": range(epochs),
        "best": range(best, best + 1),
    }[judged_at]


def judged_images(judged_at: JudgedAt, right: np.ndarray, losses: np.ndarray) -> JudgedImages:
    """What a run is worth on each image.

    Args:
        judged_at: see `Study`.
        right: (epochs, N) bool, whether each image is classified rightly, of the epochs that
            `needed_epochs` names.
        losses: (epochs, N) float, cross-entropy of each image in nats, likewise.
    """
    epochs = len(right)
    if judged_at == "cross_fitted":
        weights = cross_fit(right, losses).weights
    else:
        weights = np.full((epochs, 1), 1 / epochs)
    accuracy, cross_entropy = (
        (weights * of_each).sum(axis=0).astype(np.float32) for of_each in (right, losses)
    )
    return JudgedImages(accuracy, cross_entropy, weights.mean(axis=1))


def mean_of_last(
    records: Sequence[Mapping[str, object]], epochs: int, metric: HistoryMetric
) -> float:
    """The mean of a metric over the last epochs of a run; NaN where one of them isn't known.

    Args:
        records: of all its epochs, in order.
        epochs: how many count; of a run with fewer all do.
        metric: what of them.
    """
    values = curve(records[-epochs:], metric)
    return math.fsum(values) / len(values) if values else math.nan


def cross_fitted(
    records: Sequence[Mapping[str, object]], judged: JudgedImages, metric: HistoryMetric
) -> float:
    """A metric of a run whose epoch is chosen on other images than it is judged on.

    Args:
        records: of all its epochs, in order.
        judged: from `judged_images`.
        metric: the gap takes the clean train accuracy of the epochs that were chosen.
    """
    if metric == "gap":
        clean = np.array(curve(records, "clean_accuracy"))
        return float(judged.shares @ clean - judged.accuracy.mean(dtype=np.float64))
    return float(judged.of(metric).mean(dtype=np.float64))
