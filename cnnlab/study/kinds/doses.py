"""Dose-response: one thing turned step by step, where it does best and where it is too much."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.study import Study
from cnnlab.domain.words import exact_percent, percent, with_unit
from cnnlab.fields import extra, walk
from cnnlab.study.chance.guards import collapsed
from cnnlab.study.chance.paired import FEWEST_PAIRS, Interval, paired_interval
from cnnlab.study.verdicts import Metric, never_far

ALPHA = 0.05
"""Accepted probability that any strength is called too much though none is."""
_OPEN = "What is too much is told with the last run."


@dataclass(frozen=True)
class Turned:
    """What a study turns.

    Attributes:
        field: dotted, of the config.
        label: what it is called on screen.
        unit: such as `°`; empty where there is none.
        strengths: by arm.
    """

    field: str
    label: str
    unit: str
    strengths: dict[str, float]

    def shown(self, strength: float) -> str:
        """A strength with its unit."""
        return with_unit(f"{strength:g}", self.unit)


@dataclass(frozen=True)
class Dose:
    """What one strength gave.

    Attributes:
        strength: in the field's unit.
        values: the metric by seed, finite.
        mean: over the seeds.
        low: lower end of the 95 % t interval of the mean; None with one seed, and while planned
            runs are missing.
        high: upper end, likewise.
    """

    strength: float
    values: dict[int, float]
    mean: float
    low: float | None
    high: float | None

    @property
    def seeds(self) -> int:
        """How many the mean rests on."""
        return len(self.values)


@dataclass(frozen=True)
class DoseResponse:
    """The curve over the strengths.

    Attributes:
        turned: what the study turns.
        metric: what it is judged by.
        doses: by rising strength; only those that have a value.
        best: the one with the best mean, which needn't be provably better than the others.
        too_much: the least strength from which on all are provably worse than a lower one; None
            where there is none.
        loss: how much worse `too_much` is than the best of the lower strengths (that minus it, so
            positive is worse), in the metric's own units.
        words: both in a sentence or two.
    """

    turned: Turned
    metric: Metric
    doses: list[Dose]
    best: Dose
    too_much: float | None
    loss: Interval | None
    words: str


def turned_by(study: Study) -> Turned | None:
    """The one number that all arms of a study set; None where they differ in anything else."""
    fields = {name for arm in study.arms for name in arm.changes}
    if len(fields) != 1 or any(len(arm.changes) != 1 for arm in study.arms):
        return None
    field = fields.pop()
    strengths = {arm.name: arm.changes[field] for arm in study.arms}
    if any(isinstance(value, bool | str) or value is None for value in strengths.values()):
        return None
    info = dict(walk(RunConfig))[field]
    return Turned(field, extra(info, "label") or field, extra(info, "unit") or "", strengths)


def dose_response(
    turned: Turned,
    values: Mapping[str, Mapping[int, float]],
    metric: Metric,
    *,
    resolution: float = 0.0,
    alpha: float = ALPHA,
    is_open: bool = False,
) -> DoseResponse | None:
    """The mean at each strength, and from which one on it is too much.

    Strengths are judged from the largest down, each against the best of the lower ones, until one
    isn't provably worse. That one is picked after a look at the values, so the strength with k
    lower ones is judged at alpha / k (Bonferroni); the order is fixed beforehand, so that no
    further correction is needed over the strengths (Maurer, Hothorn and Lehmacher, 1995). Not
    worse is provably what has more runs left than the lower one, whose lucky runs may be left, nor
    where a seed lies far off the others (`guards.collapsed`).

    Args:
        turned: from `turned_by`.
        values: the metric by arm and seed; what isn't finite is left out.
        metric: one of `METRICS`; it must have a better side.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
        alpha: accepted probability of a false claim, 0..1; less where seeds were
            added after a look.
        is_open: whether planned runs are missing. Then there are means alone: whoever looks again
            and again would find something too much by luck.

    Returns:
        None below two strengths with a value, and for a metric without a better side.
    """
    by_strength = sorted((turned.strengths[arm], of_arm) for arm, of_arm in values.items())
    doses = [
        _dose(strength, finite, resolution)
        for strength, of_arm in by_strength
        if (finite := {seed: value for seed, value in of_arm.items() if math.isfinite(value)})
    ]
    if len(doses) < 2 or metric.higher_is_better is None:
        return None
    sign = 1 if metric.higher_is_better else -1
    best = _best(doses, sign)
    if is_open:
        doses = [replace(dose, low=None, high=None) for dose in doses]
        words = f"So far {_best_words(turned, metric, best)} {_OPEN}"
        return DoseResponse(turned, metric, doses, _best(doses, sign), None, None, words)
    end = _too_much(turned, metric, doses, resolution, alpha)
    too_much = None if end.number is None else doses[end.number].strength
    words = f"{_best_words(turned, metric, best)} {_end_words(turned, metric, doses, end)}"
    return DoseResponse(turned, metric, doses, best, too_much, end.loss, words)


def _dose(strength: float, values: Mapping[int, float], resolution: float) -> Dose:
    found = paired_interval(list(values.values()), 1 - ALPHA, resolution=resolution)
    return Dose(
        strength, dict(values), float(np.mean(list(values.values()))), found.low, found.high
    )


def _best(doses: Sequence[Dose], sign: int) -> Dose:
    """The best mean; of equal ones the lowest strength."""
    return max(doses, key=lambda dose: (sign * dose.mean, -dose.strength))


@dataclass(frozen=True)
class _End:
    """Where too much begins: position of the first such dose, its loss, or why it isn't told."""

    number: int | None = None
    loss: Interval | None = None
    why_not: str = ""


