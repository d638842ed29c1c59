"""How likely an arm is better than the reference on a fresh run: the number to plan with.

A verdict is about means; whoever trains once more asks another thing: with a new seed, both trained
anew with it, which one wins? Where paired differences are normal, that is Phi(mean / standard
deviation) of the truth. The interval inverts the noncentral t distribution of mean / standard
deviation (Steiger and Fouladi 1997), and the number shown is the value that half of all studies
would lie below: it lies within the interval always. The interval holds the truth in 93.9 to 95.8 %
of simulated studies (`tests/study/chance/test_fresh_run.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import scipy

from cnnlab.domain.words import percent
from cnnlab.study.chance.paired import FEWEST_PAIRS, mean_of, spread_of

CONFIDENCE = 0.95
ALONE = (
    "On a fresh run: of each arm alone, with a 95 % interval, not adjusted for several arms or "
    "several looks."
)
"""What holds for all of these probabilities, said once beside them."""
_FURTHEST = 60.0
"""Statistics beyond it differ by nothing that is shown."""
_HALVINGS = 60
_RAREST = 1e-4
"""Nothing is told to be surer than this: a few seeds can't."""


@dataclass(frozen=True)
class BetterNext:
    """The probability that an arm is better than the reference on a fresh run.

    Attributes:
        probability: 0..1, median-unbiased.
        low: lower end of its 95 % interval.
        high: upper end.
    """

    probability: float
    low: float
    high: float

    def words(self, reference: str, label: str) -> str:
        """'On a fresh run, ..., it beats baseline by gap with a probability of 93 % (61 % ...).'.

        Args:
            reference: name of the arm that it is compared with.
            label: of the metric.
        """
        told = (self.probability, self.low, self.high)
        shown, low, high = (
            percent(min(max(share, _RAREST), 1 - _RAREST), decimals=0) for share in told
        )
        return (
            f"On a fresh run, both trained anew with one new seed, it beats {reference} by {label} "
            f"with a probability of {shown} ({low} to {high})."
        )


def better_next(
    differences: Sequence[float], *, higher_is_better: bool, resolution: float = 0.0
) -> BetterNext | None:
    """From paired differences; None with fewer than three, or where nothing varied.

    Args:
        differences: arm minus reference, one per seed, finite.
        higher_is_better: of the metric.
        resolution: see `paired_estimate`.
    """
    n = len(differences)
    spread = spread_of(differences, resolution)
    if n < FEWEST_PAIRS or spread == 0:
        return None
    side = 1 if higher_is_better else -1
    statistic = side * mean_of(differences) / spread * math.sqrt(n)
    statistic = max(-_FURTHEST, min(_FURTHEST, statistic))
    tail = (1 - CONFIDENCE) / 2
    low, middle, high = (
        float(scipy.special.ndtr(_effect(statistic, n, below) / math.sqrt(n)))
        for below in (1 - tail, 0.5, tail)
    )
    return BetterNext(middle, low, high)


def _effect(statistic: float, n: int, below: float) -> float:
    """The noncentrality with which a t statistic of n values lies below this one so often."""
    low, high = -4 * _FURTHEST, 4 * _FURTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _below(statistic, n - 1, middle) > below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(statistic: float, df: int, effect: float) -> float:
    """P(t <= statistic) of the noncentral t distribution; mirrored, as scipy takes effects >= 0."""
    if effect < 0:
        return 1 - float(scipy.special.nctdtr(df, -effect, -statistic))
    return float(scipy.special.nctdtr(df, effect, statistic))
