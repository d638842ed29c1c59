"""What is known of a search: its trials, the best of them, and what that is worth."""

import math
import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.domain.search import (
    Decisions,
    Search,
    SearchStatus,
    Trial,
    TrialState,
    gap_penalty,
)
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.searching.searches import search_runs
from cnnlab.lab.study.run_records import run_history
from cnnlab.lab.study.view import StudyView, view_study
from cnnlab.lab.workplace import workplace
from cnnlab.runner.searching.trials import Trials
from cnnlab.searching.best import best_trial, front
from cnnlab.searching.closing import WINNER
from cnnlab.searching.wording import Luck, search_words
from cnnlab.storage.searches import SearchStore
from cnnlab.study.verdicts import Comparison

_FEWEST_CLASSES, _FEWEST_FRESH = 2, 2


@dataclass(frozen=True)
class SearchView:
    """Everything that the page and the command line show of a search.

    Attributes:
        search: as it was launched.
        status: where it stands.
        message: one sentence on how it ended, or why it waits; empty where there is none.
        trials: in order; 0 is the start setting.
        best: of them; once the closing study is decided, the one that it trains again. None before
            the first is complete.
        front: numbers of the trials that no other one beats; without a second objective the best.
        seconds_used: for how long its runs have trained, the closing study's aside.
        seconds_left: about how long until the last trial has ended; None where nothing is known.
        study: id of the closing study; None where there is none yet, or it was deleted.
        verdict: of the winner against the start setting; None before that study has runs.
        luck: how much better the winner looked in the search than it is there; None before that
            is known.
        words: what to know before the best is believed; sentences.
    """

    search: Search
    status: SearchStatus
    message: str
    trials: tuple[Trial, ...]
    best: Trial | None
    front: tuple[int, ...]
    seconds_used: float
    seconds_left: float | None
    study: str | None
    verdict: Comparison | None
    luck: Luck | None
    words: tuple[str, ...]


@asks(Action.VIEW)
def view_search(search: str) -> SearchView:
    """Everything that is known of a search.

    Where the closing study shows verdicts this counts as a look at them, as `view_study` does.

    Raises:
        NotFoundError: there is no search with this id.
        StorageError: its files are damaged.
    """
    stores = workplace()
    searches = SearchStore(stores.home)
    found, decisions = searches.load(search), searches.decisions(search)
    trials = known_trials(found, decisions, search_runs(search))
    chosen = next((one for one in trials if one.number == decisions.winner), None)
    best = chosen or best_trial(found, trials)
    study = _study_of(decisions)
    luck = None if study is None or chosen is None else _luck(found, chosen, study)
    return SearchView(
        search=found,
        status=decisions.status,
        message=decisions.message,
        trials=tuple(trials),
        best=best,
        front=front(found, trials),
        seconds_used=decisions.seconds,
        seconds_left=_seconds_left(found, decisions, trials),
        study=None if study is None else study.study.id,
        verdict=None if study is None else study.verdicts.get(WINNER),
        luck=luck,
        words=tuple(search_words(found, decisions, trials, best, luck)),
    )


def known_trials(search: Search, decisions: Decisions, runs: Sequence[Run]) -> list[Trial]:
    """The trials that some of a search's runs belong to; made again only where one has changed.

    Raises:
        NotFoundError: its dataset is gone.
        StorageError: a run's files can't be read at the moment.
    """
    stores = workplace()
    classes = max(_FEWEST_CLASSES, len(stores.datasets.load(search.dataset).classes))
    key = str(stores.home.root), search.id, classes
    with _lock:
        trials = _known.pop(key, None) or Trials(search, run_history, classes)
        _known[key] = trials
        if len(_known) > _MOST_KNOWN:
            _known.pop(next(iter(_known)))
        return trials.of(decisions, runs)


_MOST_KNOWN = 32
"""A page of a search of 500 trials is drawn every few seconds."""

_lock = threading.Lock()
_known: dict[tuple[str, str, int], Trials] = {}
"""By home, search and classes; those used last are last."""


def _study_of(decisions: Decisions) -> StudyView | None:
    if decisions.study is None:
        return None
    try:
        return view_study(decisions.study)
    except NotFoundError:  # not there yet, or deleted
        return None


def _luck(search: Search, winner: Trial, study: StudyView) -> Luck | None:
    """How much better than with fresh seeds the winner looked; None before all have ended."""
    of_seeds = study.values[search.metric].get(WINNER, {})
    ended = {seed for seed, run in study.runs.get(WINNER, {}).items() if run.status.is_ended}
    if winner.value is None or not set(study.study.seeds) <= ended or len(of_seeds) < _FEWEST_FRESH:
        return None
    fresh = list(of_seeds.values())
    if search.objective == "gap_penalised":
        gaps = study.values["gap"].get(WINNER, {})
        if gaps.keys() != of_seeds.keys():
            return None
        fresh = [value - gap_penalty(gaps[seed]) for seed, value in of_seeds.items()]
    flattered = winner.value - math.fsum(fresh) / len(fresh)
    return Luck(
        optimism=-flattered if search.objective == "val_cross_entropy" else flattered,
        error=statistics.stdev(fresh) / math.sqrt(len(fresh)),
        seeds=len(fresh),
    )


def _seconds_left(search: Search, decisions: Decisions, trials: list[Trial]) -> float | None:
    """From the trials so far; None before the first has ended, and where nothing is left."""
    ended = [trial for trial in trials if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    if decisions.status is not SearchStatus.SEARCHING or not ended:
        return None
    each = decisions.seconds / len(ended)  # several at once share it
    left = []
    if search.trials is not None:
        left.append((search.trials - sum(trial.is_ended for trial in trials)) * each)
    if search.minutes is not None:
        running = any(not trial.is_ended for trial in trials)
        left.append(max(search.minutes * 60 - decisions.seconds, each / 2 if running else 0.0))
    return max(0.0, min(left))
