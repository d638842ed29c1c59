"""Verdicts: does an arm help, hurt, or can't it be told, on one metric chosen before the launch.

The rules, each against one way to fool oneself:

- An arm is compared with the reference seed by seed, so that what a seed does to both cancels.
- No claim below three seeds that both arms have.
- Holm's procedure over all arms of the study: the chance that a study without any effect makes any
  claim at all is at most alpha, not that of each arm.
- From six seeds on the sign-flip test must agree, so that one odd seed can't make a claim; at a
  stricter level only from as many seeds on as it can reach that level with.
- A few equal differences of a rounded accuracy are no proof (see `paired_interval`).

The promise holds for one look, at the seeds that were planned. Who adds seeds because a verdict was
`cannot_tell` and looks again claims falsely more often, unless each look gets its own part of alpha
(`statistics.alpha_of_look`). Nor does it hold between a mean and rare collapses: where an arm is a
little better but fails completely with one seed in ten, few seeds may show no collapse at all. Both
are measured in `tests/benchmarks/verdicts.py`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.study.scopes import NOT_KEPT, ScopedInterval, scoped, without_interval
from cnnlab.study.statistics import (
    FEWEST_PAIRS,
    Interval,
    holm,
    holm_levels,
    paired_interval,
    seeds_needed,
    sign_flip_p,
)
from cnnlab.study.wording import (
    CANNOT_TELL_YET,
    METRICS,
    REFERENCE,
    SAID,
    Metric,
    claim,
    doubt,
)

__all__ = ["METRICS", "Comparison", "Metric", "Summary", "Verdict", "compare", "summary"]

WORTH_WAITING_SEEDS = 50
"""Where more further seeds than this would be needed, the answer is how small the effect is."""

_COMPARED = "the others are compared with it"


class Verdict(StrEnum):
    """What is known of an arm against the reference."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_DIFFERENCE = "no_difference"
    CANNOT_TELL = "cannot_tell"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Comparison:
    """One arm against the reference on one metric.

    Attributes:
        arm: its name.
        metric: name of the metric.
        seeds: pairs that were compared; of the reference, its values.
        mean: mean difference, arm minus reference, in the metric's own units (accuracy as a
            fraction); None without pairs and for the reference.
        low: lower end of the interval; None below three pairs, for the reference, and where all
            differences are equal and the metric has no resolution. `high`, `confidence` and the p
            values likewise.
        high: upper end of the interval.
        confidence: of the interval, 0..1, as Holm's procedure gives it to this arm.
        p: of the paired t test of this arm alone.
        p_adjusted: for all arms of the study (Holm); a claim needs at most alpha.
        sign_flip_p: None below six pairs.
        verdict: None where the metric makes no verdict and a difference was found (`words` says
            which).
        more_seeds: about how many more would tell; None where told, or not worth it.
        words: the verdict as one plain sentence.
        primary: whether this is the metric chosen before the launch; the promise on false claims
            holds for it alone.
        these_images: the difference on these validation images, whose seeds are random.
        new_images: on new images of this kind: seeds and images are random.
        is_open: whether planned runs are missing, so that nothing is judged yet.
    """

    arm: str
    metric: ComparedMetric
    seeds: int
    mean: float | None
    low: float | None
    high: float | None
    confidence: float | None
    p: float | None
    p_adjusted: float | None
    sign_flip_p: float | None
    verdict: Verdict | None
    more_seeds: int | None
    words: str
    primary: bool
    these_images: ScopedInterval
    new_images: ScopedInterval
    is_open: bool = False

    @property
    def is_early(self) -> bool:
        """Whether nothing can be told yet: there isn't even an interval."""
        return self.verdict is Verdict.CANNOT_TELL and self.low is None

    @property
    def said(self) -> str:
        """The verdict in a word or two, such as `helps` or `can't tell yet`."""
        if self.is_early:
            return CANNOT_TELL_YET
        return SAID[self.verdict or Verdict.CANNOT_TELL]


@dataclass(frozen=True)
class Summary:
    """Values of one arm over its seeds.

    Attributes:
        mean: None without any value.
        sd: sample standard deviation; None below two values.
    """

    mean: float | None
    sd: float | None


@dataclass(frozen=True)
class _Rules:
    metric: Metric
    alpha: float
    next_alpha: float
    resolution: float
    primary: bool


