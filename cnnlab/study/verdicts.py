"""Verdicts: does an arm help, hurt, make no difference, or can't it be told, on one chosen metric.

The rules, each against one way to fool oneself:

- An arm is compared with the reference seed by seed, so that what a seed does to both cancels.
- No claim below three seeds that both arms have.
- Holm's procedure over all arms of the study: the chance that a study claims anything false at all
  is at most alpha, not that of each arm.
- A few equal differences of a rounded accuracy are no proof (see `paired_estimate`).
- What the t test takes for granted is looked at as far as the data show it (see `guards`).
- That an arm makes no difference is claimed against a margin chosen before the launch only (see
  `equivalence`); that none was found isn't it.
- Seeds alone know these validation images; about new ones less is known (see `two_way`).

The promise holds for one look, at the seeds that were planned; further ones get their own part of
alpha (`looks`). It doesn't hold between a mean and rare collapses that haven't happened yet, nor,
with few seeds, for very lopsided spreads: `tests/benchmarks/verdicts.py` measures both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.holm import holm
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.study import Scope
from cnnlab.study.equivalence import level_of_arm, within_margin
from cnnlab.study.guards import collapsed, leaning, skewed_p
from cnnlab.study.scopes import NOT_KEPT, ScopedInterval, scoped, without_interval
from cnnlab.study.seeds_to_go import seeds_needed
from cnnlab.study.statistics import (
    FEWEST_PAIRS,
    Estimate,
    Interval,
    holm_levels,
    paired_estimate,
)
from cnnlab.study.two_way import needs_images, two_way_estimate
from cnnlab.study.wording import (
    CANNOT_TELL_YET,
    METRICS,
    REFERENCE,
    SAID,
    Metric,
    claim,
    collapse,
    doubt,
    no_difference,
    unknown_scope,
)

__all__ = ["METRICS", "Comparison", "Metric", "Rules", "Summary", "Verdict", "compare", "summary"]

ByArm = Mapping[str, Mapping[int, float]]
Images = Mapping[str, Mapping[int, np.ndarray]]
"""(N,) values of the metric on each validation image, as the runs are judged, by arm and seed."""

_FAR = 5.0
"""Differences this many times the metric's small size off the others are a collapse."""
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
        low: lower end of the interval that the verdict rests on; None below three pairs, for the
            reference, and where all differences are equal and the metric has no resolution. `high`,
            `confidence` and the p values likewise.
        high: upper end of the interval.
        confidence: of the interval, 0..1, as Holm's procedure gives it to this arm; of
            `no_difference` that of two one-sided tests.
        p: of the paired t test of this arm alone.
        p_adjusted: for all arms of the study (Holm), with the guard against lopsided spreads; that
            an arm helps or hurts needs at most alpha.
        verdict: None where the metric makes no verdict and a difference was found (`words` says
            which).
        more_seeds: about how many more would tell, if the effect is at least as large as is likely;
            None where told, and where even 50 seeds may be too few.
        words: the verdict as one plain sentence.
        primary: whether this is the metric chosen before the launch; the promise on false claims
            holds for it alone.
        these_images: the difference on these validation images, whose seeds are random.
        new_images: on new images of this kind: seeds and images are random.
        margin: up to it differences don't matter, in the metric's own units.
        scope: which of the two the verdict is about.
        collapses: seeds that lie far off the others.
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
    verdict: Verdict | None
    more_seeds: int | None
    words: str
    primary: bool
    these_images: ScopedInterval
    new_images: ScopedInterval
    margin: float
    scope: Scope
    collapses: int = 0
    is_open: bool = False

    def in_scope(self, scope: Scope) -> ScopedInterval:
        """The difference as one scope sees it."""
        return self.new_images if scope == "new_images" else self.these_images

    @property
    def is_early(self) -> bool:
        """Whether nothing can be told yet: runs are missing, or there are too few seeds."""
        is_waiting = self.is_open or self.seeds < FEWEST_PAIRS
        return self.verdict is Verdict.CANNOT_TELL and is_waiting

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
class Rules:
    """What the arms of a study are judged by.

    Attributes:
        metric: one of `METRICS`.
        alpha: accepted probability that a study claims anything false, 0..1; of a further look
            what `looks.alpha_of_look` gives.
        next_alpha: the same for the look after more seeds, which their number is estimated for;
            None is `alpha`.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
        margin: differences up to it don't matter, in the metric's own units; None is the metric's.
        scope: what the verdicts are about.
        primary: whether this metric was chosen before the launch. Computed alike; noted only.
    """

    metric: Metric
    alpha: float = 0.05
    next_alpha: float | None = None
    resolution: float = 0.0
    margin: float | None = None
    scope: Scope = "these_images"
    primary: bool = True

    @property
    def matters(self) -> float:
        """Differences up to this don't matter, in the metric's own units."""
        return self.metric.small / self.metric.scale if self.margin is None else self.margin


