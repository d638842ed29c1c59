"""What may be told of a study's arms as it stands, and what is taken back.

Nothing is claimed before the planned runs have finished, nor where the runs that did may be the
lucky ones. The words of it all are in `wording`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from cnnlab.domain.arms import same_size
from cnnlab.domain.data.seen import same_seen
from cnnlab.domain.records.training import ComparedMetric, SeenImages
from cnnlab.domain.study import IMAGE_METRICS, MARGINS, MODEL_METRICS, Kind, Study
from cnnlab.study.chance.paired import FEWEST_PAIRS, paired_estimate
from cnnlab.study.chance.watching import watched
from cnnlab.study.comparison import Comparison, Verdict
from cnnlab.study.scopes import OTHER_FOR_EACH_SEED, without_interval
from cnnlab.study.seen_wording import unequal_start_words
from cnnlab.study.verdicts import METRICS, Images, Rules, compare
from cnnlab.study.wording import (
    CANNOT_CROSS_FIT,
    JUDGED_GAP,
    SAME_SIZE,
    gap_at_a_price,
    lacking,
    lucky,
    so_far,
)

Values = dict[str, dict[int, float]]
T = TypeVar("T", float, np.ndarray)
_OPEN = "planned runs are missing"


@dataclass(frozen=True)
class Look:
    """One look at a study.

    Attributes:
        alpha: chance of any false claim that this look allows.
        next_alpha: what the next one will allow, after seeds were added.
        is_ended: whether nothing happens to its runs any more.
        lost: by arm how many planned runs don't count; of a study that is watched those that ended.
        seen: by arm which validation images trained the weights that its runs start with, where
            some did, or may have.
    """

    alpha: float
    next_alpha: float
    is_ended: bool
    lost: dict[str, int]
    seen: Mapping[str, SeenImages] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether all planned runs count."""
        return not any(self.lost.values())


def judge_arms(  # noqa: PLR0913 - all that is known of a study
    study: Study,
    values: Values,
    metric: ComparedMetric,
    look: Look,
    images: int | None,
    per_image: Images | None = None,
    accuracy: Values | None = None,
) -> dict[str, Comparison]:
    """Every arm against the reference; before the planned runs have finished nothing is claimed.

    Args:
        study: whose arms are compared.
        values: the metric by arm and seed.
        metric: one of `METRICS`.
        look: from `look_at`.
        images: validation images, or None where they aren't known yet.
        per_image: the metric on each of them by arm and seed; none for the gap, which is known of
            these images only.
        accuracy: validation accuracy by arm and seed, without which a study of the gap can't tell.
    """
    is_primary = metric == study.primary
    rules = Rules(
        JUDGED_GAP if metric == "gap" and is_primary else METRICS[metric],
        alpha=look.alpha,
        next_alpha=look.next_alpha,
        resolution=1 / images if metric in ("val_accuracy", "gap") and images else 0.0,
        margin=study.margin if is_primary else None,
        scope=study.scope if metric in IMAGE_METRICS else "these_images",
        primary=is_primary,
        is_anchored=study.anchored and study.kind is not Kind.WORTH,
        is_watched=study.watch,
    )
    if study.watch:
        values = _of_complete_seeds(values)
    judge = _by_size if study.kind is Kind.WORTH else _by_arm
    found = judge(study, values, rules, per_image or {})
    fair = {name: _fairly(one, study, look) for name, one in found.items()}
    if metric == "gap" and is_primary:
        fair = {name: _without_a_price(one, study, accuracy or {}) for name, one in fair.items()}
    return {name: _as_split(one, study) for name, one in fair.items()}


def _of_complete_seeds(values: Values) -> Values:
    """Only the seeds that all arms have: which arm ends first says nothing of it."""
    seeds = set.intersection(*(set(of_arm) for of_arm in values.values()))
    return {
        arm: {seed: value for seed, value in of_arm.items() if seed in seeds}
        for arm, of_arm in values.items()
    }


def _by_arm(study: Study, values: Values, rules: Rules, per_image: Images) -> dict[str, Comparison]:
    return compare(values, study.reference.name, rules, images=per_image)


def _by_size(
    study: Study, values: Values, rules: Rules, per_image: Images
) -> dict[str, Comparison]:
    """Each size against itself, as differences from zero: all are claims of one family."""
    pairs, reference = same_size(study.arms), study.reference.name
    changes = {changed: _minus(values[changed], values[plain]) for changed, plain in pairs.items()}
    images: dict[str, dict[int, np.ndarray]] = {
        changed: _minus(per_image.get(changed, {}), per_image.get(plain, {}))
        for changed, plain in pairs.items()
    }
    zeros = {seed: 0.0 for of_arm in changes.values() for seed in of_arm}
    blank = {
        seed: np.zeros_like(on_each)
        for of_arm in images.values()
        for seed, on_each in of_arm.items()
    }
    found = compare(
        {reference: zeros} | changes,
        reference,
        rules,
        images={reference: blank} | images,
        plain={changed: values[plain] for changed, plain in pairs.items()},
    )
    own = {name: replace(found[reference], arm=name, words=SAME_SIZE) for name in pairs.values()}
    return {arm.name: (found | own)[arm.name] for arm in study.arms}


