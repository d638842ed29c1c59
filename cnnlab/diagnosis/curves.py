"""Curves of a run with their noise: levels, turns and trends that a diagnosis rests on."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnnlab.domain.records.training import EpochMetric, EpochRecord

FEWEST_EPOCHS = 3
"""Below this a curve has a value and a slope, but nothing that tells a trend from noise."""

_Z_95 = 1.959964  # 97.5 % point of the normal distribution
_MAD_TO_SD = 1.4826  # for normal noise
_MEASURED: tuple[EpochMetric, ...] = (
    "clean_cross_entropy",
    "clean_accuracy",
    "val_cross_entropy",
    "val_accuracy",
)
_TRAINED: tuple[EpochMetric, ...] = ("loss", "cross_entropy")


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric over the epochs.

    Attributes:
        values: (E,) float64, finite, E >= 3.
    """

    values: np.ndarray

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return len(self.values)

    @property
    def window(self) -> int:
        """Epochs that are averaged for a level: a sixth of the run, 3 to 8."""
        return int(np.clip(self.epochs // 6, 3, 8))

    @cached_property
    def noise(self) -> float:
        """Standard deviation from epoch to epoch about the trend, in the unit of the values.

        From second differences, which a straight trend doesn't enter, by the median absolute
        deviation, which single jumps hardly enter (Rousseeuw and Croux, 1993); the variance of a
        second difference is 6 times that of the noise.
        """
        bends = np.diff(self.values, 2)
        return float(_MAD_TO_SD * np.median(np.abs(bends)) / math.sqrt(6.0))

    @cached_property
    def swing(self) -> float:
        """Like `noise`, with jumps in full and the first quarter left out, where all is moving."""
        later = self.values[self.epochs // 4 :]
        if len(later) < FEWEST_EPOCHS:
            later = self.values
        return float(np.sqrt(np.mean(np.diff(later, 2) ** 2) / 6.0))

    @cached_property
    def smooth(self) -> np.ndarray:
        """(E,) running mean over `window` epochs, over fewer at the ends."""
        half = self.window // 2
        return np.array(
            [self.values[max(0, at - half) : at + half + 1].mean() for at in range(self.epochs)]
        )

    @property
    def level_noise(self) -> float:
        """Standard deviation of the difference of two levels (means over `window`)."""
        return self.noise * math.sqrt(2.0 / self.window)

    @property
    def start(self) -> float:
        """Median of the first three epochs: the very first one is often far off."""
        return float(np.median(self.values[:FEWEST_EPOCHS]))

    @property
    def end(self) -> float:
        """Mean of the last `window` epochs."""
        return float(self.values[-self.window :].mean())

    @property
    def recent_change(self) -> float:
        """By how much the level changed over the last third; positive is up."""
        stop = max(self.epochs - self.epochs // 3, self.window)
        return self.end - float(self.values[stop - self.window : stop].mean())

    @property
    def recent_share(self) -> float:
        """The last third's part of the whole change, or 0 where nothing changed."""
        whole = self.end - self.start
        return self.recent_change / whole if whole else 0.0

    @property
    def thirds(self) -> tuple[float, float, float]:
        """Each third's part of the whole change: about 1/3 each on a straight line."""
        points = [float(self.smooth[round(part * (self.epochs - 1) / 3)]) for part in range(4)]
        whole = points[3] - points[0]
        if not whole:
            return 0.0, 0.0, 0.0
        first, second, third = (
            (after - before) / whole for before, after in itertools.pairwise(points)
        )
        return first, second, third


@dataclass(frozen=True)
class Curves:
    """The curves of one run.

    Attributes:
        numbers: (E,) 1-based epochs, as on screen.
        learning_rates: (E,) at the last step of each.
        train_cross_entropy: as seen in training, nats.
        clean_cross_entropy: training images with everything random off, nats.
        clean_accuracy: likewise, 0..1.
        val_cross_entropy: nats.
        val_accuracy: 0..1.
    """

    numbers: tuple[int, ...]
    learning_rates: tuple[float, ...]
    train_cross_entropy: Curve
    clean_cross_entropy: Curve
    clean_accuracy: Curve
    val_cross_entropy: Curve
    val_accuracy: Curve

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return len(self.numbers)

    @property
    def gaps(self) -> np.ndarray:
        """(E,) clean train accuracy minus validation accuracy, smoothed."""
        gaps: np.ndarray = self.clean_accuracy.smooth - self.val_accuracy.smooth
        return gaps

    @property
    def gap(self) -> float:
        """Clean train accuracy minus validation accuracy at the end, -1..1."""
        return self.clean_accuracy.end - self.val_accuracy.end


def read_curves(history: Sequence[EpochRecord]) -> Curves | None:
    """The curves of the epochs in which everything is known, or None below three of those.

    Args:
        history: oldest first.
    """
    known = [record for record in history if is_known(record)]
    if len(known) < FEWEST_EPOCHS:
        return None

    def curve(name: EpochMetric) -> Curve:
        return Curve(np.array([record[name] for record in known], dtype=np.float64))

    return Curves(
        tuple(record["epoch"] + 1 for record in known),
        tuple(record["learning_rate"] for record in known),
        curve("cross_entropy"),
        *(curve(name) for name in _MEASURED),
    )


def is_known(record: EpochRecord) -> bool:
    """Whether the loss and all metrics of an epoch are finite numbers."""
    return is_finite(record) and all(_finite(record.get(name)) for name in _MEASURED)


def is_finite(record: EpochRecord) -> bool:
    """Whether the loss and the cross-entropy as seen in training are finite numbers."""
    return all(_finite(record.get(name)) for name in _TRAINED)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def wilson_interval(share: float, images: int) -> tuple[float, float]:
    """95 % interval of a share that was counted over `images` (Wilson, 1927).

    Args:
        share: 0..1.
        images: at least 1.

    Returns:
        Lower and upper end, 0..1.
    """
    squared = _Z_95**2
    center = (share + squared / (2 * images)) / (1 + squared / images)
    spread = share * (1 - share) / images + squared / (4 * images**2)
    half = _Z_95 / (1 + squared / images) * math.sqrt(spread)
    return max(0.0, center - half), min(1.0, center + half)


def binomial_sd(share: float, images: int) -> float:
    """Standard deviation of an accuracy over `images`, 0..0.5.

    A share of 0 or 1 doesn't make the accuracy certain: one success and one failure are added on
    each side first (Agresti and Coull, 1998).
    """
    eased = (share * images + 2) / (images + 4)
    return math.sqrt(eased * (1 - eased) / (images + 4))