@dataclass(frozen=True)
class _Pairs:
    """What is known of one arm before any level is chosen."""

    differences: list[float]
    on_these: Estimate
    on_new: Estimate | None

    def chosen(self, scope: Scope) -> Estimate | None:
        return self.on_these if scope == "these_images" else self.on_new


def compare(
    values: ByArm,
    reference: str,
    rules: Rules,
    *,
    images: Images | None = None,
) -> dict[str, Comparison]:
    """Compare every arm with the reference, paired by seed.

    Args:
        values: the metric by arm and seed. Name all arms of the study, also those without values
            yet: the more arms there are, the more each must show. Values that aren't finite (a run
            that exploded) are left out.
        reference: name of the arm that the others are compared with.
        rules: what they are judged by.
        images: the same on each validation image; where an arm lacks it, nothing is known of it on
            new images.

    Returns:
        By arm, in the given order.

    Raises:
        BadInputError: the study has no arm of the reference's name.
    """
    if reference not in values:
        raise BadInputError(
            f"The study has no arm {reference!r} to compare with: name one of {', '.join(values)}."
        )
    pairs = {
        arm: _Pairs(
            _differences(by_seed, values[reference]),
            paired_estimate(_differences(by_seed, values[reference]), resolution=rules.resolution),
            _on_new_images(arm, reference, values, images or {}, rules),
        )
        for arm, by_seed in values.items()
        if arm != reference
    }
    everything = [found.differences for found in pairs.values()]
    skew = leaning(everything)
    far = collapsed(everything, never_far(rules.metric))
    p_values = [
        _chance(found, rules, skew) if not off else 1.0
        for found, off in zip(pairs.values(), far, strict=True)
    ]
    alike = level_of_arm(rules.alpha, max(1, len(pairs)))
    adjusted, levels = holm(p_values), holm_levels(p_values, rules.alpha)
    judged = {
        arm: _judge(arm, found, _Level(p, level, alike, off, skew), rules)
        for (arm, found), p, level, off in zip(pairs.items(), adjusted, levels, far, strict=True)
    }
    return {
        arm: judged[arm] if arm in judged else _reference(arm, by_seed, rules)
        for arm, by_seed in values.items()
    }


def never_far(metric: Metric) -> float:
    """A distance from the other seeds that is no collapse, in the metric's own units."""
    return _FAR * metric.small / metric.scale


def summary(values: Mapping[int, float]) -> Summary:
    """Mean and sample standard deviation of an arm's finite values by seed."""
    finite = [value for value in values.values() if math.isfinite(value)]
    return Summary(
        mean=float(np.mean(finite)) if finite else None,
        sd=float(np.std(finite, ddof=1)) if len(finite) > 1 else None,
    )


@dataclass(frozen=True)
class _Level:
    """What the other arms leave to one."""

    p_adjusted: float
    level: float
    alike: float
    far: list[int]
    skew: float


def _differences(arm: Mapping[int, float], reference: Mapping[int, float]) -> list[float]:
    return [arm[seed] - reference[seed] for seed in _shared(arm, reference)]


def _shared(arm: Mapping[int, float], reference: Mapping[int, float]) -> list[int]:
    both = sorted(arm.keys() & reference.keys())
    return [seed for seed in both if math.isfinite(arm[seed]) and math.isfinite(reference[seed])]


def _on_new_images(
    arm: str, reference: str, values: ByArm, images: Images, rules: Rules
) -> Estimate | None:
    """None where the runs of a pair lack what they said of each image."""
    seeds = _shared(values[arm], values[reference])
    of_arm, of_reference = images.get(arm, {}), images.get(reference, {})
    if not seeds or not all(seed in of_arm and seed in of_reference for seed in seeds):
        return None
    differences = np.stack([of_arm[seed] - of_reference[seed] for seed in seeds])
    return two_way_estimate(differences, resolution=rules.resolution)


def _chance(pairs: _Pairs, rules: Rules, skew: float) -> float:
    """P value in the chosen scope, guarded; 1 where nothing may be claimed yet."""
    found, seeds = pairs.chosen(rules.scope), len(pairs.differences)
    if found is None or seeds < FEWEST_PAIRS or found.p is None or found.mean is None:
        return 1.0
    of_seeds = pairs.on_these  # it is they that lean, whatever the claim is about
    if skew * found.mean >= 0 or of_seeds.mean is None or of_seeds.error == 0:
        return found.p
    return max(found.p, skewed_p(of_seeds.mean / of_seeds.error, seeds, skew))