def compare(  # noqa: PLR0913 - what a verdict rests on
    values: Mapping[str, Mapping[int, float]],
    reference: str,
    metric: Metric,
    *,
    alpha: float = 0.05,
    next_alpha: float | None = None,
    resolution: float = 0.0,
    primary: bool = True,
) -> dict[str, Comparison]:
    """Compare every arm with the reference, paired by seed.

    Args:
        values: the metric by arm and seed. Name all arms of the study, also those without values
            yet: the more arms there are, the more each must show. Values that aren't finite (a run
            that exploded) are left out.
        reference: name of the arm that the others are compared with.
        metric: one of `METRICS`.
        alpha: accepted probability that a study without any effect makes a claim, 0..1; where seeds
            were added after a verdict, `alpha_of_look`.
        next_alpha: the same for the look after more seeds, which their number is estimated for;
            default is `alpha`.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
        primary: whether this metric was chosen before the launch. Computed alike; noted only.

    Returns:
        By arm, in the given order.

    Raises:
        BadInputError: the study has no arm of the reference's name.
    """
    if reference not in values:
        raise BadInputError(
            f"The study has no arm {reference!r} to compare with: name one of {', '.join(values)}."
        )
    rules = _Rules(metric, alpha, next_alpha or alpha, resolution, primary)
    differences = {
        arm: _differences(by_seed, values[reference])
        for arm, by_seed in values.items()
        if arm != reference
    }
    p_values = [_chance(found, rules) for found in differences.values()]
    held = dict(
        zip(
            differences,
            zip(holm(p_values), holm_levels(p_values, alpha), strict=True),
            strict=True,
        )
    )
    return {
        arm: _reference(arm, by_seed, rules)
        if arm == reference
        else _judge(arm, differences[arm], *held[arm], rules)
        for arm, by_seed in values.items()
    }


def summary(values: Mapping[int, float]) -> Summary:
    """Mean and sample standard deviation of an arm's finite values by seed."""
    finite = [value for value in values.values() if math.isfinite(value)]
    return Summary(
        mean=float(np.mean(finite)) if finite else None,
        sd=float(np.std(finite, ddof=1)) if len(finite) > 1 else None,
    )


def _differences(arm: Mapping[int, float], reference: Mapping[int, float]) -> list[float]:
    pairs = ((arm[seed], reference[seed]) for seed in sorted(arm.keys() & reference.keys()))
    return [a - b for a, b in pairs if math.isfinite(a) and math.isfinite(b)]


def _chance(differences: list[float], rules: _Rules) -> float:
    """P value of the t test; 1 where nothing may be claimed yet."""
    if len(differences) < FEWEST_PAIRS:
        return 1.0
    p = paired_interval(differences, 1 - rules.alpha, resolution=rules.resolution).p
    return 1.0 if p is None else p


def _reference(arm: str, by_seed: Mapping[int, float], rules: _Rules) -> Comparison:
    return Comparison(
        arm=arm,
        metric=rules.metric.name,
        seeds=sum(map(math.isfinite, by_seed.values())),
        mean=None,
        low=None,
        high=None,
        confidence=None,
        p=None,
        p_adjusted=None,
        sign_flip_p=None,
        more_seeds=None,
        verdict=Verdict.REFERENCE,
        words=REFERENCE,
        primary=rules.primary,
        these_images=without_interval("these_images", None, _COMPARED),
        new_images=without_interval("new_images", None, _COMPARED),
    )


def _judge(
    arm: str, differences: list[float], p_adjusted: float, level: float, rules: _Rules
) -> Comparison:
    n = len(differences)
    found = paired_interval(differences, 1 - level, resolution=rules.resolution)
    if n < FEWEST_PAIRS:
        found = Interval(found.mean, None, None, None, n, found.confidence)
    flips = sign_flip_p(differences) if found.p is not None else None
    agrees = flips is None or flips <= rules.alpha or 2.0 ** (1 - n) > rules.alpha
    told = p_adjusted <= rules.alpha and agrees
    more = None if told else _more_seeds(differences, level, rules)
    return Comparison(
        arm=arm,
        metric=rules.metric.name,
        seeds=n,
        mean=found.mean,
        low=found.low,
        high=found.high,
        confidence=None if found.p is None else found.confidence,
        p=found.p,
        p_adjusted=None if found.p is None else p_adjusted,
        sign_flip_p=flips,
        verdict=_verdict(found, rules.metric) if told else Verdict.CANNOT_TELL,
        more_seeds=more,
        words=claim(found, rules.metric) if told else doubt(found, more, rules.metric),
        primary=rules.primary,
        these_images=scoped("these_images", found),
        new_images=without_interval("new_images", found.mean, NOT_KEPT),
    )


def _more_seeds(differences: list[float], level: float, rules: _Rules) -> int | None:
    if len(differences) < FEWEST_PAIRS:
        return FEWEST_PAIRS - len(differences)
    level *= rules.next_alpha / rules.alpha  # Holm's part of it, at the next look
    needed = seeds_needed(differences, level, resolution=rules.resolution)
    if needed is None or needed - len(differences) > WORTH_WAITING_SEEDS:
        return None
    return max(1, needed - len(differences))


def _verdict(found: Interval, metric: Metric) -> Verdict | None:
    if metric.higher_is_better is None or found.mean is None:
        return None
    return Verdict.HELPS if (found.mean > 0) == metric.higher_is_better else Verdict.HURTS
