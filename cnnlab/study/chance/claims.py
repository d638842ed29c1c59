"""Claims of a textbook against what seeds measured: one holds, it doesn't, or it can't be told.

A claim says that a number is above zero: how much smaller weights are, how much of a gap is closed.
Each seed gives one such number. The claim holds where their t interval (Student 1908) lies above
zero, and doesn't where it lies below what would matter, which is fixed before the launch; else it
can't be told. Either is said wrongly with at most half of alpha. A claim that is true or false of
each seed is judged by the share of seeds of which it is true (Clopper and Pearson 1934).

As in `verdicts`, nothing is told below three seeds, nor where one lies far off the others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import scipy

from cnnlab.study.chance.guards import collapsed
from cnnlab.study.chance.paired import FEWEST_PAIRS, paired_interval

MOSTLY = 0.5
"""A claim about single seeds holds where it is true of more than this share of them."""


class Outcome(StrEnum):
    """What is known of a claim."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does_not_hold"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class JudgedClaim:
    """A claim and what it rests on.

    Attributes:
        outcome: what is known of it.
        mean: of the numbers, or the share of seeds of which it is true; None without any.
        low: lower end of the interval; None where chance can't be judged, like `high`.
        high: upper end.
        confidence: of the interval, 0..1.
        seeds: how many it rests on.
        is_small: whether it holds, and by less than what matters.
        why_not: why nothing is told, as half a sentence; empty where the interval alone is why.
    """

    outcome: Outcome
    mean: float | None
    low: float | None
    high: float | None
    confidence: float
    seeds: int
    is_small: bool = False
    why_not: str = ""


def judge_claim(
    values: Sequence[float],
    *,
    alpha: float,
    matters: float,
    never_far: float,
    resolution: float = 0.0,
) -> JudgedClaim:
    """Whether a number is above zero.

    Args:
        values: one per seed, finite; above zero speaks for the claim.
        alpha: accepted probability that anything is said wrongly, 0..1.
        matters: up to it the number is none that matters, above 0, in its own units.
        never_far: a distance from the other seeds that is no collapse, likewise.
        resolution: smallest step of what the numbers are differences of; 0 for none.
    """
    found = paired_interval(values, 1 - alpha, resolution=resolution)
    outcome, why_not = Outcome.CANNOT_TELL, ""
    if found.n < FEWEST_PAIRS:
        why_not = too_few_words(found.n)
    elif collapsed([values], never_far)[0]:
        why_not = "a seed lies far off the others, and how often that happens decides"
    elif found.low is None or found.high is None:
        why_not = "every seed gave exactly the same, so nothing is known about chance"
    elif found.low > 0:
        outcome = Outcome.HOLDS
    elif found.high < matters:
        outcome = Outcome.DOES_NOT_HOLD
    is_small = outcome is Outcome.HOLDS and (found.high or 0.0) < matters
    return JudgedClaim(
        outcome, found.mean, found.low, found.high, found.confidence, found.n, is_small, why_not
    )


def judge_share(is_true: Sequence[bool], *, alpha: float) -> JudgedClaim:
    """Whether a claim is true of more than half of all seeds that there are.

    With six seeds all of them have to agree at an alpha of 5 %, with nine all but one.

    Args:
        is_true: of each seed.
        alpha: accepted probability that anything is said wrongly, 0..1.
    """
    seeds, true = len(is_true), sum(is_true)
    if not seeds:
        return JudgedClaim(
            Outcome.CANNOT_TELL, None, None, None, 1 - alpha, 0, why_not=too_few_words(0)
        )
    low = float(scipy.special.betaincinv(true, seeds - true + 1, alpha / 2)) if true else 0.0
    high = float(scipy.special.betaincinv(true + 1, seeds - true, 1 - alpha / 2))
    high = 1.0 if true == seeds or math.isnan(high) else high
    outcome = Outcome.CANNOT_TELL
    if seeds >= FEWEST_PAIRS and low > MOSTLY:
        outcome = Outcome.HOLDS
    elif seeds >= FEWEST_PAIRS and high < MOSTLY:
        outcome = Outcome.DOES_NOT_HOLD
    why_not = too_few_words(seeds) if seeds < FEWEST_PAIRS else ""
    return JudgedClaim(outcome, true / seeds, low, high, 1 - alpha, seeds, why_not=why_not)


def too_few_words(seeds: int) -> str:
    """Why so few seeds tell nothing."""
    said = ("no seed has ended", "1 seed proves nothing", "2 seeds prove nothing")[seeds]
    return f"{said}, and {FEWEST_PAIRS} are needed"
