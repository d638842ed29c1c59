"""The learning rate at any step, as a pure function of the config and the history.

Because it depends on nothing else, a resumed run takes up the same rates, and the form can draw
the curve before a run starts.
"""

import math
from collections.abc import Sequence

from cnnlab.domain.config.optimizer import (
    Cosine,
    CosineRestarts,
    Exponential,
    InverseTime,
    OneCycle,
    Optimizer,
    Polynomial,
    ReduceOnPlateau,
    Schedule,
    Step,
)

_ONE_CYCLE_RISE = 0.3


def learning_rate_at(
    optimizer: Optimizer,
    step: int,
    *,
    steps_per_epoch: int,
    epochs: int,
    val_cross_entropies: Sequence[float | None] = (),
) -> float:
    """Learning rate of one weight update.

    Args:
        optimizer: the config's part with `learning_rate` and `schedule`.
        step: 0-based update since the start of the run.
        steps_per_epoch: updates per epoch.
        epochs: planned length of the run.
        val_cross_entropies: of the epochs that are finished; only for reduce_on_plateau.
    """
    schedule, rate = optimizer.schedule, optimizer.learning_rate
    if schedule is None:
        return rate
    epoch = step / steps_per_epoch
    if isinstance(schedule, OneCycle):
        return rate * _one_cycle(schedule, epoch, epochs)
    warmup = schedule.warmup_epochs
    if epoch < warmup:
        return rate * (step + 1) / (warmup * steps_per_epoch + 1)
    if isinstance(schedule, ReduceOnPlateau):
        fallen = schedule.factor ** _plateaus(schedule, val_cross_entropies)
        return rate * max(fallen, schedule.least_fraction)
    return rate * _decayed(schedule, epoch - warmup, max(epochs - warmup, 1e-9))


def peak_words(schedule: Schedule | None) -> str:
    """What the learning rate is to a schedule, in a sentence; empty where it never changes."""
    if schedule is None:
        return ""
    rises = isinstance(schedule, OneCycle) or schedule.warmup_epochs > 0
    return (
        f"The {schedule.name.replace('_', ' ')} schedule {'rises to' if rises else 'begins at'} "
        "this rate, its peak, and falls from there."
    )


def _decayed(schedule: Schedule, since: float, length: float) -> float:
    """Share of the learning rate that is left `since` epochs after the warm-up."""
    match schedule:
        case Cosine(final_fraction=final):
            return _between(final, _half_cosine(min(since / length, 1.0)))
        case CosineRestarts():
            return _cosine_restarts(schedule, since)
        case Exponential(factor=factor, every_epochs=every):
            return math.pow(factor, since / every)
        case Step(factor=factor, every_epochs=every):
            return factor ** math.floor(since / every)
        case Polynomial(power=power, final_fraction=final):
            return _between(final, (1 - min(since / length, 1.0)) ** power)
        case InverseTime(decay=decay):
            return 1 / (1 + decay * since)
    raise TypeError(f"Not a schedule that decays by time alone. Received: schedule={schedule!r}")


def _between(final: float, share: float) -> float:
    return final + (1 - final) * share


def _half_cosine(progress: float) -> float:
    """1 at the start, 0 at the end."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def _one_cycle(schedule: OneCycle, epoch: float, epochs: int) -> float:
    rise = min(schedule.warmup_epochs, epochs) or _ONE_CYCLE_RISE * epochs
    if epoch < rise:
        return 1 + (schedule.start_fraction - 1) * _half_cosine(epoch / rise)
    progress = min((epoch - rise) / max(epochs - rise, 1e-9), 1.0)
    return _between(schedule.final_fraction, _half_cosine(progress))


def _cosine_restarts(schedule: CosineRestarts, since: float) -> float:
    period, height = schedule.first_period_epochs, 1.0
    while since >= period:
        since -= period
        period *= schedule.period_factor
        height *= schedule.restart_factor
    return height * _half_cosine(since / period)


def _plateaus(schedule: ReduceOnPlateau, values: Sequence[float | None]) -> int:
    """How often the rate was reduced after the finished epochs."""
    best, waited, count = math.inf, 0, 0
    for value in values:
        if value is not None and value < best - schedule.min_delta:
            best, waited = value, 0
            continue
        waited += 1
        if waited >= schedule.patience_epochs:
            count, waited = count + 1, 0
    return count
