"""What a light worker does to find out which searched fields mattered: fANOVA with intervals.

Functional analysis of variance of a random forest (Hutter, Hoos, Leyton-Brown 2014, An Efficient
Approach for Assessing Hyperparameter Importance), as Optuna has it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cnnlab.domain.records.importance import FieldShare, SearchImportance
from cnnlab.domain.search import Range
from cnnlab.files import write_json
from cnnlab.jobs.kinds.importance import KEPT, ImportanceRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.process.work import Work

_TREES, _TREES_DRAWN = 32, 8
_DRAWS = 24
_LEVEL = 0.9


def find_importance(work: Work[ImportanceRequest, JobFolder, JobRecorder]) -> SearchImportance:
    """Find how much each field alone explains, and keep it beside the answer.

    Raises:
        CancelledError: nobody wants it any more.
        StorageError: the disk is full.
    """
    asked = work.request
    ranges = [Range(**one | {"choices": tuple(one["choices"])}) for one in asked.ranges]
    work.recorder.phase("Finding what mattered")
    found = importance_of(ranges, asked.settings, asked.values, work.recorder.progress)
    write_json(work.files.folder / KEPT, found)
    return found


def importance_of(
    ranges: Sequence[Range],
    settings: Sequence[Mapping[str, Any]],
    values: Sequence[float],
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> SearchImportance:
    """The share of each field with its interval.

    The interval is that of the bootstrap: as many trials are drawn anew, with replacement, 24
    times, and the shares' 5 % and 95 % quantiles are taken. So it says how much a share depends on
    which trials there happened to be. It doesn't hold what a forest of so few trials can't see: a
    small effect, or one that goes up and down again, is found smaller than it is.

    Args:
        ranges: of the fields; those with `log` are judged by their logarithm.
        settings: by dotted field, each within the ranges.
        values: of the objective, finite, one for each setting.
        on_progress: is told how many draws are done, of how many.
    """
    spaces = {one.field: _ends(one) for one in ranges}
    placed = [{one.field: _place(one, each[one.field]) for one in ranges} for each in settings]
    shares = _shares(spaces, placed, values, trees=_TREES, seed=0)
    generator = np.random.default_rng(0)
    drawn: list[dict[str, float]] = []
    for draw in range(_DRAWS):
        on_progress(draw, _DRAWS)
        chosen = generator.integers(0, len(placed), len(placed))
        again = [placed[index] for index in chosen], [values[index] for index in chosen]
        drawn.append(_shares(spaces, *again, trees=_TREES_DRAWN, seed=draw))
    fields = {
        field: _with_interval(shares[field], [each[field] for each in drawn]) for field in spaces
    }
    return {"trials": len(placed), "fields": fields}


def _with_interval(share: float, drawn: Sequence[float]) -> FieldShare:
    low, high = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return {"share": share, "low": min(share, float(low)), "high": max(share, float(high))}


def _ends(one: Range) -> tuple[float, float]:
    """Of the places of a field's values on an axis along which all weigh alike.

    A choice has a stretch of length 1 for itself. Optuna would give each an axis of its own, with
    places where two choices hold at once: of a true 0.25, 60 trials showed 0.10 instead of 0.14.
    """
    if one.choices:
        return -0.5, len(one.choices) - 0.5
    assert one.low is not None and one.high is not None, "a range without choices has both ends"
    return _scaled(one, one.low), _scaled(one, one.high)


def _place(one: Range, value: Any) -> float:  # noqa: ANN401 - any JSON value
    return float(one.choices.index(value)) if one.choices else _scaled(one, value)


def _scaled(one: Range, value: float) -> float:
    """A number as fANOVA gets it, which weighs all of a range alike: its logarithm, if drawn so."""
    return math.log10(value) if one.log else float(value)


def _shares(
    spaces: Mapping[str, tuple[float, float]],
    settings: Sequence[Mapping[str, float]],
    values: Sequence[float],
    *,
    trees: int,
    seed: int,
) -> dict[str, float]:
    """The share of each field; 0 for all where every trial is worth the same."""
    from optuna import create_study, logging  # noqa: PLC0415 - seconds that few workers need
    from optuna.distributions import FloatDistribution  # noqa: PLC0415
    from optuna.importance import FanovaImportanceEvaluator  # noqa: PLC0415
    from optuna.trial import create_trial  # noqa: PLC0415

    if len(set(values)) < 2:  # the forest's variance is 0, and by it Optuna would divide
        return dict.fromkeys(spaces, 0.0)
    logging.set_verbosity(logging.WARNING)
    axes = {field: FloatDistribution(*ends) for field, ends in spaces.items()}
    study = create_study()
    study.add_trials(
        [
            create_trial(params=dict(each), distributions=dict(axes), value=value)
            for each, value in zip(settings, values, strict=True)
        ]
    )
    found = FanovaImportanceEvaluator(n_trees=trees, seed=seed).evaluate(study)
    return {field: float(found[field]) for field in spaces}
