"""What an interval is about: these validation images, or new images of this kind."""

from dataclasses import dataclass

from cnnlab.domain.study import About
from cnnlab.domain.words import exact_percent
from cnnlab.study.chance.paired import Interval
from cnnlab.study.wording import SCOPES, TOO_FEW_TO_WATCH, Metric, difference_words

NOT_KEPT = (
    "what its runs said of each validation image wasn't kept, can't be read or is of other images "
    "than the reference's"
)
"""Why nothing is known about new images: runs of earlier versions, another split."""
OTHER_FOR_EACH_SEED = (
    "each seed has validation images of its own, so that no image is judged by all runs: only the "
    "same split for all seeds tells"
)
"""The same of a study whose seeds are split anew."""
NO_WATCHING = "no interval about them may be looked at after every seed, as this study's may"
"""Why nothing is known about new images in a study that is watched."""
_ALL_ALIKE = "every seed gave the same, so nothing is known about chance"


@dataclass(frozen=True)
class ScopedInterval:
    """The difference of an arm from the reference, as one scope sees it.

    Attributes:
        scope: what it is about.
        mean: arm minus reference, in the metric's own units; None without pairs.
        low: lower end of the interval; None where there is none, `high` and `confidence` likewise.
        high: upper end.
        confidence: 0..1.
        reason: why there is no interval, as half a sentence; empty where there is one.
    """

    scope: About
    mean: float | None
    low: float | None
    high: float | None
    confidence: float | None
    reason: str = ""

    def words(self, metric: Metric) -> str:
        """'On these validation images: +1.2 points (+0.4 to +2.0), 95 % interval.' and its like."""
        where = SCOPES[self.scope]
        if self.mean is None or self.low is None or self.high is None or self.confidence is None:
            return f"{where}: can't tell, because {self.reason}."
        found = difference_words(self.mean, self.low, self.high, metric)
        return f"{where}: {found}, {exact_percent(self.confidence)} interval."


def scoped(scope: About, found: Interval) -> ScopedInterval:
    """An interval as the one of a scope."""
    if found.estimate is None:
        reason = _ALL_ALIKE if found.p is None else TOO_FEW_TO_WATCH
        return without_interval(scope, found.mean, reason)
    return ScopedInterval(scope, *found.estimate, found.confidence)


def without_interval(scope: About, mean: float | None, reason: str) -> ScopedInterval:
    """What is left where a scope has no interval, with the reason."""
    return ScopedInterval(scope, mean, None, None, None, reason)
