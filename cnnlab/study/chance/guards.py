"""What the t tests take for granted and a study's own data may contradict.

A t test asks whether the mean of the seeds could be 0. With few seeds of a lopsided spread it errs
more often than it says: the far-off runs that would pull the mean back haven't happened yet. No
test of a mean can be right for all spreads (Bahadur and Savage 1956). What can be seen is:

- a seed far off all others is a collapse, and how often that happens isn't known from a few seeds;
- differences of all arms together that lean to one side: then a claim to the other side must hold
  for the skew-adjusted t of Johnson (1978) in the monotone form of Hall (1992) too.

A collapse that hasn't happened in any seed can't be seen: `most_collapses` says how often it could.
"""

import math
from collections.abc import Sequence

import numpy as np
import scipy

from cnnlab.study.chance.paired import FEWEST_PAIRS, mean_of

LEANS = 2.0
"""Standard errors of the pooled skewness from which on differences lean."""
_FAR, _ROBUST = 10.0, 1.4826
_FEWEST_LEANING, _MOST_SKEW = 5, 2.0


def collapsed(differences: Sequence[Sequence[float]], least: float) -> list[list[int]]:
    """The seeds far off the others of their arm, by position, for each arm.

    Far off is more than ten robust standard deviations (1.4826 times the median distance from the
    arm's median, over all arms) and more than `least`. One scale serves all arms, as a few seeds of
    one don't give any; an arm that wavers far more than the others may be withheld for it.

    Args:
        differences: of each arm by seed; arms may have different numbers.
        least: a distance that is never far, in the metric's own units.
    """
    off = [np.asarray(of_arm) - np.median(of_arm) for of_arm in differences if len(of_arm)]
    if not off:
        return [[] for _ in differences]
    far = max(_FAR * _ROBUST * float(np.median(np.abs(np.concatenate(off)))), least)
    return [
        [number for number, value in enumerate(of_arm) if abs(value - np.median(of_arm)) > far]
        if len(of_arm) >= FEWEST_PAIRS
        else []
        for of_arm in differences
    ]


def most_collapses(seeds: int) -> float:
    """How often something may happen that hasn't in any of so many seeds, 0..1: 1 - .05**(1 / n).

    The upper end of the one-sided 95 % interval (Clopper and Pearson 1934).
    """
    return 1 - float(0.05 ** (1 / seeds))


def leaning(differences: Sequence[Sequence[float]]) -> float:
    """The skewness that all arms' differences share, where they lean significantly; else 0.

    The mean of the arms' sample skewnesses against its standard error under normal noise, with the
    arms' correlations (they share the reference). One arm alone can't tell, nor can few seeds.

    Args:
        differences: of each arm, with the same seeds in the same order; else nothing is told.

    Returns:
        Positive where far-off seeds are better for the arms; within -2..2.
    """
    seeds = len(differences[0]) if differences else 0
    alike = all(len(of_arm) == seeds for of_arm in differences)
    if len(differences) < 2 or seeds < _FEWEST_LEANING or not alike:
        return 0.0
    rest = np.array([[value - mean_of(of_arm) for value in of_arm] for of_arm in differences])
    spread = np.sqrt((rest**2).sum(axis=1, keepdims=True) / (seeds - 1))
    if not (spread > 0).all():
        return 0.0
    scaled = rest / spread
    skews = (scaled**3).sum(axis=1) * seeds / ((seeds - 1) * (seeds - 2))
    shared = float((np.clip(scaled @ scaled.T / (seeds - 1), 0, 1) ** 3).mean())
    variance = 6 * seeds * (seeds - 1) / ((seeds - 2) * (seeds + 1) * (seeds + 3)) * shared
    skew = float(skews.mean())
    if abs(skew) <= LEANS * math.sqrt(variance):
        return 0.0
    return max(-_MOST_SKEW, min(_MOST_SKEW, skew))


def skewed_p(statistic: float, seeds: int, skew: float) -> float:
    """Two-sided p value of a t statistic against the lean, adjusted for the skewness.

    Args:
        statistic: mean / standard error.
        seeds: that it rests on.
        skew: of the differences, from `leaning`.

    Returns:
        That of the plain t test where there is no skew or the claim goes with it; 1 where the
        adjusted statistic changes its side.
    """
    adjusted = statistic
    if skew * statistic < 0:
        size = statistic / math.sqrt(seeds)
        shift = skew / 3 * size**2 + skew**2 / 27 * size**3 + skew / (6 * seeds)
        adjusted = math.sqrt(seeds) * (size + shift)
    if adjusted * statistic <= 0:
        return 1.0
    return 2 * float(scipy.special.stdtr(seeds - 1, -abs(adjusted)))
