"""How many seeds would tell, if an effect is as large as it looks."""

import math
from bisect import bisect_left
from collections.abc import Sequence

import scipy

from cnnlab.domain.study import MOST_SEEDS
from cnnlab.study.chance.paired import FEWEST_PAIRS, mean_of, spread_of

POWER = 0.8
"""Wanted probability that the next look tells."""
SURE = 0.8
"""That an effect is at least as large as the larger number of seeds takes for granted."""


def seeds_needed(
    differences: Sequence[float], level: float, *, resolution: float = 0.0
) -> tuple[int, int] | None:
    """About how many seeds in all would tell: from as large as it looks to as small as it may be.

    The smallest numbers at which a paired t test finds the effect with a probability of .8
    (non-central t; Cohen 1988, section 2.3): of the observed size in standard deviations, and of
    the lower 80 % limit of that size (Steiger and Fouladi 1997, inverting the non-central t). The
    observed size of what couldn't be told is too large on average, the more so the fewer the seeds,
    so the larger number is the one to plan with.

    Args:
        differences: one per seed, at least two, finite.
        level: two-sided level at which the difference will be judged at the next look, 0..1.
        resolution: see `paired_estimate`.

    Returns:
        Both 3..50, the smaller first; None where even 50 seeds may be too few, or if nothing
        varied.
    """
    n, mean, spread = (
        len(differences),
        abs(mean_of(differences)),
        spread_of(differences, resolution),
    )
    if mean == 0 or spread == 0:
        return None
    least = float(scipy.special.nctdtrinc(n - 1, SURE, min(mean / spread * math.sqrt(n), 1e3)))
    if not least > 0:
        return None
    found = (_enough(mean / spread, level), _enough(least / math.sqrt(n), level))
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def _enough(size: float, level: float) -> int | None:
    """The fewest seeds that find an effect of so many standard deviations, up to 50."""

    def is_enough(seeds: int) -> bool:
        needed = scipy.special.stdtrit(seeds - 1, 1 - level / 2)
        # Far above a million scipy gives NaN; there nothing is missed any more.
        shift = min(size * math.sqrt(seeds), 1e6)
        return bool(scipy.special.nctdtr(seeds - 1, shift, needed) <= 1 - POWER)

    counts = range(FEWEST_PAIRS, MOST_SEEDS + 1)
    found = bisect_left(counts, True, key=is_enough)
    return counts[found] if found < len(counts) else None
