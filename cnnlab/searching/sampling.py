"""Which setting a search tries next: Optuna's samplers, asked anew for each trial.

Nothing is kept between two questions: Optuna's study is made of the trials that there are, so that
after a kill nothing can disagree. The draws depend on the search, the trial's number and the trials
before it: asked again, they are the same. Making it of 500 trials with twelve fields takes about
0.09 s of a processor, each draw of TPE then 0.02 s, a random one 0.0005 s.

It loads Optuna, which takes a third of a second: whoever searches nothing doesn't import this.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
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
_LEARNT_DRAWS, _RANDOM_DRAWS = 3, 100
_STATES = {
    TrialState.RUNNING: optuna.trial.TrialState.RUNNING,
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
}
"""Of a trial that failed or was stopped nothing is known."""

optuna.logging.set_verbosity(optuna.logging.WARNING)


def drawn_settings(
    search: Search, trials: Sequence[Trial], number: int
) -> Iterator[dict[str, Any]]:
    """Values that a trial may have, one draw after the other where the first can't be taken.

    The sampler is asked a few times only: where few settings are left it proposes the same good
    ones again and again. Then they are drawn at random.

    Args:
        search: as it was launched.
        trials: those there are, in order; values outside of the ranges, as the start setting may
            have, can't be learnt from.
        number: of the trial; 0 is the start setting.

    Yields:
        Values by dotted field; numbers have four significant digits.
    """
    if number == 0:
        yield search.start
        return
    spaces = {one.field: _space(one) for one in search.ranges}
    if search.sampler == "tpe":
        sampler = optuna.samplers.TPESampler(seed=_seed(search, number, 0), constant_liar=True)
        study = optuna.create_study(directions=_directions(search), sampler=sampler)
        study.add_trials([_told(search, spaces, one) for one in trials if _teaches(search, one)])
        for _ in range(_LEARNT_DRAWS):
            yield _asked(search, study, spaces)
    random = optuna.samplers.RandomSampler(seed=_seed(search, number, 1))
    study = optuna.create_study(sampler=random)
    for _ in range(_RANDOM_DRAWS):
        yield _asked(search, study, spaces)


def every_setting(search: Search, most: int) -> list[dict[str, Any]] | None:
    """All settings of a search over choices and whole numbers; None where they are too many.

    Args:
        search: as it was launched.
        most: so many are listed.
    """
    values = []
    for one in search.ranges:
        if one.choices:
            values.append(one.choices)
        elif is_whole(one.field) and one.low is not None and one.high is not None:
            values.append(tuple(range(int(one.low), min(int(one.high), int(one.low) + most) + 1)))
        else:
            return None
    if math.prod(map(len, values)) > most:
        return None
    return [dict(zip(search.fields, each, strict=True)) for each in itertools.product(*values)]


def _asked(
    search: Search, study: optuna.Study, spaces: Mapping[str, BaseDistribution]
) -> dict[str, Any]:
    drawn = study.ask(dict(spaces)).params
    return {one.field: _value(one, drawn[one.field]) for one in search.ranges}


def _seed(search: Search, number: int, sampler: int) -> int:
    digest = hashlib.sha256(f"{search.id}/{number}/{sampler}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


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
