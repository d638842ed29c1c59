"""What may be told of a study's arms as it stands, and what is taken back.

Nothing is claimed before the planned runs have finished, nor where the runs that did may be the
lucky ones. The words of it all are in `wording`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from cnnlab.domain.arms import same_size
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.study import Kind, Study
from cnnlab.study.scopes import without_interval
from cnnlab.study.verdicts import METRICS, Comparison, Verdict, compare
from cnnlab.study.wording import SAME_SIZE, lucky, so_far

Values = dict[str, dict[int, float]]
_OPEN = "planned runs are missing"


@dataclass(frozen=True)
class Look:
    """One look at a study.

    Attributes:
        alpha: chance of any false claim that this look allows.
        next_alpha: what the next one will allow, after seeds were added.
        is_ended: whether nothing happens to its runs any more.
        lost: by arm how many planned runs don't count.
    """

    alpha: float
    next_alpha: float
    is_ended: bool
    lost: dict[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether all planned runs count."""
        return not any(self.lost.values())


def judge_arms(
    study: Study, values: Values, metric: ComparedMetric, look: Look, images: int | None
) -> dict[str, Comparison]:
    """Every arm against the reference; before the planned runs have finished nothing is claimed.

    Args:
        study: whose arms are compared.
        values: the metric by arm and seed.
        metric: one of `METRICS`.
        look: from `look_at`.
        images: validation images, or None where they aren't known yet.
    """
    resolution = 1 / images if metric != "val_cross_entropy" and images else 0.0
    judge = partial(
        compare,
        reference=study.reference.name,
        metric=METRICS[metric],
        alpha=look.alpha,
        next_alpha=look.next_alpha,
        resolution=resolution,
    )
    found = _by_size(study, values, judge) if study.kind is Kind.WORTH else judge(values)
    return {name: _fairly(one, study, look) for name, one in found.items()}


def _by_size(
    study: Study, values: Values, judge: Callable[[Values], dict[str, Comparison]]
) -> dict[str, Comparison]:
    """Each size against itself, as differences from zero: all are claims of one family."""
    pairs, reference = same_size(study.arms), study.reference.name
    changes = {
        changed: {
            seed: values[changed][seed] - values[plain][seed]
            for seed in values[changed].keys() & values[plain].keys()
        }
        for changed, plain in pairs.items()
    }
    zeros = {seed: 0.0 for of_arm in changes.values() for seed in of_arm}
    found = judge({reference: zeros} | changes)
    own = {name: replace(found[reference], arm=name, words=SAME_SIZE) for name in pairs.values()}
    return {arm.name: (found | own)[arm.name] for arm in study.arms}


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
        sign_flip_p=None,
        these_images=without_interval("these_images", found.mean, _OPEN),
        new_images=without_interval("new_images", found.mean, _OPEN),
    )


def _fairly(found: Comparison, study: Study, look: Look) -> Comparison:
    """Take back what may not be claimed yet, or not of those runs that happened to finish."""
    if found.verdict is Verdict.REFERENCE:
        return found
    if not look.is_ended and not look.is_complete:
        return _so_far(found)
    lost = look.lost[found.arm]
    if found.verdict is Verdict.HELPS and lost > look.lost[study.reference.name]:
        return replace(found, verdict=Verdict.CANNOT_TELL, words=lucky(lost), more_seeds=None)
    return found
