"""Which trials are best: by one objective, or by two of which neither may be had for nothing."""

from collections.abc import Sequence

from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.domain.study import MARGINS


def best_trial(search: Search, trials: Sequence[Trial]) -> Trial | None:
    """The trial that the closing study tries again; None before the first is complete.

    With a second objective it is the one that has least of that among those no worse than the best
    by more than the usual margin of studies: up to it differences don't matter, size does. Of equal
    ones the earliest, so that the start setting stays where nothing beats it.
    """
    complete = _complete(trials)
    if not complete:
        return None
    best = complete[0]
    for trial in complete:
        if search.is_better(_value(trial), than=_value(best)):
            best = trial
    if search.second is None:
        return best
    margin = MARGINS[search.metric][1]
    near = [one for one in complete if abs(_value(one) - _value(best)) <= margin]
    return min(near, key=lambda one: (_second(one), abs(_value(one) - _value(best)), one.number))


def front(search: Search, trials: Sequence[Trial]) -> tuple[int, ...]:
    """Numbers of the complete trials that no other one beats (the Pareto front), by the second one.

    Without a second objective it is the best one alone. One beats another if it is no worse in
    either objective and better in one.
    """
    if search.second is None:
        best = best_trial(search, trials)
        return () if best is None else (best.number,)
    sign = 1 if search.is_better(0.0, than=1.0) else -1
    ordered = sorted(
        _complete(trials), key=lambda one: (_second(one), sign * _value(one), one.number)
    )
    kept: list[Trial] = []
    for trial in ordered:
        if not kept or search.is_better(_value(trial), than=_value(kept[-1])):
            kept.append(trial)
    return tuple(trial.number for trial in kept)


def _complete(trials: Sequence[Trial]) -> list[Trial]:
    return [one for one in trials if one.state is TrialState.COMPLETE and one.value is not None]


def _value(trial: Trial) -> float:
    assert trial.value is not None, "complete trials have one"
    return trial.value


def _second(trial: Trial) -> float:
    return float("inf") if trial.second is None else trial.second
