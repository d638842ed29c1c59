"""Verdicts: does an arm help, hurt, make no difference, or can't it be told, on one chosen metric.

The rules, each against one way to fool oneself:

- An arm is compared with the reference seed by seed, so that what a seed does to both cancels.
- No claim below three seeds that both arms have.
- Holm's procedure over all arms of the study, or all arms judged together (`anchored`): the chance
  that a study claims anything false at all is at most alpha, not that of each arm.
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

import numpy as np

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.holm import holm
from cnnlab.domain.study import Scope
from cnnlab.study.chance.anchored import Judged, anchored, flips
from cnnlab.study.chance.equivalence import level_of_arm, within_margin
from cnnlab.study.chance.fresh_run import BetterNext, better_next
from cnnlab.study.chance.guards import collapsed, leaning, skewed_p
from cnnlab.study.chance.paired import (
    FEWEST_PAIRS,
    Estimate,
    Interval,
    holm_levels,
    paired_estimate,
)
from cnnlab.study.chance.seeds_to_go import seeds_needed
from cnnlab.study.chance.two_way import needs_images, two_way_estimate
from cnnlab.study.chance.watching import watched
from cnnlab.study.comparison import Comparison, Verdict
from cnnlab.study.scopes import NO_WATCHING, NOT_KEPT, ScopedInterval, scoped, without_interval
from cnnlab.study.wording import (
    METRICS,
    REFERENCE,
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
        is_anchored: whether the arms, which share a reference, are judged together where they can
            be (`anchored`).
        is_watched: whether the verdicts may be looked at after every seed (`watching`).
    """

    metric: Metric
    alpha: float = 0.05
    next_alpha: float | None = None
    resolution: float = 0.0
    margin: float | None = None
    scope: Scope = "these_images"
    primary: bool = True
    is_anchored: bool = False
    is_watched: bool = False

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
    flips: float | None
    reference: float | None = None

    def chosen(self, scope: Scope) -> Estimate | None:
        return self.on_these if scope == "these_images" else self.on_new


def compare(
    values: ByArm,
    reference: str,
    rules: Rules,
    *,
    images: Images | None = None,
    plain: ByArm | None = None,
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
        plain: by arm what it differs from, where `values` are differences from zero; for words.

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
        arm: replace(
            _pairs(arm, reference, values, images or {}, rules),
            reference=summary((plain or {}).get(arm, values[reference])).mean,
        )
        for arm in sorted(values)  # so that no sum over arms depends on their order
        if arm != reference
    }
    judged = {
        arm: _judge(arm, found, at, rules)
        for (arm, found), at in zip(pairs.items(), _levels([*pairs.values()], rules), strict=True)
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
    """What the other arms leave to one, and what its claim rests on."""

    estimate: Estimate | None
    p_adjusted: float
    level: float
    alike: float
    far: list[int]
    skew: float
    is_anchored: bool


def _levels(pairs: list[_Pairs], rules: Rules) -> list[_Level]:
    """Of each arm: all together where that can be, else each alone with Holm's procedure."""
    everything = [found.differences for found in pairs]
    skew = leaning(everything)
    far = collapsed(everything, never_far(rules.metric))
    together = None if skew or any(far) else _together(pairs, rules)
    alike = level_of_arm(rules.alpha, max(1, len(pairs)))
    return [
        _Level(one.estimate, one.p_adjusted, one.level, alike, off, skew, together is not None)
        for one, off in zip(together or _alone(pairs, rules, skew, far), far, strict=True)
    ]


def _together(pairs: list[_Pairs], rules: Rules) -> list[Judged] | None:
    if not rules.is_anchored or rules.scope != "these_images":
        return None
    return anchored([one.on_these for one in pairs], [one.flips for one in pairs], rules.alpha)


def _alone(pairs: list[_Pairs], rules: Rules, skew: float, far: list[list[int]]) -> list[Judged]:
    p_values = [
        _chance(found, rules, skew) if not off else 1.0
        for found, off in zip(pairs, far, strict=True)
    ]
    levels = holm_levels(p_values, rules.alpha)
    return [
        Judged(found.chosen(rules.scope), p, level)
        for found, p, level in zip(pairs, holm(p_values), levels, strict=True)
    ]


def _differences(arm: Mapping[int, float], reference: Mapping[int, float]) -> list[float]:
    return [arm[seed] - reference[seed] for seed in _shared(arm, reference)]


def _shared(arm: Mapping[int, float], reference: Mapping[int, float]) -> list[int]:
    both = sorted(arm.keys() & reference.keys())
    return [seed for seed in both if math.isfinite(arm[seed]) and math.isfinite(reference[seed])]


def _pairs(arm: str, reference: str, values: ByArm, images: Images, rules: Rules) -> _Pairs:
    differences = _differences(values[arm], values[reference])
    on_these = paired_estimate(differences, resolution=rules.resolution)
    if rules.is_watched:
        return _Pairs(differences, watched(on_these), None, None)
    seeds = _shared(values[arm], values[reference])
    of_arm, of_reference = images.get(arm, {}), images.get(reference, {})
    if not seeds or not all(seed in of_arm and seed in of_reference for seed in seeds):
        return _Pairs(differences, on_these, None, None)  # what a run said of each wasn't kept
    on_images = np.stack([of_arm[seed] - of_reference[seed] for seed in seeds])
    on_new = two_way_estimate(on_images, resolution=rules.resolution)
    return _Pairs(differences, on_these, on_new, flips(on_images) if len(seeds) > 1 else None)


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
    on_these = at.estimate if rules.scope == "these_images" else pairs.on_these
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
        these_images=_in_scope("these_images", on_these, pairs, rules, confidence),
        new_images=_in_scope("new_images", pairs.on_new, pairs, rules, confidence),
        margin=rules.matters,
        scope=rules.scope,
        collapses=len(at.far),
        is_anchored=at.is_anchored,
        better_next=None if at.far or rules.is_watched else _on_a_fresh_run(pairs, rules),
    )


