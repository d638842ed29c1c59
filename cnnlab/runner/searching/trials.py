"""The trials of a search, as its runs and what was decided say."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.errors import ConfigError, DamagedError
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Decisions, Search, Trial, TrialState, gap_penalty
from cnnlab.searching.cost import cost_of
from cnnlab.study.measures.bands import curve
from cnnlab.study.measures.judged_epochs import mean_of_last

TURNED = "Its dials were turned by hand while it trained, so it says nothing of this setting."
STOPPED = "Stopped by hand."
INCOMPLETE = "Not all of its runs are there."
UNKNOWN = "Its last epochs have no finite value."

History = Sequence[EpochRecord]


class Trials:
    """The trials of a search; made again only where something has become of their runs.

    Args:
        search: as it was launched.
        history: the epochs of a run so far.
        classes: of its dataset.
    """

    def __init__(self, search: Search, history: Callable[[Run], History], classes: int) -> None:
        self._search = search
        self._history = history
        self._classes = classes
        self._made: dict[int, tuple[object, Trial]] = {}

    def of(self, decisions: Decisions, runs: Iterable[Run]) -> list[Trial]:
        """All trials in order; of those whose runs were deleted nothing is known.

        Args:
            decisions: taken so far.
            runs: all of the search's, the closing study's aside, in any order.

        A trial whose runs' files are damaged has failed, and so has one whose network can't be
        built in this version.

        Raises:
            StorageError: a run's files can't be read at the moment.
        """
        by_trial: dict[int, dict[int, Run]] = defaultdict(dict)
        for run in sorted(runs, key=lambda run: (run.created_at, run.id)):
            if run.trial is not None:
                by_trial[run.trial].setdefault(run.config["training"]["seed"], run)
        return [self._one(decisions, *one) for one in sorted(by_trial.items())]

    def _one(self, decisions: Decisions, number: int, runs: Mapping[int, Run]) -> Trial:
        of_runs = [
            (run.id, run.status, run.attempt, run.last.get("epoch"), run.changed_by_hand)
            for run in runs.values()
        ]
        # Whether the search goes on matters only to a trial that lacks runs.
        goes_on = decisions.status.is_live and not set(self._search.seeds) <= runs.keys()
        stamp = of_runs, decisions.pruned.get(number), goes_on
        known = self._made.get(number)
        if known is None or known[0] != stamp:
            known = self._made[number] = stamp, self._make(decisions, number, runs)
        return known[1]

    def _make(self, decisions: Decisions, number: int, runs: Mapping[int, Run]) -> Trial:
        search, first = self._search, next(iter(runs.values()))
        values = {name: value_at(first.config, name) for name in search.fields}
        ids = {seed: run.id for seed, run in sorted(runs.items())}
        try:
            epochs = {seed: self._history(run) for seed, run in sorted(runs.items())}
            second = cost_of(search, values, self._classes)
        except (ConfigError, DamagedError) as error:
            failed = TrialState.FAILED
            return Trial(number, values, failed, None, None, {}, ids, 0.0, str(error))
        state, words = _state(search, decisions, number, runs)
        value = None
        if state is TrialState.COMPLETE:
            value = math.fsum(_value(search, one) for one in epochs.values()) / len(epochs)
            if not math.isfinite(value):
                state, words, value = TrialState.FAILED, UNKNOWN, None
        return Trial(
            number=number,
            values=values,
            state=state,
            value=value,
            second=second,
            curves={seed: _curve(search, one) for seed, one in epochs.items()},
            runs=ids,
            seconds=sum(record["seconds"] for one in epochs.values() for record in one),
            words=words,
        )


def _state(
    search: Search, decisions: Decisions, number: int, runs: Mapping[int, Run]
) -> tuple[TrialState, str]:
    statuses = {run.status for run in runs.values()}
    is_whole = set(search.seeds) <= runs.keys() and statuses == {Status.FINISHED}
    if number in decisions.pruned and not is_whole:  # else its end came before ours
        return TrialState.PRUNED, decisions.pruned[number]
    failed = next((run for run in runs.values() if run.status is Status.FAILED), None)
    if failed is not None:
        return TrialState.FAILED, failed.message or "A run of it failed."
    if any(run.changed_by_hand for run in runs.values()):
        return TrialState.FAILED, TURNED
    if Status.STOPPED in statuses:
        return TrialState.STOPPED, STOPPED
    if is_whole:
        return TrialState.COMPLETE, ""
    if statuses == {Status.FINISHED} and not decisions.status.is_live:
        return TrialState.STOPPED, INCOMPLETE
    return TrialState.RUNNING, ""


def _value(search: Search, history: History) -> float:
    """What a finished run is worth, where a study would judge it; NaN where that isn't known."""
    judged = mean_of_last(history, search.judged_epochs, search.metric)
    if search.objective != "gap_penalised":
        return judged
    return judged - gap_penalty(mean_of_last(history, search.judged_epochs, "gap"))


def _curve(search: Search, history: History) -> tuple[float, ...]:
    judged = curve(history, search.metric)
    if search.objective != "gap_penalised":
        return tuple(judged)
    gaps = curve(history, "gap")
    return tuple(value - gap_penalty(gap) for value, gap in zip(judged, gaps, strict=True))
