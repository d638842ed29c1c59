"""Which setting a search tries next: Optuna's samplers, asked anew each time.

Nothing is kept between two questions: Optuna's study is made of the trials that there are, so that
after a kill nothing can disagree. The draws depend on the search, the trial's number and the trials
before it: asked again, the answer is the same. Making it of 500 trials takes about 0.1 s.

It loads Optuna, which takes a third of a second: whoever searches nothing doesn't import this.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.study import StudyDirection

from cnnlab.domain.search import Range, Search, Trial, TrialState
from cnnlab.domain.search_ranges import is_whole

_DIGITS = 4
_STATES = {
    TrialState.RUNNING: optuna.trial.TrialState.RUNNING,
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
}
"""Of a trial that failed or was stopped nothing is known."""

optuna.logging.set_verbosity(optuna.logging.WARNING)


def draw_setting(
    search: Search, trials: Sequence[Trial], number: int, draw: int = 0
) -> dict[str, Any]:
    """The values that a trial shall have, by dotted field.

    Numbers have four significant digits.

    Args:
        search: as it was launched.
        trials: those there are, in order; values outside of the ranges, as the start setting may
            have, can't be learnt from.
        number: of the trial; 0 is the start setting.
        draw: of several for the same trial, where the first ones can't be taken.
    """
    if number == 0:
        return search.start
    study = optuna.create_study(
        directions=_directions(search), sampler=_sampler(search, number, draw)
    )
    spaces = {one.field: _space(one) for one in search.ranges}
    study.add_trials([_told(search, spaces, one) for one in trials if _teaches(search, one)])
    drawn = study.ask(spaces).params
    return {one.field: _value(one, drawn[one.field]) for one in search.ranges}


def _sampler(search: Search, number: int, draw: int) -> optuna.samplers.BaseSampler:
    digest = hashlib.sha256(f"{search.id}/{number}/{draw}".encode()).digest()
    seed = int.from_bytes(digest[:4], "big")
    if search.sampler == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, constant_liar=True)


def _directions(search: Search) -> list[StudyDirection]:
    is_loss = search.objective == "val_cross_entropy"
    first = StudyDirection.MINIMIZE if is_loss else StudyDirection.MAXIMIZE
    return [first, StudyDirection.MINIMIZE] if search.second else [first]


def _space(one: Range) -> BaseDistribution:
    if one.choices:
        return CategoricalDistribution([_text(value) for value in one.choices])
    assert one.low is not None, "a range has choices or two ends"
    assert one.high is not None, "a range has choices or two ends"
    if is_whole(one.field):
        return IntDistribution(int(one.low), int(one.high), log=one.log)
    return FloatDistribution(one.low, one.high, log=one.log)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, sort_keys=True)


def _value(one: Range, drawn: Any) -> Any:  # noqa: ANN401 - as Optuna has it, and any JSON value
    if one.choices:
        return json.loads(drawn)
    if is_whole(one.field):
        return int(drawn)
    rounded = float(f"{drawn:.{_DIGITS}g}")
    return min(max(rounded, one.low or 0.0), math.inf if one.high is None else one.high)


def _teaches(search: Search, trial: Trial) -> bool:
    """Whether the sampler can learn from a trial: it has a state for it, and lies in the ranges."""
    return trial.state in _STATES and all(
        _lies_in(one, trial.values[one.field]) for one in search.ranges
    )


def _lies_in(one: Range, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if one.choices:
        return _text(value) in map(_text, one.choices)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (
        is_number
        and one.low is not None
        and one.high is not None
        and (one.low <= value <= one.high)
    )


def _told(
    search: Search, spaces: Mapping[str, BaseDistribution], trial: Trial
) -> optuna.trial.FrozenTrial:
    state = _STATES[trial.state]
    values = None
    if trial.state is TrialState.COMPLETE:
        known = (trial.value, trial.second) if search.second else (trial.value,)
        values = [value for value in known if value is not None]
    return optuna.trial.create_trial(
        state=state,
        values=values,
        params={
            one.field: _text(trial.values[one.field]) if one.choices else trial.values[one.field]
            for one in search.ranges
        },
        distributions=dict(spaces),
        intermediate_values={
            epoch: value for epoch, value in enumerate(trial.curve) if math.isfinite(value)
        },
    )