def _on_a_fresh_run(pairs: _Pairs, rules: Rules) -> BetterNext | None:
    better = rules.metric.higher_is_better
    if better is None:
        return None
    return better_next(pairs.differences, higher_is_better=better, resolution=rules.resolution)


def _tell(pairs: _Pairs, at: _Level, rules: Rules) -> _Told:
    n, metric = len(pairs.differences), rules.metric
    if n < FEWEST_PAIRS:
        nothing = Interval(pairs.on_these.mean, None, None, None, n, 1 - at.level)
        more = FEWEST_PAIRS - n
        return _Told(Verdict.CANNOT_TELL, nothing, doubt(nothing, None, metric), more)
    if at.estimate is None:
        nothing = Interval(pairs.on_these.mean, None, None, None, n, 1 - at.level)
        return _Told(Verdict.CANNOT_TELL, nothing, unknown_scope(NOT_KEPT))
    found = _possible(at.estimate.interval(1 - at.level), metric)
    if at.far:
        off = [pairs.differences[number] for number in at.far]
        return _Told(Verdict.CANNOT_TELL, found, collapse(off, n, metric))
    if at.p_adjusted <= rules.alpha:
        return _Told(_verdict(found, metric), found, claim(found, metric, rules.matters))
    alone = pairs.chosen(rules.scope) or at.estimate
    # Of an interval that is watched only both ends together are known to be missed so rarely.
    level = at.alike / 2 if rules.is_watched else at.alike
    alike = None if at.skew else within_margin(alone, level, rules.matters)
    if alike is not None:
        return _Told(Verdict.NO_DIFFERENCE, alike, no_difference(alike, metric, rules.matters))
    wanted = _wanted(pairs, at.level, rules)
    no_seeds = rules.scope == "new_images" and needs_images(at.estimate, at.level)
    words = doubt(
        found, wanted, metric, needs_images=no_seeds, is_watched=rules.is_watched,
        reference=pairs.reference,
    )  # fmt: skip
    return _Told(Verdict.CANNOT_TELL, found, words, None if wanted is None else wanted[1])


def _wanted(pairs: _Pairs, level: float, rules: Rules) -> tuple[int, int] | None:
    """How many more seeds would tell, from and to; more seeds alone don't tell of new images."""
    if rules.scope == "new_images" or rules.is_watched:
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
        return without_interval(scope, mean, NO_WATCHING if rules.is_watched else NOT_KEPT)
    return scoped(scope, _possible(estimate.interval(confidence), rules.metric))


def _verdict(found: Interval, metric: Metric) -> Verdict | None:
    if metric.higher_is_better is None or found.mean is None:
        return None
    return Verdict.HELPS if (found.mean > 0) == metric.higher_is_better else Verdict.HURTS
