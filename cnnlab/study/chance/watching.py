"""Verdicts that may be looked at after every seed: an anytime-valid t test.

Who looks at a p value again and again finds an effect in noise sooner or later: 16.5 % of studies
without any by 20 seeds. An e-value is a bet against 'no difference': however often it is looked at,
the chance that it ever reaches 1 / alpha is at most alpha (Ville 1939). This one bets on effects of
0 +- 2 standard deviations, with a standard deviation that may be anything (the t test of Wang and
Ramdas 2025, Sequential Analysis 44, and Jeffreys' Bayes factor): of a t statistic of n values

    e = sqrt(k) * ((1 + t**2 / (n - 1)) / (1 + k * t**2 / (n - 1))) ** (n / 2),   k = c / (c + n).

Its interval holds every mean that hasn't been bet away. Several arms are corrected by Holm's
procedure, whose p values are 1 / e. It finds about half of what the planned look would.
"""

import math
from dataclasses import dataclass

from cnnlab.study.chance.paired import Estimate, Interval

PRECISION = 0.25
"""1 / variance of the effects that are bet on, in standard deviations of a paired difference."""


@dataclass(frozen=True)
class Watched(Estimate):
    """A mean difference that may be looked at after every seed."""

    @property
    def p(self) -> float | None:
        """1 / e, at most 1: ever as low as alpha in at most alpha of studies without an effect."""
        if self.mean is None or self.error == 0:
            return None
        return min(1.0, math.exp(-self._log_e()))

    def interval(self, confidence: float) -> Interval:
        """The means that haven't been bet away; no ends before there are seeds enough for any.

        Args:
            confidence: that it holds the truth at every look, 0..1.
        """
        if self.mean is None or self.error == 0:
            return Interval(self.mean, None, None, None, self.n, confidence)
        furthest = self._furthest(1 - confidence)
        if furthest == math.inf:
            return Interval(self.mean, None, None, self.p, self.n, confidence)
        reach = math.sqrt(self.df * furthest) * self.error
        return Interval(self.mean, self.mean - reach, self.mean + reach, self.p, self.n, confidence)

    @property
    def _shrinks(self) -> float:
        return PRECISION / (PRECISION + self.n)

    def _log_e(self) -> float:
        square = ((self.mean or 0.0) / self.error) ** 2 / self.df
        told = math.log1p(square) - math.log1p(self._shrinks * square)
        return 0.5 * math.log(self._shrinks) + 0.5 * self.n * told

    def _furthest(self, level: float) -> float:
        """t**2 / (n - 1) of a mean that is just bet away; infinite where none can be."""
        needed = math.exp(2 / self.n * (-math.log(level) - 0.5 * math.log(self._shrinks)))
        left = 1 - self._shrinks * needed
        return (needed - 1) / left if left > 0 else math.inf


def watched(found: Estimate) -> Watched:
    """A paired estimate as one that may be looked at after every seed."""
    return Watched(found.mean, found.error, found.df, found.n)
