"""Comparisons as a study's page is given them, without any runs behind them."""

from cnnlab.domain.study import MARGINS
from cnnlab.study.scopes import NOT_KEPT, ScopedInterval, without_interval
from cnnlab.study.verdicts import Comparison, Verdict


def made_comparison(
    arm,
    mean,
    *,
    these=None,
    new=None,
    verdict=Verdict.CANNOT_TELL,
    words="Can't tell.",
    metric="val_accuracy",
    scope="these_images",
):
    """An arm with the intervals that are given, in the metric's own units, at 95 %."""
    both = {"these_images": _scoped("these_images", mean, these)}
    both["new_images"] = _scoped("new_images", mean, new)
    chosen = both[scope]
    return Comparison(
        arm=arm,
        metric=metric,
        seeds=3,
        mean=mean,
        low=chosen.low,
        high=chosen.high,
        confidence=chosen.confidence,
        p=None,
        p_adjusted=None,
        verdict=verdict,
        more_seeds=None,
        words=words,
        primary=True,
        margin=MARGINS[metric][1],
        scope=scope,
        **both,
    )


def _scoped(scope, mean, ends):
    if ends is None:
        return without_interval(scope, mean, NOT_KEPT)
    return ScopedInterval(scope, mean, *ends, 0.95)
