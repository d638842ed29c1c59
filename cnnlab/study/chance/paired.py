"""Paired statistics over seeds: interval, several arms at once.

A difference is arm minus reference with one seed, in the metric's own units. All functions are
pure; the same numbers in another order give the same answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from cnnlab.domain.holm import holm

FEWEST_PAIRS = 3
"""Seeds that both arms must have before anything is claimed."""
_NO_SPREAD = 1e-9
"""Of the mean: differences that vary less are equal but for rounding in floating point."""


@dataclass(frozen=True)
class Interval:
    """A mean difference over seeds and how well it is known.

    Attributes:
        mean: None without any difference.
        low: lower end, None where chance can't be judged: fewer than two differences, or all of
            them equal and the metric without a resolution; `high` and `p` likewise.
        high: upper end.
        p: two-sided probability of a mean at least this far from 0 if there were no effect.
        n: number of differences.
        confidence: of the interval, 0..1.
    """

    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    confidence: float

    @property
    def estimate(self) -> tuple[float, float, float] | None:
        """Mean, lower and upper end; None where chance can't be judged."""
        if self.mean is None or self.low is None or self.high is None:
            return None
        return self.mean, self.low, self.high


@dataclass(frozen=True)
class Estimate:
    """A mean difference with its standard error, before it is asked how sure it is to be.

    Attributes:
        mean: arm minus reference; None without any difference.
        error: standard error of the mean; 0 where chance can't be judged: fewer than two
            differences, or all of them equal and the metric without a resolution.
        df: degrees of freedom of the error.
        n: number of differences.
        of_seeds: standard error by the seeds alone, where that isn't the error; with its n - 1
            degrees of freedom it may be the less sure of the two, which then counts.
        seeds_level: two-sided level at which the seeds alone must agree, whatever is asked of the
            error; None where it is the same.
    """

    mean: float | None
    error: float
    df: float
    n: int
    of_seeds: float = 0.0
    seeds_level: float | None = None

    @property
    def p_of_seeds(self) -> float:
        """Two-sided p value by the seeds alone; 1 where chance can't be judged."""
        error = self.of_seeds or self.error
        if self.mean is None or error == 0:
            return 1.0
        return 2 * float(scipy.special.stdtr(self.n - 1, -abs(self.mean) / error))

    @property
    def p(self) -> float | None:
        """Two-sided p value against no difference (Student 1908)."""
        if self.mean is None or self.error == 0:
            return None
        found = 2 * float(scipy.special.stdtr(self.df, -abs(self.mean) / self.error))
        return max(found, self.p_of_seeds) if self.of_seeds else found

    def interval(self, confidence: float) -> Interval:
        """The t interval.

        Args:
            confidence: 0..1, both ends left out. Where the seeds alone reach further, at a level of
                their own, the interval says the smaller confidence of the two.
        """
        if self.mean is None or self.error == 0:
            return Interval(self.mean, None, None, None, self.n, confidence)
        tail = (1 + confidence) / 2
        reach = float(scipy.special.stdtrit(self.df, tail)) * self.error
        if self.of_seeds:
            own = confidence if self.seeds_level is None else 1 - self.seeds_level
            by_seeds = float(scipy.special.stdtrit(self.n - 1, (1 + own) / 2)) * self.of_seeds
            if by_seeds > reach:
                reach, confidence = by_seeds, min(confidence, own)
        return Interval(self.mean, self.mean - reach, self.mean + reach, self.p, self.n, confidence)


def paired_estimate(differences: Sequence[float], *, resolution: float = 0.0) -> Estimate:
    """What a paired t test (Student 1908) rests on.

    An accuracy is rounded to whole images: rounding alone gives a difference of two accuracies a
    standard deviation of resolution / sqrt(6) (each is off by a uniform error of variance
    resolution**2 / 12; Widrow 1956). The standard deviation is never taken as less, so that a few
    equal differences aren't a proof.

    Args:
        differences: one per seed, finite.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
    """
    n = len(differences)
    if n == 0:
        return Estimate(None, 0.0, 0, 0)
    return Estimate(
        mean_of(differences), spread_of(differences, resolution) / math.sqrt(n), n - 1, n
    )


def paired_interval(
    differences: Sequence[float], confidence: float, *, resolution: float = 0.0
) -> Interval:
    """Interval and p value of a paired t test; see `paired_estimate`.

    Args:
        differences: one per seed, finite.
        confidence: of the interval, 0..1, both ends left out.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
    """
    return paired_estimate(differences, resolution=resolution).interval(confidence)


def holm_levels(p_values: Sequence[float], alpha: float) -> list[float]:
    """The level at which Holm's procedure judges each p value.

    It tests the smallest p value at alpha / m, the next at alpha / (m - 1) and so on, and stops at
    the first that fails; all that are left are judged at the level where it stopped. So an interval
    of confidence 1 - level leaves out 0 exactly where the adjusted p value is at most alpha. The
    intervals show the decisions; all of them together don't cover with 1 - alpha.

    Args:
        p_values: one per arm, 0..1.
        alpha: probability of any false claim that is accepted.

    Returns:
        One per arm in the given order; equal p values get the same level.
    """
    p = np.sort(np.asarray(p_values, float))
    passed = int(np.sum(np.asarray(holm(p_values)) <= alpha))
    ranks = np.minimum(np.searchsorted(p, p_values, side="left"), passed)
    return [float(level) for level in alpha / (len(p) - ranks)]


def mean_of(differences: Sequence[float]) -> float:
    """Exactly rounded, so the order of the seeds can't matter."""
    return math.fsum(differences) / len(differences)


def spread_of(differences: Sequence[float], resolution: float) -> float:
    """Standard deviation of the differences, at least that of rounding; 0 if nothing is known."""
    if len(differences) < 2:
        return 0.0
    mean = mean_of(differences)
    squares = math.fsum((difference - mean) ** 2 for difference in differences)
    spread = math.sqrt(squares / (len(differences) - 1))
    if spread <= _NO_SPREAD * abs(mean):
        spread = 0.0
    return max(spread, resolution / math.sqrt(6))