def _too_much(
    turned: Turned, metric: Metric, doses: Sequence[Dose], resolution: float, alpha: float
) -> _End:
    """The first dose of the too-much side, and its loss."""
    sign, found = 1 if metric.higher_is_better else -1, _End()
    for number in range(len(doses) - 1, 0, -1):
        lower, dose = _best(doses[:number], sign), doses[number]
        shared = lower.values.keys() & dose.values.keys()
        losses = [sign * (lower.values[seed] - dose.values[seed]) for seed in sorted(shared)]
        loss = paired_interval(losses, 1 - alpha / number, resolution=resolution)
        if len(losses) < FEWEST_PAIRS or loss.low is None or loss.low <= 0:
            return found
        if why_not := _may_be_luck(turned, metric, lower, dose, losses):
            return found if found.number is not None else _End(why_not=why_not)
        found = _End(number, loss)
    return found


def _may_be_luck(
    turned: Turned, metric: Metric, lower: Dose, dose: Dose, losses: Sequence[float]
) -> str:
    """Why a loss that was found isn't told; empty where it may be."""
    low, high = turned.shown(lower.strength), turned.shown(dose.strength)
    if lower.seeds < dose.seeds:
        return (
            f"fewer runs have finished at {low} than at {high}, and those that did may be the "
            "lucky ones"
        )
    (far,) = collapsed([losses], never_far(metric))
    if far:
        lies = "lies" if len(far) == 1 else "lie"
        return (
            f"between {low} and {high} {len(far)} of {len(losses)} seeds {lies} far off the "
            "others, and how often that happens decides"
        )
    return ""


def _best_words(turned: Turned, metric: Metric, best: Dose) -> str:
    shown = percent(best.mean) if metric.unit == "points" else f"{best.mean:.3f} nats"
    seeds = "1 seed" if best.seeds == 1 else f"{best.seeds} seeds"
    return (
        f"{turned.label} does best at {turned.shown(best.strength)} "
        f"({metric.label} {shown} on average over {seeds})."
    )


def _end_words(
    turned: Turned,
    metric: Metric,
    doses: Sequence[Dose],
    end: _End,
) -> str:
    number, loss = end.number, end.loss
    if number is not None and loss is not None and loss.estimate is not None:
        size, low, high = (f"{value * metric.scale:.{metric.decimals}f}" for value in loss.estimate)
        on = " on" if number < len(doses) - 1 else ""
        start = (
            f"Too much from {turned.shown(doses[number].strength)} on"
            if on
            else (f"{turned.shown(doses[number].strength)} is too much")
        )
        lower = _best(doses[:number], 1 if metric.higher_is_better else -1)
        strict = (
            f"; a {exact_percent(loss.confidence)} interval, as the best lower one was picked"
            if number > 1 and loss.confidence is not None
            else ""
        )
        than = f"than {turned.shown(lower.strength)}"
        return f"{start}: {size} {metric.unit} worse {than} ({low} to {high}{strict})."
    if end.why_not:
        return f"What is too much can't be told: {end.why_not}."
    if min(dose.seeds for dose in doses) < FEWEST_PAIRS:
        return f"What is too much can't be told yet: run at least {FEWEST_PAIRS} seeds."
    sign = 1 if metric.higher_is_better else -1
    if _best(doses, sign) is doses[-1]:
        return "That is the largest strength tried: no strength is provably too much."
    return "No strength is provably too much."
