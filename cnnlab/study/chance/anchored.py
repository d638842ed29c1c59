"""How far luck carries arms, told by their images too: more power where seeds are few.

With three seeds the spread of one arm's differences is known so badly that a paired t test finds
next to nothing among several arms. Each seed also says which images an arm gains or loses. If
images flipped independently, the mean difference of a seed would have the variance g = (sum over
the images of the variance over seeds) / N**2, which is known well. Images don't flip independently:
the true variance is a multiple of g, much alike for the arms of a study. This ratio is estimated
from all arms together, so that its degrees of freedom are those of all arms: A (S - 1) / (1 + (A -
1) / 4), as differences from one reference correlate by about a half and their squares by a quarter.

No ratio is taken for likely beforehand: a prior (3 degrees of freedom at 1.6) made up to 6.8 %
false claims where the true ratio is another, without it up to 5.6 %, for a power of 36 instead of
44 % (5 arms, 3 seeds, effects of two paired standard deviations; the paired t alone: 15 %).

Arms are judged step by step against the studentized maximum modulus (Sidak 1967), which holds
whichever way arms correlate; Dunnett's test, which knows how, would gain a point. An arm's own
paired t must agree, so that an arm that wavers more than the others is held by it: at the whole
level with three seeds, and the stricter the more seeds there are, as more is known of each arm
(`seeds_share`). At the whole level with eight seeds too, up to 6.7 % of studies whose arms waver
unlike each other (the last eight times as much as the first) claimed something falsely; as it is up
to 5.5 %. What it can't mend: with three seeds of a reference of a very lopsided spread 6 to 11 % of
studies claim something falsely; each arm alone by Holm's procedure makes fewer there, 0 to 4.5 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy

from cnnlab.study.chance.paired import FEWEST_PAIRS, Estimate

_SHARED = 0.25
"""Square of the correlation of two arms' differences from one reference."""
_DIFFER = 0.01
"""Level of Bartlett's test below which ratios differ too much to be one."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_HALVINGS = 60


@dataclass(frozen=True)
class Judged:
    """One arm, judged among the others.

    Attributes:
        estimate: of its difference, whose interval leaves out 0 where it is claimed; None where
            nothing is known.
        p_adjusted: for all arms; a claim needs at most alpha.
        level: at which this arm is judged, two-sided, 0..1.
    """

    estimate: Estimate | None
    p_adjusted: float
    level: float


def flips(on_images: np.ndarray) -> float:
    """Variance that a seed's mean difference would have if images flipped independently.

    Args:
        on_images: (seeds, images) float, arm minus reference of each seed on each image.
    """
    spread, images = on_images.astype(np.float64).var(axis=0, ddof=1), on_images.shape[1]
    found: float = float(spread.sum()) / (images * images)
    return found


def anchored(
    estimates: Sequence[Estimate], of_flips: Sequence[float | None], alpha: float
) -> list[Judged] | None:
    """All arms judged together, in the given order; None where each can only be judged alone.

    That is where there are more than two seeds for each arm, so that each knows enough of itself,
    where arms have other numbers of seeds or too few, where nothing is known of their images, and
    where the ratios differ strongly (Bartlett's test).

    Args:
        estimates: of each arm, by its seeds alone.
        of_flips: by arm, from `flips`; None where what runs said of each image isn't known.
        alpha: accepted probability that any arm is claimed falsely, 0..1.
    """
    arms, seeds = len(estimates), {found.n for found in estimates}
    if not arms or len(seeds) > 1 or not FEWEST_PAIRS <= min(seeds) <= most_seeds(arms):
        return None
    anchors = [one for one in of_flips if one]
    if len(anchors) < arms or not all(found.error for found in estimates):
        return None
    n = seeds.pop()
    squares = [n * found.error**2 for found in estimates]
    ratios = [own / anchor for own, anchor in zip(squares, anchors, strict=True)]
    if _differ(ratios, n - 1):
        return None
    ratio, df = math.fsum(ratios) / arms, arms * (n - 1) / (1 + (arms - 1) * _SHARED)
    own = alpha * seeds_share(n)
    together = [
        Estimate(found.mean, math.sqrt(ratio * anchor / n), df, n, found.error, own)
        for found, anchor in zip(estimates, anchors, strict=True)
    ]
    return _stepped(together, df, alpha)


def most_seeds(arms: int) -> int:
    """Up to how many seeds so many arms are judged together: beyond it that finds less."""
    return 2 * arms


def seeds_share(seeds: int) -> float:
    """The share of the level at which an arm's own seeds must agree, 0..1."""
    return FEWEST_PAIRS / seeds


def largest_p(statistic: float, arms: int, df: float) -> float:
    """Chance that the largest of so many independent |t| with a common error is at least this."""
    inside: np.ndarray = 2 * scipy.special.ndtr(statistic * _scales(df)) - 1
    return float(_WEIGHTS @ (1 - inside**arms)) / 2


@lru_cache(maxsize=1024)
def largest_level(alpha: float, arms: int, df: float) -> float:
    """Two-sided level of each arm at which the largest of so many passes with a chance of alpha."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):  # over the logistic of the statistic's logarithm: 0 to infinity
        middle = (low + high) / 2
        if largest_p(middle / (1 - middle), arms, df) > alpha:
            low = middle
        else:
            high = middle
    return 2 * float(scipy.special.stdtr(df, -high / (1 - high)))


@lru_cache(maxsize=64)
def _scales(df: float) -> np.ndarray:
    """(nodes,) quantiles of the estimated standard deviation, by that of the truth."""
    found: np.ndarray = np.sqrt(scipy.special.gammaincinv(df / 2, (_NODES + 1) / 2) * 2 / df)
    return found


def _stepped(estimates: list[Estimate], df: float, alpha: float) -> list[Judged]:
    """The largest statistic against that of all arms, the next against that of the rest, ..."""
    statistics = [abs(found.mean or 0.0) / found.error for found in estimates]
    order = sorted(range(len(estimates)), key=lambda arm: -statistics[arm])
    adjusted, levels, so_far, stopped = dict[int, float](), dict[int, float](), 0.0, 0
    for rank, arm in enumerate(order):
        so_far = max(so_far, largest_p(statistics[arm], len(order) - rank, df))
        adjusted[arm] = so_far
        levels[arm] = largest_level(alpha, len(order) - (rank if so_far <= alpha else stopped), df)
        stopped += so_far <= alpha
    share = seeds_share(estimates[0].n)
    return [
        Judged(found, max(adjusted[arm], min(1.0, found.p_of_seeds / share)), levels[arm])
        for arm, found in enumerate(estimates)
    ]


def _differ(ratios: Sequence[float], df: int) -> bool:
    """Whether variances of so many degrees of freedom differ (Bartlett 1937), at `_DIFFER`."""
    arms = len(ratios)
    mean = math.fsum(ratios) / arms
    found = df * (arms * math.log(mean) - math.fsum(map(math.log, ratios)))
    found /= 1 + (arms + 1) / (3 * arms * df)
    return float(scipy.special.chdtrc(arms - 1, found)) < _DIFFER