def _minus(changed: Mapping[int, T], plain: Mapping[int, T]) -> dict[int, T]:
    return {seed: changed[seed] - plain[seed] for seed in changed.keys() & plain.keys()}


def _as_split(found: Comparison, study: Study) -> Comparison:
    """What the intervals are about where seeds are split anew, and why one of them isn't known."""
    if not study.is_split_anew or found.verdict is Verdict.REFERENCE:
        return found
    unknown = found.new_images
    if not found.is_open and found.these_images.low is not None:
        unknown = without_interval("new_images", found.mean, OTHER_FOR_EACH_SEED)
    return replace(
        found, these_images=replace(found.these_images, scope="these_splits"), new_images=unknown
    )


def _so_far(found: Comparison) -> Comparison:
    """The mean alone: an interval that is looked at again and again would be too narrow."""
    return replace(
        found,
        verdict=Verdict.CANNOT_TELL,
        words=so_far(found.mean, found.seeds, METRICS[found.metric]),
        more_seeds=None,
        is_open=True,
        low=None,
        high=None,
        confidence=None,
        p=None,
        p_adjusted=None,
        better_next=None,
        these_images=without_interval("these_images", found.mean, _OPEN),
        new_images=without_interval("new_images", found.mean, _OPEN),
    )


def _fairly(found: Comparison, study: Study, look: Look) -> Comparison:
    """Take back what may not be claimed yet, or not of those runs that happened to finish."""
    if found.verdict is Verdict.REFERENCE:
        return found
    if not study.watch and not look.is_ended and not look.is_complete:
        return _so_far(found)
    partner = _partner(study, found.arm)
    seen, of_other = look.seen.get(found.arm), look.seen.get(partner)
    if found.verdict is not Verdict.CANNOT_TELL and not same_seen(seen, of_other):
        words = unequal_start_words(seen, of_other, partner)
        return _taken_back(found, words)
    lost, of_partner = look.lost[found.arm], look.lost[partner]
    could_be = len(study.seeds) - max(lost, of_partner)
    may_come = study.watch and not look.is_ended
    is_lacking = found.metric == study.primary and study.primary in MODEL_METRICS
    if not may_come and is_lacking and found.seeds < FEWEST_PAIRS <= could_be:
        return replace(found, words=lacking(METRICS[found.metric]), more_seeds=None)
    if (
        not may_come
        and study.judged_at == "cross_fitted"
        and found.seeds < FEWEST_PAIRS <= could_be
    ):
        return replace(found, words=CANNOT_CROSS_FIT, more_seeds=None)
    may_be_luck = {
        Verdict.CANNOT_TELL: False,
        Verdict.HELPS: lost > of_partner,
        Verdict.HURTS: lost < of_partner,
    }.get(found.verdict or Verdict.NO_DIFFERENCE, lost != of_partner)
    if may_be_luck:
        words = lucky(lost) if lost > of_partner else lucky(of_partner, partner)
        return _taken_back(found, words)
    return found


def _without_a_price(found: Comparison, study: Study, accuracy: Values) -> Comparison:
    """A verdict on the gap, taken back where accuracy may be lost for it, or won by a larger one.

    A network that learns nothing has no gap: alone it isn't better.
    """
    if found.verdict not in (Verdict.HELPS, Verdict.HURTS) or found.confidence is None:
        return found
    arm, reference = (accuracy.get(name, {}) for name in (found.arm, study.reference.name))
    estimate = paired_estimate(list(_minus(arm, reference).values()))
    estimate = watched(estimate) if study.watch else estimate
    change = estimate.interval(found.confidence)
    allowed, is_smaller = MARGINS["val_accuracy"][1], found.verdict is Verdict.HELPS
    if change.low is not None and change.high is not None:
        kept = change.low > -allowed if is_smaller else change.high < allowed
        if kept:
            return found
    return _taken_back(found, gap_at_a_price(change.low, change.high, is_smaller=is_smaller))


def _taken_back(found: Comparison, words: str) -> Comparison:
    return replace(
        found, verdict=Verdict.CANNOT_TELL, words=words, more_seeds=None, better_next=None
    )


def _partner(study: Study, arm: str) -> str:
    """The arm that one is compared with: of sizes the one without the change."""
    pairs = same_size(study.arms) if study.kind is Kind.WORTH else {}
    return pairs.get(arm, study.reference.name)
