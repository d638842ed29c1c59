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

SHORT = 6
"""Below this the bend of a steep fall, which every start has, outweighs the noise about it."""

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
        values: (E,) float64, finite, E >= 1.
    """

    values: np.ndarray

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return len(self.values)

    @property
    def window(self) -> int:
        """Epochs that are averaged for a level: a quarter of the run, 1 to 6.

        Fewer than a third, so that the last one is never compared with itself.
        """
        return int(np.clip(self.epochs // 4, 1, 6))

    @cached_property
    def noise(self) -> float:
        """Standard deviation from epoch to epoch about the trend, in the unit of the values.

        From second differences, which a straight trend doesn't enter, by the median absolute
        deviation, which single jumps hardly enter (Rousseeuw and Croux, 1993); the variance of a
        second difference is 6 times that of the noise. Unknown, and 0, below three epochs.
        """
        if self.epochs < FEWEST_EPOCHS:
            return 0.0
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
        return np.array([self.values[slice(*self.around(at))].mean() for at in range(self.epochs)])

    def around(self, at: int) -> tuple[int, int]:
        """First index and the one after the last of what `smooth` averages at an index."""
        half = self.window // 2
        return max(0, at - half), min(at + half + 1, self.epochs)

    @property
    def level_noise(self) -> float:
        """Standard deviation of the difference of two levels (means over `window`)."""
        return self.noise * math.sqrt(2.0 / self.window)

    @property
    def start(self) -> float:
        """Median of the first epochs of a level, at most three: the very first is often far off."""
        return float(np.median(self.values[: min(FEWEST_EPOCHS, self.window)]))

    @property
    def end(self) -> float:
        """Mean of the last `window` epochs."""
        return float(self.values[-self.window :].mean())

    @property
    def recent_change(self) -> float:
        """By how much the level changed over the last third; positive is up."""
        stop = self.epochs - self.epochs // 3
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
        train_accuracy: likewise, 0..1; None in a history that lacks it.
        clean_cross_entropy: training images with everything random off, nats.
        clean_accuracy: likewise, 0..1.
        val_cross_entropy: nats.
        val_accuracy: 0..1.
    """

    numbers: tuple[int, ...]
    learning_rates: tuple[float, ...]
    train_cross_entropy: Curve
    train_accuracy: Curve | None
    clean_cross_entropy: Curve
    clean_accuracy: Curve
    val_cross_entropy: Curve
    val_accuracy: Curve

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return len(self.numbers)

    @property
    def at_the_end(self) -> str:
        """Over which epochs a level at the end is the mean."""
        return self._over(self.epochs - self.val_accuracy.window, self.epochs)

    def when(self, at: int) -> str:
        """Over which epochs a smoothed value at an index is the mean."""
        return self._over(*self.val_accuracy.around(at))

    @property
    def smoothed_words(self) -> str:
        """That smoothed curves were looked at, not the drawn points; empty where they are these."""
        window = self.val_accuracy.window
        return f" (curves smoothed over {window} epochs)" if window > 1 else ""

    def _over(self, first: int, stop: int) -> str:
        numbers = self.numbers[first:stop]
        if len(numbers) == 1:
            return f"epoch {numbers[0]}"
        return f"mean of epochs {numbers[0]} to {numbers[-1]}"

    @property
    def best(self) -> int:
        """Index of the epoch with the highest validation accuracy, as `best_epoch` finds it."""
        ranks = zip(self.val_accuracy.values, -self.val_cross_entropy.values, strict=True)
        return max(enumerate(ranks), key=lambda one: (one[1], -one[0]))[0]

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
    """The curves of the epochs in which everything is known, or None where there are none.

    Args:
        history: oldest first.
    """
    known = [record for record in history if is_known(record)]
    if not known:
        return None
    has_seen = all(_finite(record.get("accuracy")) for record in known)

    def curve(name: EpochMetric) -> Curve:
        return Curve(np.array([record[name] for record in known], dtype=np.float64))

    return Curves(
        tuple(record["epoch"] + 1 for record in known),
        tuple(record["learning_rate"] for record in known),
        curve("cross_entropy"),
        curve("accuracy") if has_seen else None,
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