def _reference(arm: str, by_seed: Mapping[int, float], rules: Rules) -> Comparison:
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
        more_seeds=None,
        verdict=Verdict.REFERENCE,
        words=REFERENCE,
        primary=rules.primary,
        these_images=without_interval("these_images", None, _COMPARED),
        new_images=without_interval("new_images", None, _COMPARED),
        margin=rules.matters,
        scope=rules.scope,
    )


@dataclass(frozen=True)
class _Told:
    """The verdict on one arm, with the interval that it rests on."""

    verdict: Verdict | None
    interval: Interval
    words: str
    more_seeds: int | None = None


def _judge(arm: str, pairs: _Pairs, at: _Level, rules: Rules) -> Comparison:
    told = _tell(pairs, at, rules)
    found, n = told.interval, len(pairs.differences)
    known = n >= FEWEST_PAIRS and found.p is not None
    confidence = 1 - at.level
    return Comparison(
        arm=arm,
        metric=rules.metric.name,
        seeds=n,
        mean=pairs.on_these.mean,
        low=found.low,
        high=found.high,
        confidence=found.confidence if known else None,
        p=found.p,
        p_adjusted=at.p_adjusted if known else None,
        verdict=told.verdict,
        more_seeds=told.more_seeds,
        words=told.words,
        primary=rules.primary,
        these_images=_in_scope("these_images", pairs.on_these, pairs, rules, confidence),
        new_images=_in_scope("new_images", pairs.on_new, pairs, rules, confidence),
        margin=rules.matters,
        scope=rules.scope,
        collapses=len(at.far),
    )


def _tell(pairs: _Pairs, at: _Level, rules: Rules) -> _Told:
    n, metric = len(pairs.differences), rules.metric
    chosen = pairs.chosen(rules.scope)
    if n < FEWEST_PAIRS:
        nothing = Interval(pairs.on_these.mean, None, None, None, n, 1 - at.level)
        more = FEWEST_PAIRS - n
        return _Told(Verdict.CANNOT_TELL, nothing, doubt(nothing, None, metric), more)
    if chosen is None:
        nothing = Interval(pairs.on_these.mean, None, None, None, n, 1 - at.level)
        return _Told(Verdict.CANNOT_TELL, nothing, unknown_scope(NOT_KEPT))
    found = _possible(chosen.interval(1 - at.level), metric)
    if at.far:
        off = [pairs.differences[number] for number in at.far]
        return _Told(Verdict.CANNOT_TELL, found, collapse(off, n, metric))
    if at.p_adjusted <= rules.alpha:
        return _Told(_verdict(found, metric), found, claim(found, metric, rules.matters))
    alike = None if at.skew else within_margin(chosen, at.alike, rules.matters)
    if alike is not None:
        return _Told(Verdict.NO_DIFFERENCE, alike, no_difference(alike, metric, rules.matters))
    wanted = _wanted(pairs, at.level, rules)
    no_seeds = rules.scope == "new_images" and needs_images(chosen, at.level)
    words = doubt(found, wanted, metric, needs_images=no_seeds)
    return _Told(Verdict.CANNOT_TELL, found, words, None if wanted is None else wanted[1])


def _wanted(pairs: _Pairs, level: float, rules: Rules) -> tuple[int, int] | None:
    """How many more seeds would tell, from and to; more seeds alone don't tell of new images."""
    if rules.scope == "new_images":
        return None
    level *= (rules.next_alpha or rules.alpha) / rules.alpha  # Holm's part of it, at the next look
    needed = seeds_needed(pairs.differences, level, resolution=rules.resolution)
    if needed is None:
        return None
    few, many = (max(1, seeds - len(pairs.differences)) for seeds in needed)
    return few, many


def _possible(found: Interval, metric: Metric) -> Interval:
    """The interval without what can't be, whatever the reference's true mean is.

    That mean is known from a few runs only: what it leaves room for mustn't be taken for certain.
    """
    if found.low is None or found.high is None:
        return found
    most = metric.furthest
    return replace(found, low=max(found.low, -most), high=min(found.high, most))


def _in_scope(
    scope: Scope, estimate: Estimate | None, pairs: _Pairs, rules: Rules, confidence: float
) -> ScopedInterval:
    mean = pairs.on_these.mean
    if len(pairs.differences) < FEWEST_PAIRS:
        return without_interval(scope, mean, f"there are fewer than {FEWEST_PAIRS} pairs of runs")
    if estimate is None:
        return without_interval(scope, mean, NOT_KEPT)
    return scoped(scope, _possible(estimate.interval(confidence), rules.metric))


def _verdict(found: Interval, metric: Metric) -> Verdict | None:
    if metric.higher_is_better is None or found.mean is None:
        return None
    return Verdict.HELPS if (found.mean > 0) == metric.higher_is_better else Verdict.HURTS
