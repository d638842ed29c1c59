"""What the runs of a study tell about its arms, and when nothing may be told yet."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from cnnlab.domain.arms import same_size
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.run import Run
from cnnlab.domain.study import Kind, Study
from cnnlab.lab.runs import has_finished
from cnnlab.study.bands import value_of
from cnnlab.study.statistics import alpha_of_look
from cnnlab.study.verdicts import METRICS, Comparison, Verdict, compare

ALPHA = 0.05
"""Of the look that was planned; each further one, after seeds were added, gets a far smaller part,
so that all looks together claim falsely in at most 6.3 % of studies."""

Runs = Mapping[str, Mapping[int, Run]]
Values = dict[str, dict[int, float]]


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


def counts(run: Run) -> bool:
    """Whether a run counts in verdicts: it has finished, and nobody turned its dials."""
    return has_finished(run) and not run.changed_by_hand


def look_at(study: Study, runs: Runs) -> Look:
    """What may be told of a study as it stands.

    Who ends a study before its planned runs have finished may have done so for what was seen of it:
    that counts as a further look.
    """
    lost = {
        arm.name: sum(not counts(run) for run in runs[arm.name].values())
        + len(study.seeds)
        - len(runs[arm.name])
        for arm in study.arms
    }
    everything = [run for of_arm in runs.values() for run in of_arm.values()]
    is_ended = all(run.status.is_ended or has_finished(run) for run in everything)
    number = study.stages + (is_ended and any(lost.values()))
    alpha = ALPHA if number == 1 else alpha_of_look(number, ALPHA)
    return Look(alpha, alpha_of_look(number + 1, ALPHA), is_ended, lost)


def measured(study: Study, runs: Mapping[int, Run], metric: ComparedMetric) -> dict[int, float]:
    """A metric by seed, of the runs that count."""
    found = {
        seed: value_of(run.best if study.judged_at == "best" else run.last, metric)
        for seed, run in sorted(runs.items())
        if counts(run)
    }
    return {seed: value for seed, value in found.items() if math.isfinite(value)}


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
    words = "The reference for the same number of images with the change."
    own = {name: replace(found[reference], arm=name, words=words) for name in pairs.values()}
    return {arm.name: (found | own)[arm.name] for arm in study.arms}


def _so_far(found: Comparison) -> Comparison:
    """The mean alone: an interval that is looked at again and again would be too narrow."""
    words = "No verdict yet: it comes when all planned runs have finished."
    if found.mean is not None and found.seeds > 1:
        metric = METRICS[found.metric]
        mean = f"{metric.scale * found.mean:+.{metric.decimals}f} {metric.unit}"
        words = f"So far {mean} over {found.seeds} seeds; the verdict comes with the last run."
    return replace(
        found, verdict=Verdict.CANNOT_TELL, words=words, more_seeds=None, low=None, high=None,
        confidence=None, p=None, p_adjusted=None, sign_flip_p=None,
    )  # fmt: skip


def _fairly(found: Comparison, study: Study, look: Look) -> Comparison:
    """Take back what may not be claimed yet, or not of those runs that happened to finish."""
    if found.verdict is Verdict.REFERENCE:
        return found
    if not look.is_ended and not look.is_complete:
        return _so_far(found)
    lost = look.lost[found.arm]
    if found.verdict is Verdict.HELPS and lost > look.lost[study.reference.name]:
        runs = "1 of its runs" if lost == 1 else f"{lost} of its runs"
        words = f"Can't tell: {runs} didn't finish, and those that did may be the lucky ones."
        return replace(found, verdict=Verdict.CANNOT_TELL, words=words, more_seeds=None)
    return found
