"""Paired statistics over seeds: interval, several arms at once, sign flips, seeds to go.

A difference is arm minus reference with one seed, in the metric's own units. All functions are
pure; the same numbers in another order give the same answer.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

FEWEST_PAIRS = 3
"""Seeds that both arms must have before anything is claimed."""
FEWEST_SIGN_FLIPS = 6
"""Seeds from which the sign-flip test can reach .05: its smallest p is 2 / 2**seeds."""
MOST_SEEDS = 200
"""Where more seeds than this would be needed, the effect is too small to matter."""

_MOST_EXACT_FLIPS = 14
_DRAWN_FLIPS = 20_000
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


def paired_interval(
    differences: Sequence[float], confidence: float, *, resolution: float = 0.0
) -> Interval:
    """Interval and p value of a paired t test (Student 1908).

    An accuracy is rounded to whole images: rounding alone gives a difference of two accuracies a
    standard deviation of resolution / sqrt(6) (each is off by a uniform error of variance
    resolution**2 / 12; Widrow 1956). The standard deviation is never taken as less, so that a few
    equal differences aren't a proof.

    Args:
        differences: one per seed, finite.
        confidence: of the interval, 0..1, both ends left out.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
    """
    n = len(differences)
    if n == 0:
        return Interval(None, None, None, None, 0, confidence)
    mean, spread = _mean(differences), _spread(differences, resolution)
    if spread == 0:
        return Interval(mean, None, None, None, n, confidence)
    error = spread / math.sqrt(n)
    reach = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * error
    p = 2 * float(special.stdtr(n - 1, -abs(mean) / error))
    return Interval(mean, mean - reach, mean + reach, p, n, confidence)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values: claiming where one is at most alpha errs anywhere in at most alpha.

    Holds however the tests depend on each other (Holm 1979, Scand. J. Statist. 6, 65-70).

    Args:
        p_values: one per arm, 0..1.

    Returns:
        One per arm in the given order, 0..1, never below its own p value.
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return [float(value) for value in np.minimum(adjusted, 1)]


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


def alpha_of_look(look: int, alpha: float) -> float:
    """The part of alpha that one look at a growing study may use.

    Who adds seeds after a `cannot_tell` and looks again gets another chance to be wrong. Shares of
    3/4, 3/16, 3/64 ... add up to alpha over however many looks (an alpha-spending rule after Lan
    and DeMets 1983, with the bound of Bonferroni); most goes to the first, often the only one.

    Args:
        look: 1 for the verdict on the seeds that were planned, one more after each addition.
        alpha: accepted probability of any false claim over all looks, 0..1.
    """
    return 0.75 * alpha * 0.25 ** (look - 1)


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """Two-sided p value of the sign-flip permutation test (Fisher 1935).

    Without an effect each difference could as well have had the other sign. Needs no normal
    distribution, so one odd seed can't make a claim. All flips are tried for up to 14 seeds, else
    20,000 drawn ones that are always the same; the observed signs count as one of them (Phipson and
    Smyth 2010).

    Args:
        differences: one per seed, finite.

    Returns:
        2 / 2**seeds .. 1; None below 6 seeds, where .05 can't be reached.
    """
    n = len(differences)
    if n < FEWEST_SIGN_FLIPS:
        return None
    sizes = np.sort(np.abs(differences))
    exact = n <= _MOST_EXACT_FLIPS
    sums = np.abs(_flips(n, exact) @ sizes)
    observed = abs(math.fsum(differences)) - 1e-12 * sizes.sum()
    as_far = int(np.sum(sums >= observed))
    return as_far / len(sums) if exact else (as_far + 1) / (len(sums) + 1)


def seeds_needed(
    differences: Sequence[float], alpha_level: float, power: float = 0.8, resolution: float = 0.0
) -> int | None:
    """About how many seeds in all would show an effect of the observed size.

    The smallest number at which a paired t test finds it with the wanted power (non-central t;
    Cohen 1988, section 2.3), if mean and standard deviation stayed as they are. Both are rough
    after a few seeds, and so is the answer.

    Args:
        differences: one per seed, at least two, finite.
        alpha_level: two-sided level at which the difference is judged.
        power: wanted probability to find it, 0..1.
        resolution: see `paired_interval`.

    Returns:
        3..200; None if more are needed, or if nothing varied.
    """
    mean, spread = abs(_mean(differences)), _spread(differences, resolution)
    if mean == 0 or spread == 0:
        return None

    def is_enough(seeds: int) -> bool:
        needed = special.stdtrit(seeds - 1, 1 - alpha_level / 2)
        # Far above a million scipy gives NaN; there nothing is missed any more.
        shift = min(mean / spread * math.sqrt(seeds), 1e6)
        return bool(special.nctdtr(seeds - 1, shift, needed) <= 1 - power)

    counts = range(FEWEST_PAIRS, MOST_SEEDS + 1)
    found = bisect_left(counts, True, key=is_enough)
    return counts[found] if found < len(counts) else None


def _mean(differences: Sequence[float]) -> float:
    """Exactly rounded, so the order of the seeds can't matter."""
    return math.fsum(differences) / len(differences)


def _spread(differences: Sequence[float], resolution: float) -> float:
    """Standard deviation of the differences, at least that of rounding; 0 if nothing is known."""
    if len(differences) < 2:
        return 0.0
    mean = _mean(differences)
    squares = math.fsum((difference - mean) ** 2 for difference in differences)
    spread = math.sqrt(squares / (len(differences) - 1))
    if spread <= _NO_SPREAD * abs(mean):
        spread = 0.0
    return max(spread, resolution / math.sqrt(6))


@lru_cache(maxsize=4)
def _flips(n: int, exact: bool) -> np.ndarray:
    """(flips, n) float64 signs: every flip, or as many as are drawn."""
    if exact:
        return 1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    return np.random.default_rng(0).choice([-1.0, 1.0], (_DRAWN_FLIPS, n))
